"""Archive text for database rows that have none."""
