"""Prayers, testimonies, tokens and session ids stay where they are."""

from __future__ import annotations

from pathlib import Path

from tests.cli.support import reconstruct, rows


def secrets_of(database: Path) -> tuple[set[str], set[str]]:
    """Prayer texts, and everything else that no output may hold; long enough to be no accident."""
    texts = {line for (text,) in rows(database, "SELECT text FROM prayer") for line in text.splitlines()}
    texts |= {
        line
        for (text,) in rows(database, "SELECT generated_prayer FROM prayer WHERE generated_prayer IS NOT NULL")
        for line in text.splitlines()
    }
    others = {token for (token,) in rows(database, "SELECT token FROM invitetoken")}
    others |= {key for (key,) in rows(database, "SELECT id FROM session")}
    others |= {
        line
        for query in (
            "SELECT attribute_value FROM prayer_attributes WHERE attribute_name = 'answer_testimony'",
            "SELECT new_value FROM prayer_activity_log WHERE new_value IS NOT NULL",
        )
        for (text,) in rows(database, query)
        for line in text.splitlines()
    }
    return {text for text in texts if len(text) > 25}, {secret for secret in others if len(secret) >= 16}


def test_nothing_confidential_is_printed(community: Path) -> None:
    texts, others = secrets_of(community / "thywill.db")
    truth = Path(__file__).parents[2] / "fixtures" / "archives" / "riverside" / "truth.db"
    more_texts, more_others = secrets_of(truth)
    texts, others = texts | more_texts, others | more_others
    assert len(texts) > 100
    assert len(others) > 80
    outputs = [
        reconstruct(community, *words)
        for words in (
            ["--dry-run"],
            ["--dry-run", "--json", "--merge-duplicates"],
            ["tree"],
            ["tree", "--json"],
            ["explain", "max"],
            ["explain", "Ilse", "--json"],
            ["explain", "Uwe", "--json"],
            ["explain", "--pair", "max", "Ilse"],
            ["explain", "--pair", "max", "Ilse", "--json"],
            ["review"],
            ["review", "--json"],
            ["--execute", "--yes", "--merge-duplicates"],
            ["--execute", "--yes", "--merge-duplicates", "--json"],
            ["runs"],
            ["runs", "--json"],
            ["runs", "show", "last"],
            ["runs", "show", "last", "--json"],
            ["undo", "--dry-run"],
            ["undo", "--dry-run", "--json"],
            ["restore", "last", "--dry-run"],
            ["restore", "last", "--dry-run", "--json"],
            ["undo", "--yes"],
            ["undo", "--yes", "--json"],
            ["restore", "last", "--yes", "--json"],
        )
    ]
    assert [done.code for done in outputs] == [0] * len(outputs)
    receipts = [path.read_text() for path in community.glob(".reconstruct/*/receipt.json")]
    assert len(receipts) == 3
    for said in [*(done.out + done.err for done in outputs), *receipts]:
        assert [secret for secret in texts | others if secret in said] == []


def test_show_text_shows_prayers_and_nothing_else(community: Path) -> None:
    truth = Path(__file__).parents[2] / "fixtures" / "archives" / "riverside" / "truth.db"
    texts, others = secrets_of(truth)
    done = reconstruct(community, "--dry-run", "--json", "--show-text")
    shown = [o["after"]["text"] for o in done.json["operations"] if "text" in o["after"]]
    assert len(shown) >= 3
    assert any(line in texts for text in shown for line in text.splitlines())
    assert [secret for secret in others - texts if secret in done.out] == []
