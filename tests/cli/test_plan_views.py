"""Every form in which a plan is shown: complete, private, and unmoved by what people are called."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.cli.support import (
    Wish,
    reconstruct,
    rows,
    write,
    write_archive,
    write_database,
)
from tests.cli.test_hostile_names import FORBIDDEN
from tests.cli.test_hostile_names import NAMES as TERMINAL_NAMES
from tests.cli.test_privacy import secrets_of

FORMS = ("text", "json", "markdown", "sql", "html")
TRUTH = Path(__file__).parents[2] / "fixtures" / "archives" / "riverside" / "truth.db"
NAMES = [
    *TERMINAL_NAMES,
    "'); DROP TABLE user; --",
    'x" onmouseover="alert(1)',
    "<img src=x onerror=alert(1)>",
    "</style><script>",
    "{{ 7 * 7 }}{% for %}",
    "| a | b |",
    "`code` *bold* [link](javascript:alert(1))",
    "https://example.org www.example.org",
    "=HYPERLINK(1)",
    "مريم",
    "end\\",
    ".shell touch x",
    "-- comment",
    "/* open",
]


def run_sql(database: Path, script: str) -> int:
    """Run a script in the sqlite3 shell; without one, as the shell would: statement by statement, up to the first error."""
    shell = shutil.which("sqlite3")
    if shell:
        return subprocess.run(
            [shell, str(database)], input=script.encode(), capture_output=True, check=False
        ).returncode
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.create_function("sha3", 2, lambda value, size: hashlib.sha3_256(value.encode()).digest())
        try:
            connection.executescript(script.replace(".bail on\n", "", 1))
        except sqlite3.Error:
            return 1
    return 0


def content(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return sorted(connection.iterdump())


@pytest.fixture
def planned(community: Path) -> Path:
    done = reconstruct(community, "plan", "-o", "plan.json", "--merge-duplicates", "--show-text", "--quiet")
    assert done.code == 0, done.err
    return community


def script_of(folder: Path, *words: str) -> str:
    done = reconstruct(folder, "show", "plan.json", "--format", "sql", *words)
    assert done.code == 0, done.err
    return done.out


def test_the_script_does_what_apply_does(planned: Path) -> None:
    other = planned / "other.db"
    shutil.copy(planned / "thywill.db", other)
    script = script_of(planned, "--show-text")
    assert "LEFT OUT" not in script
    assert run_sql(other, script) == 0
    assert reconstruct(planned, "apply", "plan.json", "--yes").code == 0
    assert content(other) == content(planned / "thywill.db")
    before = content(other)
    assert run_sql(other, script) != 0
    assert content(other) == before


def test_a_row_that_changed_stops_the_script_and_all_is_as_it_was(planned: Path) -> None:
    database = planned / "thywill.db"
    operations = json.loads((planned / "plan.json").read_text())["operations"]
    key = [o["key"] for o in operations if o["table"] == "prayermark" and o["action"] == "update"][-1]
    write(database, ("UPDATE prayermark SET user_id = 'moved' WHERE id = ?", [key]))
    before = content(database)
    assert run_sql(database, script_of(planned, "--show-text")) != 0
    assert content(database) == before


def test_without_texts_the_script_does_the_rest_and_says_so(planned: Path) -> None:
    script = script_of(planned)
    assert "-- LEFT OUT: 8 rows" in script
    assert run_sql(planned / "thywill.db", script) == 0
    assert rows(planned / "thywill.db", "SELECT count(*) FROM prayer") == [(147,)]
    done = reconstruct(planned, "apply", "plan.json", "--yes")
    assert done.code == 0, done.err
    assert rows(planned / "thywill.db", "SELECT count(*) FROM prayer") == [(150,)]


def test_a_redacted_script_does_nothing(planned: Path) -> None:
    before = content(planned / "thywill.db")
    assert run_sql(planned / "thywill.db", script_of(planned, "--redact")) != 0
    assert content(planned / "thywill.db") == before


def test_secrets_are_in_no_plan_and_in_no_view(community: Path) -> None:
    texts, others = secrets_of(community / "thywill.db")
    more_texts, more_others = secrets_of(TRUTH)
    texts, others = texts | more_texts, others | more_others
    for words in ([], ["--show-text"]):
        assert reconstruct(community, "plan", "-o", "plan.json", "--overwrite", *words).code == 0
        said = [reconstruct(community, "show", "plan.json", "--format", form).out for form in FORMS]
        said += [reconstruct(community, "apply", "plan.json", "--dry-run", *w).out for w in ([], ["--json"])]
        if not words:
            said.append((community / "plan.json").read_text())
        else:
            said += [reconstruct(community, "show", "plan.json", "--format", "json", "--redact").out]
        assert [secret for secret in texts | others for out in said if secret in out] == []
    # With --show-text the plan holds the texts it needs, and still no token and no testimony.
    plan = (community / "plan.json").read_text()
    shown = [reconstruct(community, "show", "plan.json", "--format", form, "--show-text").out for form in FORMS]
    assert any(text in plan for text in texts)
    assert [secret for secret in others - texts for out in (plan, *shown) if secret in out] == []


def test_redacted_views_hold_no_name(community: Path) -> None:
    assert reconstruct(community, "plan", "-o", "plan.json", "--merge-duplicates", "--quiet").code == 0
    assert reconstruct(community, "plan", "-o", "r.json", "--merge-duplicates", "--quiet", "--redact").code == 0
    names = {name.strip() for (name,) in rows(TRUTH, "SELECT display_name FROM user")}
    long = {name for name in names if len(name) > 4 or " " in name}
    assert len(long) > 20
    said = [reconstruct(community, "show", "plan.json", "--format", form, "--redact").out for form in FORMS]
    said.append((community / "r.json").read_text())
    escaped = {name: name.encode("ascii", "backslashreplace").decode() for name in long}
    assert [
        n for n in long for out in said if re.search(rf"(?<!\w){re.escape(n)}(?!\w)", out) or escaped[n] in out
    ] == []
    assert all("Person " in out for out in said)
    assert reconstruct(community, "show", "r.json", "--format", "html").out == said[4]


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """People with such names, some missing in the database; every prayer of theirs lost its author."""
    wishes = [Wish(f"{n:032x}", name) for n, name in enumerate(NAMES)]
    write_archive(tmp_path / "text_archives", NAMES, wishes)
    write_database(tmp_path / "thywill.db", NAMES, [(wish, "nobody") for wish in wishes])
    write(tmp_path / "thywill.db", *(("DELETE FROM user WHERE id = ?", [f"u{n}"]) for n in range(0, len(NAMES), 2)))
    done = reconstruct(tmp_path, "plan", "-o", "plan.json", "--show-text")
    assert done.code == 0, done.err
    assert len(json.loads((tmp_path / "plan.json").read_text())["people"]) >= len(NAMES) - 4
    return tmp_path


class Page(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_hostile_names_stay_words(hostile: Path) -> None:
    for form in FORMS:
        for words in ([], ["--redact"], ["--show-text"]):
            done = reconstruct(hostile, "show", "plan.json", "--format", form, *words)
            assert done.code == 0, done.err[:500]
            assert FORBIDDEN.findall(done.out + done.err) == [], (form, words)
    page = Page(reconstruct(hostile, "show", "plan.json", "--format", "html").out)
    assert page.tags.isdisjoint({"script", "img", "a", "iframe", "link", "object"})
    assert page.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class"}


def test_hostile_names_break_no_markdown(hostile: Path) -> None:
    text = reconstruct(hostile, "show", "plan.json", "--format", "markdown").out
    parser = MarkdownIt("gfm-like", {"linkify": False, "html": True})
    inline = [child for token in parser.parse(text) for child in token.children or []]
    assert {token.type for token in inline} <= {"text", "html_inline", "text_special", "softbreak"}
    assert {token.content for token in inline if token.type == "html_inline"} == {"<br>"}
    tables = [line for line in text.splitlines() if line.startswith("|")]
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in tables}
    assert widths <= {3, 4, 6}
    assert not re.search(r"(?<!\\)(https?://|www\.)", text.replace("https\\://", "").replace("www\\.", ""))


def test_hostile_names_break_no_sql(hostile: Path) -> None:
    other = hostile / "other.db"
    shutil.copy(hostile / "thywill.db", other)
    assert run_sql(other, script_of(hostile, "--show-text")) == 0
    done = reconstruct(hostile, "apply", "plan.json", "--yes")
    assert done.code == 0, done.err
    assert content(other) == content(hostile / "thywill.db")
    assert not (hostile / "x").exists()


def test_people_may_be_chosen_whatever_they_are_called(hostile: Path) -> None:
    for name in ("'); DROP TABLE user; --", "| a | b |", "مريم"):
        done = reconstruct(hostile, "apply", "plan.json", "--dry-run", "--json", "--only", f'person:"{name}"')
        assert done.code == 0, done.err
        assert done.json["pending"] >= 1, name
