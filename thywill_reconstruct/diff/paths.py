"""Archive paths that are missing, dead, or lead to another prayer's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from thywill_reconstruct.database.rows import AttributeRow, LogRow, MarkRow, PrayerRow
from thywill_reconstruct.diff.activity import ATTRIBUTE_KIND, LOCAL_ACTIONS
from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.findings.finding import Change, Entity, Finding

Row = TypeVar("Row", PrayerRow, MarkRow, AttributeRow, LogRow)
Hanging = TypeVar("Hanging", MarkRow, AttributeRow, LogRow)


@dataclass(frozen=True, slots=True)
class _Pointer:
    """One stored path and where it should lead. ``kind`` is the archive line that the file must hold, if any."""

    entity: Entity
    key: str
    path: str | None
    prayer: str
    kind: str = ""


def compare_paths(ctx: Context) -> Iterator[Finding]:
    """Yield PA001 to PA003 for users, prayers, marks, attributes and log rows.

    A path that leads to any file of its prayer is right, whichever of several it is (trap T7). Log rows of attribute changes
    have none in a healthy database (archive format spec, section 5.3), so only a dead one counts there. Attributes have none
    either; those of era v1 are filled all the same, because its importers lost them, those of era v2 are left as they are.
    """
    schema, snapshot = ctx.snapshot.schema, ctx.snapshot
    if schema.column("user", "path"):
        yield from _users(ctx)
    pointers: list[_Pointer] = []
    if schema.column("prayer", "path"):
        astray = _astray(ctx, ((prayer.key, prayer) for prayer in snapshot.prayers))
        pointers += (_Pointer("prayer", p.key, p.path, p.key) for p in astray)
    if schema.column("mark", "path"):
        pointers += (_Pointer("mark", m.key, m.path, m.prayer) for m in _astray(ctx, _with_prayer(snapshot.marks)))
    if schema.column("attribute", "path"):
        for a in _astray(ctx, _with_prayer(snapshot.attributes)):
            if schema.names_are_keys and a.path is None:
                continue
            pointers.append(_Pointer("attribute", a.key, a.path, a.prayer, ATTRIBUTE_KIND.get(a.name, "set")))
    if schema.column("log", "path"):
        for e in _astray(ctx, _with_prayer(snapshot.log)):
            if e.path or e.action in LOCAL_ACTIONS:
                pointers.append(_Pointer("log", e.key, e.path, e.prayer))
    for pointer in pointers:
        if finding := _judge(ctx, pointer):
            yield finding


def _users(ctx: Context) -> Iterator[Finding]:
    for user in ctx.snapshot.users:
        status = ctx.pathways.status(user.path)
        joining = ctx.joinings.get(user.key)
        if user.key in ctx.resolution.twin_of:
            continue
        if status == "good":
            if joining and joining.file and ctx.pathways.relative(user.path or "") in ctx.pathways.prayer_files:
                yield _other_file(ctx, _Pointer("user", user.key, user.path, ""), (joining.file,))
            continue
        code = "PA001" if status == "missing" else "PA002"
        if joining and joining.file:
            yield _mend(ctx, code, _Pointer("user", user.key, user.path, ""), joining.file, joining.places)
        elif status == "dead":
            yield _give_up(
                ctx, code, _Pointer("user", user.key, user.path, ""), "No registration file names this person."
            )


def _with_prayer(rows: Iterable[Hanging]) -> Iterator[tuple[str, Hanging]]:
    return ((row.prayer, row) for row in rows)


def _astray(ctx: Context, rows: Iterable[tuple[str, Row]]) -> Iterator[Row]:
    """Yield the rows, each given with its prayer, whose path leads to no file of that prayer."""
    right = ctx.pathways.right
    for prayer, row in rows:
        if (prayer, row.path) not in right:
            yield row


def _judge(ctx: Context, pointer: _Pointer) -> Finding | None:
    """Return the finding of one path that does not lead to a file of its prayer."""
    status = ctx.pathways.status(pointer.path)
    files = ctx.pathways.of_prayer.get(pointer.prayer, ())
    if status == "good":
        if not files:
            return None  # the file is there and nothing says that it holds another prayer's
        of_a_prayer = ctx.pathways.relative(pointer.path or "") in ctx.pathways.prayer_files
        if pointer.entity in ("attribute", "log") and not of_a_prayer:
            return None
        return _other_file(ctx, pointer, files)
    code = "PA001" if status == "missing" else "PA002"
    if not files:
        if status == "missing" and pointer.entity != "attribute":
            return None  # nothing to point at, and nothing wrong said
        return _give_up(ctx, code, pointer, "No archive file holds this prayer.")
    if pointer.entity == "attribute":
        source = ctx.sources[pointer.prayer]
        recording = [f.file for f in source.files if any(a.kind in (pointer.kind, "set") for a in f.activities)]
        recording += [entry.file for entry in source.log if entry.kind == pointer.kind]
        if not recording and status == "missing":
            return _give_up(ctx, code, pointer, "No archive file records this attribute.")
        file = recording[0] if recording else files[0]
    else:
        file = next((f for f in files if f.rpartition("/")[2] == (pointer.path or "").rpartition("/")[2]), files[0])
    return _mend(ctx, code, pointer, file, (f"{file}:1",))


def _other_file(ctx: Context, pointer: _Pointer, files: Sequence[str]) -> Finding:
    return _mend(ctx, "PA003", pointer, files[0], (f"{files[0]}:1", f"{ctx.pathways.relative(pointer.path or '')}:1"))


def _mend(ctx: Context, code: str, pointer: _Pointer, file: str, places: tuple[str, ...]) -> Finding:
    path = ctx.pathways.spell(file)
    change = Change("update", pointer.entity, pointer.key, "fill", "path", pointer.path, path)
    evidence = (*places, ctx.place(pointer.entity, pointer.key))
    return Finding(code, pointer.entity, pointer.key, "path", path, pointer.path or "none", evidence, (change,))


def _give_up(ctx: Context, code: str, pointer: _Pointer, reason: str) -> Finding:
    evidence = (ctx.place(pointer.entity, pointer.key),)
    return Finding(code, pointer.entity, pointer.key, "path", "", pointer.path or "none", evidence, reason=reason)
