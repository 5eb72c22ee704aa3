"""The traps of the archive format spec, section 6.2, in every dialect but the live one: each case by number and dialect.

The live dialect's cases stand in ``test_traps``. A trap is left out where a dialect cannot have it: JSON has no delimiters
(T5, T6, T16), only the live activity log has tags in brackets (T14), only prayer files can lack their id (T3), and so on.

E1 and E2 are the bulk exports, Z-site and Z-own the downloads of the whole site and of one person, J the JSON export.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.unit.archives.test_load import assert_accounted, write
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.records import Archive
from thywill_reconstruct.times import show

ID, OTHER = "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6", "1" * 32
WHEN, LATER = "July 06 2025 at 09:05", "July 07 2025 at 10:00"
HEAD = f"Prayer {ID} by Max\nSubmitted {WHEN}\n\n"
MARK = f"{WHEN} - Anna prayed this prayer\n"
# Where a prayer file lies in either download.
SITE = "complete_site_archive/prayers/2025/07/2025_07_06_prayer_at_0905.txt"
OWN = f"Max_text_archive/prayers/prayer_{ID}_2025_07_06.txt"
DOWNLOADS = {"Z-site": SITE, "Z-own": OWN}
NAMES = ["Connie by Jones", "Anna - Lena", "A prayed this prayer", "D at E", "F joined directly", "B: C", "G | H"]

Read = Callable[[Mapping[str, str]], Archive]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read files as a folder, or as a ZIP if they are a download."""

    def load(files: Mapping[str, str]) -> Archive:
        place = tmp_path / "text_archives"
        if any(path.partition("/")[0].endswith("_archive") for path in files):
            place = tmp_path / "download.zip"
            with zipfile.ZipFile(place, "w") as container:
                for path, text in files.items():
                    container.writestr(path, text)
        else:
            write(place, {path: text.encode() for path, text in files.items()})
        archive = load_archive(place)
        assert_accounted(archive)
        return archive

    return load


def export(columns: str, *rows: str, title: str = "Some Title") -> str:
    """A bulk export: two empty lines before the rows, no LF behind the last one."""
    return f"{title} (exported {LATER})\nFormat: {columns}\n\n" + "".join("\n" + row for row in rows)


def fields(archive: Archive) -> list[dict[str, str]]:
    return [dict(record.fields) for record in archive.others]


def codes(archive: Archive) -> list[str]:
    return [problem.code for problem in archive.problems]


ATTRIBUTE = "id|created_at|prayer_id|attribute_name|attribute_value|created_by"
ATTRIBUTES = "prayers/prayer_attributes.txt"
LOG = "id|created_at|prayer_id|user_id|action|old_value|new_value"
LOGS = "prayers/prayer_activity_logs.txt"
MARKS = "prayers/prayer_marks.txt"
SECURITY = "timestamp|event_type|user_id|ip_address|details"
SESSION = "{}|session_id|username|expires_at|device_info|ip_address|is_fully_authenticated"
TOKENS = {
    "E1": ("database_exports/invites/invite_tokens.txt", "token|created_by|usage_count|max_uses|expires_at|used_by_user"),
    "E2": ("invites/invite_tokens.txt", "token|created_by_user|usage_count|max_uses|expires_at|used_by_user_id"),
}  # fmt: skip


# --- T1, T2: what is typed looks like structure -------------------------------------------------------------------


@pytest.mark.parametrize("path", DOWNLOADS.values(), ids=DOWNLOADS)
def test_t01_section_markers_inside_the_text_of_a_download(read: Read, path: str) -> None:
    archive = read({path: f"{HEAD}one\n\nGenerated Prayer:\ntwo\n\nGenerated Prayer:\nthree\n\nActivity:\n{MARK}"})
    assert codes(archive) == ["AR005"]
    (prayer,) = archive.prayers
    assert (prayer.text, prayer.generated) == ("one", "two\n\nGenerated Prayer:\nthree")
    assert prayer.alternatives[0] == ("one\n\nGenerated Prayer:\ntwo", "three")
    assert not prayer.text_certain


def test_t01_e2_markers_and_headers_inside_a_value(read: Read) -> None:
    value = f"Home.\n\nActivity:\nFormat: x\nAttributes\n{WHEN} - Anna prayed this prayer"
    archive = read({ATTRIBUTES: export(ATTRIBUTE, f"a1|{WHEN}|{ID}|answer_testimony|{value}|Max")})
    assert (fields(archive)[0]["attribute_value"], codes(archive)) == (value, [])


def test_t01_j_markers_inside_a_text(read: Read) -> None:
    """The export has a column for either text, so nothing is open."""
    row = {"id": ID, "text": "one\n\nGenerated Prayer:\ntwo", "generated_prayer": "three\n\nActivity:\nfour"}
    archive = read({"prayers.json": json.dumps([row])})
    assert (fields(archive), codes(archive)) == ([row], [])


@pytest.mark.parametrize("path", DOWNLOADS.values(), ids=DOWNLOADS)
def test_t02_colons_and_empty_lines_in_a_download(read: Read, path: str) -> None:
    (prayer,) = read({path: f"{HEAD}\nPlease: pray.\n\n\n  Time: 9\n\nActivity:\n"}).prayers
    assert prayer.text == "\nPlease: pray.\n\n\n  Time: 9"


@pytest.mark.parametrize(
    "path", ["database_exports/security/2025_07_security.txt", "security/2025_07_security_events.txt"]
)
def test_t02_e1_and_e2_colons_and_equal_signs(read: Read, path: str) -> None:
    details = "session_id=ab12, fully_authenticated=True: yes"
    archive = read({path: export(SECURITY, f"{WHEN}|session_created|Max|203.0.113.9|{details}")})
    assert fields(archive)[0]["details"] == details


def test_t02_user_attributes_keep_colons_in_names(read: Read) -> None:
    archive = read({"users/user_attributes.txt": "User Attributes\n\nusername: B: C\nis_supporter: true\n\n"})
    assert fields(archive) == [{"username": "B: C", "is_supporter": "true"}]


# --- T3: no id ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["temp", "None"])
def test_t03_a_file_without_id_in_a_download(read: Read, word: str) -> None:
    archive = read({SITE: f"{HEAD}x\n\nActivity:\n{MARK}".replace(ID, word)})
    assert codes(archive) == ["AR004"]
    assert (archive.prayers[0].prayer_id, archive.prayers[0].author) == (None, "Max")


# --- T4: delimiters in names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_t04_e1_delimiters_inside_names(read: Read, name: str) -> None:
    path, columns = TOKENS["E1"]
    requests = "created_at|user_id|device_info|ip_address|status|expires_at"
    roles = "granted_at|user_id|role_id|granted_by|expires_at"
    files = {path: export(columns, f"ab12|{name}|1|unlimited|{WHEN}|none")}
    if "|" not in name:
        files |= {
            "database_exports/authentication/auth_requests.txt": export(
                requests, f"{WHEN}|{name}|X|y|pending|{LATER}"
            ),
        }
    files["database_exports/roles/user_roles.txt"] = export(roles, f"{WHEN}|{name}|r1|Max|never")
    archive = read(files)
    assert archive.problems == ()
    assert {one.get("user_id", one.get("created_by")) for one in fields(archive)} == {name}


@pytest.mark.parametrize("name", NAMES)
def test_t04_e2_delimiters_inside_names(read: Read, name: str) -> None:
    files = {
        MARKS: export("id|created_at|prayer_id|username", f"m1|{WHEN}|{ID}|{name}"),
        ATTRIBUTES: export(ATTRIBUTE, f"a1|{WHEN}|{ID}|answer_testimony|one \\| two|{name}"),
        LOGS: export(LOG, f"l1|{WHEN}|{ID}|{name}|set_archived||true"),
    }
    archive = read(files)
    assert archive.problems == ()
    assert [one.get("username") or one.get("created_by") or one.get("user_id") for one in fields(archive)] == [
        name
    ] * 3


@pytest.mark.parametrize("name", [name for name in NAMES if "|" not in name])
def test_t04_z_delimiters_inside_names(read: Read, name: str) -> None:
    """Of a person's own registration file, every line that holds the name: also of those whom the person invited."""
    top = "X_text_archive"
    lines = f"{WHEN} - {name} joined directly\n{LATER} - Bert joined on invitation from {name}\n"
    files = {
        f"{top}/personal/registration.txt": f"User Registration Information:\n\n{lines}",
        f"{top}/activities/my_prayer_activities.txt": (
            f"Prayer Activities for {name}\n{'=' * 50}\n\nJuly 06 2025\n09:05 - Prayed for prayer {ID}\n\n"
        ),
        f"{top}/prayers/prayer_{ID}_2025_07_06.txt": f"{HEAD}x\n\nActivity:\n".replace("by Max", f"by {name}"),
    }
    archive = read(files)
    own, invited = archive.registrations
    assert own.readings[0] == (name, None)
    assert ("Bert", name) in invited.readings
    assert codes(archive) == (["AR012"] if len(invited.readings) > 1 else []), (
        "two readings are never settled by the reader"
    )
    assert fields(archive) == [{"prayer_id": ID, "username": name}]
    assert archive.prayers[0].author == name


@pytest.mark.parametrize("name", NAMES)
def test_t04_j_and_session_backups_delimiters_inside_names(read: Read, name: str) -> None:
    session = {"session_id": "s1", "username": name, "created_at": "2025-07-06T09:05:00"}
    archive = read(
        {
            "prayers/keep.md": "",
            "users.json": json.dumps([{"id": OTHER, "display_name": name}]),
            "sessions_backup.json": json.dumps({"total_sessions": 1, "sessions": [session]}),
        }
    )
    assert [(one.key, one.name) for one in archive.identities] == [(OTHER, name)]
    assert name in {one.get("username") for one in fields(archive)}


# --- T5, T6: rows that are glued, lines that are none -------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("database_exports/sessions/2025_07_sessions.txt", "timestamp"),
        ("sessions/2025_07_sessions.txt", "created_at"),
    ],
    ids=["E1", "E2"],
)
def test_t05_a_live_row_glued_to_an_export(read: Read, path: str, first: str) -> None:
    rows = f"{WHEN}|s1|Max|{LATER}|unknown|unknown|yes{WHEN}|s2|Anna|{LATER}|||no\n"
    archive = read({path: export(SESSION.format(first), rows, title="Sessions for July 2025")})
    assert [one["session_id"] for one in fields(archive)] == ["s1", "s2"]
    assert archive.problems == ()


def test_t05_e2_any_other_glued_rows_are_reported(read: Read) -> None:
    """Nobody's name is what two rows leave: neither of them counts."""
    rows = [f"m1|{WHEN}|{ID}|Maxm2|{WHEN}|{ID}|Anna", f"m3|{WHEN}|{ID}|Bert"]
    archive = read({MARKS: export("id|created_at|prayer_id|username", *rows)})
    assert (codes(archive), [one["username"] for one in fields(archive)]) == (["AR009"], ["Bert"])


@pytest.mark.parametrize("path", DOWNLOADS.values(), ids=DOWNLOADS)
def test_t05_a_torn_write_in_a_download(read: Read, path: str) -> None:
    archive = read({path: f"{HEAD}x\n\nActivity:\n{WHEN} - An{MARK}"})
    assert codes(archive) == ["AR009"]
    assert [(a.actor, a.doubtful) for a in archive.prayers[0].activities] == [("Anna", True)]


@pytest.mark.parametrize("dialect", TOKENS)
@pytest.mark.parametrize("gap", ["", "\n", "\n\n"])
def test_t06_e1_and_e2_titles_and_format_lines_are_no_rows(read: Read, dialect: str, gap: str) -> None:
    path, columns = TOKENS[dialect]
    archive = read({path: f"Invite Tokens (exported {WHEN})\nFormat: {columns}\n{gap}ab12|Max|1|2|{WHEN}|none"})
    assert (len(archive.others), codes(archive)) == (1, [])


def test_t06_z_titles_are_no_rows(read: Read) -> None:
    top = "X_text_archive"
    archive = read(
        {
            f"{top}/personal/registration.txt": "User Registration Information:\n\n",
            f"{top}/activities/my_prayer_activities.txt": (
                f"Prayer Activities for X\n{'=' * 50}\n\nNo prayer activities found.\n"
            ),
            f"{top}/community/users/2025_07_users.txt": "User Registrations for July 2025\n\n",
            f"{top}/prayers/prayer_{ID}_2025_07_06.txt": f"{HEAD}x\n\nActivity:\n",
        }
    )
    assert (archive.registrations, archive.others, archive.problems) == ((), (), ())


# --- T7, T13: the same event told more than once ------------------------------------------------------------------


def test_t07_z_a_person_s_copy_beside_the_community_s(read: Read) -> None:
    text = f"{HEAD}x\n\nActivity:\n{MARK}"
    archive = read({SITE: text, SITE.replace(".txt", "_2.txt"): f"{text}{MARK}"})
    assert [prayer.prayer_id for prayer in archive.prayers] == [ID, ID]
    assert archive.problems == ()


def test_t13_e2_and_j_rows_are_not_thinned_out(read: Read) -> None:
    """Two rows of one minute are two marks; sources are united only where they are compared."""
    rows = [f"m{n}|{WHEN}|{ID}|Anna" for n in (1, 2)]
    exported = [{"id": f"j{n}", "prayer_id": ID, "user_id": OTHER} for n in (1, 2)]
    archive = read(
        {
            MARKS: export("id|created_at|prayer_id|username", *rows),
            "prayer_marks.json": json.dumps(exported),
        }
    )
    assert [one["id"] for one in fields(archive)] == ["m1", "m2", "j1", "j2"]


def test_t13_z_a_person_s_own_marks_beside_the_prayer_s(read: Read) -> None:
    twice = f"09:05 - Prayed for prayer {ID}\n" * 2
    archive = read(
        {
            OWN: f"{HEAD}x\n\nActivity:\n{MARK}{MARK}",
            "Max_text_archive/activities/my_prayer_activities.txt": (
                f"Prayer Activities for Anna\n{'=' * 50}\n\nJuly 06 2025\n{twice}\n"
            ),
        }
    )
    assert (len(archive.prayers[0].activities), len(archive.others)) == (2, 2)


# --- T8 to T10: words that say nothing ----------------------------------------------------------------------------


def test_t08_e2_and_j_unknown_actions_are_kept_as_written(read: Read) -> None:
    row = {"id": "j1", "prayer_id": ID, "user_id": OTHER, "action": "unknown"}
    archive = read(
        {
            LOGS: export(LOG, f"l1|{WHEN}|{ID}|Max|unknown||"),
            "prayer_activity_log.json": json.dumps([row]),
        }
    )
    assert [one["action"] for one in fields(archive)] == ["unknown", "unknown"]


def test_t08_z_unknown_carries_no_information(read: Read) -> None:
    assert codes(read({SITE: f"{HEAD}x\n\nActivity:\n{WHEN} - Anna unknown\n"})) == ["AR008"]


@pytest.mark.parametrize(
    "name", ["Mary", "Unknown User", "None", "admin", "system", "anonymous", "unknown", "a" * 32]
)
def test_t09_and_t10_names_that_may_be_nobody_are_kept_as_written(read: Read, name: str) -> None:
    archive = read(
        {
            MARKS: export("id|created_at|prayer_id|username", f"m1|{WHEN}|{ID}|{name}"),
            "security/2025_07_security_events.txt": export(SECURITY, f"{WHEN}|rate_limit|{name}|unknown|"),
            "database_exports/roles/user_roles.txt": export(
                "granted_at|user_id|role_id|granted_by|expires_at", f"{WHEN}|{name}|r1|{name}|never"
            ),
            "users.json": json.dumps([{"id": "admin", "display_name": name}]),
        }
    )
    assert archive.problems == ()
    found = [one.get("username") or one.get("user_id") or one.get("display_name") for one in fields(archive)]
    assert found == [name] * 4


# --- T11, T12: typed text of several lines ------------------------------------------------------------------------


def test_t11_e2_a_testimony_spills_over_lines(read: Read) -> None:
    value = f"Home.\n\nPraise!\n{WHEN} - Bert prayed this prayer"
    rows = [f"l1|{WHEN}|{ID}|Max|testimony||{value}", f"l2|{WHEN}|{ID}|Max|set_answer_testimony|old\nlines|{value}"]
    archive = read({LOGS: export(LOG, *rows)})
    assert [(one["old_value"], one["new_value"]) for one in fields(archive)] == [("", value), ("old\nlines", value)]
    assert archive.problems == ()


@pytest.mark.parametrize(
    "path", ["database_exports/security/2025_07_security.txt", "security/2025_07_security_events.txt"]
)
def test_t11_e1_and_e2_details_spill_over_lines(read: Read, path: str) -> None:
    rows = [f"{WHEN}|admin_action|Max|203.0.113.9|He wrote:\n\nthis = that", f"{LATER}|rate_limit|Max|203.0.113.9|"]
    archive = read({path: export(SECURITY, *rows)})
    assert [one["details"] for one in fields(archive)] == ["He wrote:\n\nthis = that", ""]
    assert archive.problems == ()


@pytest.mark.parametrize("path", DOWNLOADS.values(), ids=DOWNLOADS)
def test_t11_z_quotes_that_close_lines_later(read: Read, path: str) -> None:
    lines = f"{WHEN} - Anna set answer_testimony to 'Home.\n\nPraise!'\n{MARK}"
    (prayer,) = read({path: f"{HEAD}x\n\nActivity:\n{lines}"}).prayers
    assert [(a.kind, a.detail, a.doubtful) for a in prayer.activities] == [
        ("set", "answer_testimony\0Home.\n\nPraise!", False),
        ("prayed", "", True),
    ]


@pytest.mark.parametrize("path", DOWNLOADS.values(), ids=DOWNLOADS)
def test_t12_z_only_lf_and_cr_lf_end_lines(read: Read, path: str) -> None:
    text = "one\u2028two\x85three\x0cfour\rfive"
    (prayer,) = read({path: f"{HEAD}{text}\n\nActivity:\n{MARK}".replace("\n", "\r\n")}).prayers
    assert (prayer.text, len(prayer.activities)) == (text, 1)


def test_t12_e2_and_j_only_lf_and_cr_lf_end_lines(read: Read) -> None:
    value = "one\u2028two\x85three\x0cfour"
    archive = read(
        {
            ATTRIBUTES: export(ATTRIBUTE, f"a1|{WHEN}|{ID}|answer_testimony|{value}\r\nfive|Max"),
            "prayers.json": json.dumps([{"id": ID, "text": f"{value}\r\nfive"}]),
        }
    )
    attribute, prayer = fields(archive)
    assert attribute["attribute_value"] == f"{value}\nfive"
    assert prayer["text"] == f"{value}\r\nfive", "as the database held it; texts are compared without it"


# --- T15 to T18 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["database_exports/security/2025_07_security.txt", "security/2025_07_security_events.txt"],
    ids=["E1", "E2"],
)
def test_t15_a_record_of_another_month_than_its_file(read: Read, path: str) -> None:
    archive = read({path: export(SECURITY, "June 30 2025 at 23:59|rate_limit|Max|unknown|")})
    assert [show(record.minute) for record in archive.others] == ["2025-06-30 23:59"]
    assert archive.problems == ()


def test_t16_e1_nothing_is_escaped(read: Read) -> None:
    """Pipes that are too many belong to the one column of free text; a backslash before one stays."""
    columns = "role_name|description|permissions|created_by|is_system_role"
    archive = read(
        {
            "database_exports/roles/roles.txt": export(columns, 'guard|opens \\| shuts | locks|["*"]|system|yes'),
            "database_exports/security/2025_07_security.txt": export(SECURITY, f"{WHEN}|x|Max|unknown|a | b \\| c"),
        }
    )
    role, event = fields(archive)
    assert (role["description"], role["permissions"]) == ("opens \\| shuts | locks", '["*"]')
    assert event["details"] == "a | b \\| c"


def test_t16_e2_only_some_columns_are_escaped(read: Read) -> None:
    audit = "created_at|auth_request_id|action|actor_user_id|actor_type|details|ip_address|user_agent"
    changes = "created_at|commit_id|original_message|friendly_description|change_type|commit_date"
    archive = read(
        {
            "authentication/auth_audit_logs.txt": export(
                audit, f"{WHEN}|r1|approved|Max|admin|a \\| b|unknown|c \\| d"
            ),
            "security/2025_07_security_events.txt": export(SECURITY, f"{WHEN}|x|Max|unknown|a \\| b | c"),
            "system/changelog_entries.txt": export(changes, f"{WHEN}|c1|a \\| b|one\\\\ntwo \\| three|fixed|{WHEN}"),
        }
    )
    first, second, third = fields(archive)
    assert (first["details"], first["user_agent"]) == ("a | b", "c | d")
    assert second["details"] == "a \\| b | c"
    assert (third["original_message"], third["friendly_description"]) == ("a | b", "one\ntwo | three")


@pytest.mark.parametrize("dialect", TOKENS)
def test_t17_unlimited_is_kept_as_written(read: Read, dialect: str) -> None:
    path, columns = TOKENS[dialect]
    (token,) = fields(read({path: export(columns, f"ab12|Max|3|unlimited|{WHEN}|none")}))
    assert token["max_uses"] == "unlimited"


def test_t18_z_a_repeated_user_in_a_download(read: Read) -> None:
    text = "User Attributes\n\nusername: Max\nis_supporter: true\n\nusername: Max\nis_supporter: false\n\n"
    archive = read({SITE: f"{HEAD}x\n\nActivity:\n", "complete_site_archive/users/user_attributes.txt": text})
    assert [one["is_supporter"] for one in fields(archive)] == ["true", "false"]
    assert codes(archive) == ["AR014"]
