"""A text never becomes a fact: prayer files with hostile texts, names and damage, in any combination."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.archives.accounting import read
from tests.unit.archives.strategies import ID, forged_text, hostile_name, hostile_text, plain_name
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats.prayers import parse
from thywill_reconstruct.times import human_minute

MINUTE = human_minute("July 06 2025", "09:05") or 0
MARKER = "Generated Prayer:"

Event = tuple[str, str, str]  # kind, actor, predicate

simple_event = st.tuples(
    st.sampled_from(
        [
            ("prayed", render.PRAYED),
            ("answered", render.ANSWERED),
            ("archived", render.ARCHIVED),
            ("restored", render.RESTORED),
        ]
    ),
    plain_name | hostile_name,
).map(lambda pair: (pair[0][0], pair[1], pair[0][1]))
testimony = st.tuples(plain_name, hostile_text).map(lambda pair: ("testimony", pair[0], render.testimony(pair[1])))
events = st.lists(simple_event | testimony, max_size=4)


def rendered(text: str, generated: str | None, happened: list[Event], author: str = "Mary Johnson") -> str:
    content = render.prayer_file(ID, author, MINUTE, text, generated)
    for number, (_, actor, predicate) in enumerate(happened):
        content += render.activity_line(MINUTE + number, actor, predicate)
    return content


@given(hostile_text, hostile_text.filter(bool), events)
def test_only_what_happened_is_beyond_doubt(text: str, generated: str, happened: list[Event]) -> None:
    facts = {(kind, actor, MINUTE + number) for number, (kind, actor, _) in enumerate(happened)}
    (record,) = read(parse, rendered(text, generated, happened)).prayers
    for activity in record.activities:
        informative = activity.kind not in ("other", "unknown", "set", "removed")
        if informative and not activity.doubtful:
            assert (activity.kind, activity.actor, activity.minute) in facts


forged_testimony = forged_text.map(lambda text: ("testimony", "Max", render.testimony(text)))


@given(forged_text, forged_text.filter(bool), st.lists(simple_event | forged_testimony, max_size=4), st.data())
def test_no_forged_line_is_beyond_doubt(
    text: str, generated: str, happened: list[Event], data: st.DataObject
) -> None:
    whole = rendered(text, generated, happened)
    content = whole[: data.draw(st.just(len(whole)) | st.integers(1, len(whole)))]
    for record in read(parse, content).prayers:
        forged = [one for one in record.activities if one.actor == "Forger"]
        # A cut right behind forged lines leaves a file as the application writes it: nothing inside it tells.
        assert all(one.doubtful for one in forged) or content != whole
        if record.text_certain and content == whole:
            assert (record.text, record.generated) == (text, generated)


@given(hostile_text, hostile_text.filter(bool), events)
def test_a_certain_text_is_the_text(text: str, generated: str, happened: list[Event]) -> None:
    (record,) = read(parse, rendered(text, generated, happened)).prayers
    assert (record.prayer_id, record.author, record.submitted) == (ID, "Mary Johnson", MINUTE)
    if record.text_certain:
        assert (record.text, record.generated) == (text, generated)


@given(hostile_text.filter(lambda text: MARKER not in text), events)
def test_a_certain_text_without_generated_prayer_is_the_text(text: str, happened: list[Event]) -> None:
    (record,) = read(parse, rendered(text, None, happened)).prayers
    if record.text_certain:
        assert (record.text, record.generated) == (text, None)


@given(hostile_name, events)
def test_author_names_are_kept_as_written(author: str, happened: list[Event]) -> None:
    (record,) = read(parse, rendered("Peace.", "Lord.", happened, author)).prayers
    assert (record.author, record.text, record.generated) == (author, "Peace.", "Lord.")


@given(hostile_text, events, st.data())
def test_every_cut_is_accounted_for_and_reported(text: str, happened: list[Event], data: st.DataObject) -> None:
    content = rendered(text, "Lord.", happened)
    cut = content[: data.draw(st.integers(1, len(content)))]
    parsed = read(parse, cut)
    for record in parsed.prayers:
        assert record.author in ("", "Mary Johnson")
        assert record.prayer_id in (None, ID)
        if not record.complete:
            assert not record.text_certain
            assert record.activities == ()


@given(hostile_text.filter(bool))
def test_no_content_breaks_the_parser(text: str) -> None:
    read(parse, text)


plain_text = st.lists(st.sampled_from(["Please pray: now.", "", "a - b", "Thank you \u2028 all"]), min_size=1).map(
    "\n".join
)


@given(
    plain_text,
    plain_text.filter(bool),
    st.lists(st.tuples(plain_name, st.integers(0, 9)), max_size=5),
)
def test_rendered_files_come_back(text: str, generated: str, marks: list[tuple[str, int]]) -> None:
    content = render.prayer_file(
        ID, "O'Brien", MINUTE, text, generated, "family: home", "all", [("Category", "health")]
    )
    content += "".join(render.activity_line(MINUTE + after, name, render.PRAYED) for name, after in marks)
    content += render.activity_line(MINUTE, "Max", render.testimony("one\n\ntwo"))
    (record,) = read(parse, content).prayers
    assert record.text_certain
    again = render.prayer_file(
        record.prayer_id or "", record.author, record.submitted or 0, record.text, record.generated, record.tag,
        record.audience, record.categorization,
    )  # fmt: skip
    for one in record.activities:
        predicate = render.PRAYED if one.kind == "prayed" else render.testimony(one.detail)
        again += render.activity_line(one.minute, one.actor, predicate)
    assert again == content
