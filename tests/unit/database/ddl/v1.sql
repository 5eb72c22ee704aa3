CREATE TABLE user (
	id VARCHAR NOT NULL, 
	display_name VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	religious_preference VARCHAR(50), 
	prayer_style VARCHAR(100), 
	invited_by_user_id VARCHAR, 
	invite_token_used VARCHAR, 
	welcome_message_dismissed BOOLEAN NOT NULL, 
	text_file_path VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE (display_name)
);
CREATE TABLE prayer (
	id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	generated_prayer VARCHAR, 
	project_tag VARCHAR, 
	created_at DATETIME NOT NULL, 
	flagged BOOLEAN NOT NULL, 
	target_audience VARCHAR(50), 
	text_file_path VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE prayermark (
	id VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	prayer_id VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	text_file_path VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE prayerskip (
	id VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	prayer_id VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE authenticationrequest (
	id VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	device_info VARCHAR, 
	ip_address VARCHAR, 
	verification_code VARCHAR, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	status VARCHAR NOT NULL, 
	approved_by_user_id VARCHAR, 
	approved_at DATETIME, 
	PRIMARY KEY (id)
);
CREATE TABLE authapproval (
	id VARCHAR NOT NULL, 
	auth_request_id VARCHAR NOT NULL, 
	approver_user_id VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE authauditlog (
	id VARCHAR NOT NULL, 
	auth_request_id VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	actor_user_id VARCHAR, 
	actor_type VARCHAR, 
	details VARCHAR, 
	ip_address VARCHAR, 
	user_agent VARCHAR, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE securitylog (
	id VARCHAR NOT NULL, 
	event_type VARCHAR NOT NULL, 
	user_id VARCHAR, 
	ip_address VARCHAR, 
	user_agent VARCHAR, 
	details VARCHAR, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE session (
	id VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	auth_request_id VARCHAR, 
	device_info VARCHAR, 
	ip_address VARCHAR, 
	is_fully_authenticated BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE invitetoken (
	token VARCHAR NOT NULL, 
	created_by_user VARCHAR NOT NULL, 
	used BOOLEAN NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_by_user_id VARCHAR, 
	PRIMARY KEY (token)
);
CREATE TABLE changelogentry (
	commit_id VARCHAR(40) NOT NULL, 
	original_message VARCHAR NOT NULL, 
	friendly_description VARCHAR, 
	change_type VARCHAR(20), 
	commit_date DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (commit_id)
);
CREATE TABLE role (
	id VARCHAR NOT NULL, 
	name VARCHAR(50) NOT NULL, 
	description VARCHAR(255), 
	permissions VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by VARCHAR, 
	is_system_role BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name), 
	FOREIGN KEY(created_by) REFERENCES user (id)
);
CREATE TABLE prayer_attributes (
	id VARCHAR NOT NULL, 
	prayer_id VARCHAR NOT NULL, 
	attribute_name VARCHAR(50) NOT NULL, 
	attribute_value VARCHAR(255), 
	created_at DATETIME NOT NULL, 
	created_by VARCHAR, 
	text_file_path VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(prayer_id) REFERENCES prayer (id), 
	FOREIGN KEY(created_by) REFERENCES user (id)
);
CREATE TABLE notification_state (
	id VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	auth_request_id VARCHAR NOT NULL, 
	notification_type VARCHAR(50) NOT NULL, 
	is_read BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	read_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(user_id) REFERENCES user (id), 
	FOREIGN KEY(auth_request_id) REFERENCES authenticationrequest (id)
);
CREATE TABLE prayer_activity_log (
	id VARCHAR NOT NULL, 
	prayer_id VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	action VARCHAR(50) NOT NULL, 
	old_value VARCHAR(255), 
	new_value VARCHAR(255), 
	created_at DATETIME NOT NULL, 
	text_file_path VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(prayer_id) REFERENCES prayer (id), 
	FOREIGN KEY(user_id) REFERENCES user (id)
);
CREATE TABLE user_roles (
	id VARCHAR NOT NULL, 
	user_id VARCHAR NOT NULL, 
	role_id VARCHAR NOT NULL, 
	granted_by VARCHAR, 
	granted_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(user_id) REFERENCES user (id), 
	FOREIGN KEY(role_id) REFERENCES role (id), 
	FOREIGN KEY(granted_by) REFERENCES user (id)
);
