"""Archive paths that are missing, dead, or lead to another prayer's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from thywill_reconstruct.diff.activity import ACTION_KIND, ATTRIBUTE_KIND, LOCAL_ACTIONS
from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.findings.finding import Change, Entity, Finding


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
    have none in a healthy database (archive format spec, section 5.3), so only a dead one counts there.
    """
    schema = ctx.snapshot.schema
    if schema.column("user", "path"):
        yield from _users(ctx)
    if schema.column("prayer", "path"):
        yield from _judge_all(ctx, [_Pointer("prayer", p.key, p.path, p.key) for p in ctx.snapshot.prayers])
    if schema.column("mark", "path"):
        yield from _judge_all(ctx, [_Pointer("mark", m.key, m.path, m.prayer) for m in ctx.snapshot.marks])
    if schema.column("attribute", "path"):
        pointers = [
            _Pointer("attribute", a.key, a.path, a.prayer, ATTRIBUTE_KIND.get(a.name, "set"))
            for a in ctx.snapshot.attributes
        ]
        yield from _judge_all(ctx, pointers)
    if schema.column("log", "path"):
        yield from _judge_all(
            ctx,
            [
                _Pointer("log", e.key, e.path, e.prayer, ACTION_KIND.get(e.action, "") if e.path else "")
                for e in ctx.snapshot.log
                if e.path or e.action in LOCAL_ACTIONS
            ],
        )


def _users(ctx: Context) -> Iterator[Finding]:
    for user in ctx.snapshot.users:
        status = ctx.pathways.status(user.path)
        joining = ctx.joinings.get(user.key)
        if status == "good" or user.key in ctx.resolution.twin_of:
            continue
        code = "PA001" if status == "missing" else "PA002"
        if joining and joining.file:
            yield _mend(ctx, code, _Pointer("user", user.key, user.path, ""), joining.file, joining.places)
        elif status == "dead":
            yield _give_up(
                ctx, code, _Pointer("user", user.key, user.path, ""), "No registration file names this person."
            )


def _judge_all(ctx: Context, pointers: Sequence[_Pointer]) -> Iterator[Finding]:
    """Yield the findings of one table."""
    right: dict[tuple[str, str | None], bool] = {}
    ways = ctx.pathways
    for pointer in pointers:
        place = (pointer.prayer, pointer.path)
        fine = right.get(place)
        if fine is None:
            fine = right[place] = bool(pointer.path) and ways.relative(pointer.path or "") in ways.of_prayer.get(
                pointer.prayer, ()
            )
        if not fine:
            finding = _judge(ctx, pointer)
            if finding:
                yield finding


def _judge(ctx: Context, pointer: _Pointer) -> Finding | None:
    """Return the finding of one path that does not lead to a file of its prayer."""
    status = ctx.pathways.status(pointer.path)
    files = ctx.pathways.of_prayer.get(pointer.prayer, ())
    if status == "good":
        if not files:
            return None  # the file is there and nothing says that it holds another prayer's
        if ctx.pathways.relative(pointer.path or "") not in _prayer_files(ctx):
            return None if pointer.entity in ("attribute", "log") else _other_file(ctx, pointer, files)
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


def _prayer_files(ctx: Context) -> frozenset[str]:
    return frozenset(file for files in ctx.pathways.of_prayer.values() for file in files)


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
