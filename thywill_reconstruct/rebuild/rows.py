"""Which rows archives alone give: pure, from the comparison with an empty database and from what exports hold.

Users, prayers and marks are the recreations that a repair would plan (the same trust, the same doubts). Attributes and the
activity log follow from the events. Exported rows give their ids, and what live archives do not know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.diff.events import log_coverage
from thywill_reconstruct.diff.history import History, Logged, logged_time, stable_id, tell_history
from thywill_reconstruct.findings.finding import Value
from thywill_reconstruct.plan.operations import Plan
from thywill_reconstruct.rebuild.accounts import account_rows
from thywill_reconstruct.rebuild.powers import power_rows
from thywill_reconstruct.rebuild.reading import moment, person, when
from thywill_reconstruct.records import AuxRecord

Row = dict[str, Value]
Tables = dict[str, list[Row]]
# Where a table of the JSON export or of user_attributes.txt fills columns that no live line knows.
_USER_COLUMNS = ("is_supporter", "supporter_since", "supporter_type", "welcome_message_dismissed")
_V1_COLUMNS = ("religious_preference", "prayer_style")


def rows_of(ctx: Context, plan: Plan, include: Collection[str]) -> Tables:
    """Return table -> rows in the order in which they are written.

    Args:
        ctx: The archives beside an empty database.
        plan: The recreations that this comparison plans.
        include: ``roles``, ``sessions``, ``tokens``: what lets somebody in.
    """
    tables: Tables = defaultdict(list)
    for operation in plan.operations:
        if operation.action == "insert":
            tables[operation.table].append(dict(operation.after))
    _complete_users(ctx, tables["user"])
    exported = _exported(ctx)
    histories = _histories(ctx, tables["prayer"])
    tables["prayer_attributes"] = list(_attributes(ctx, histories, exported["attribute"]))
    tables["prayer_activity_log"] = list(_log(ctx, histories, exported["log"]))
    tables["prayerskip"] = list(_skips(ctx, exported["skip"], tables["prayer"]))
    if "membership_application" in ctx.snapshot.schema.tables:
        tables["membership_application"] = list(_applications(ctx, exported["membership-application"]))
    for table, rows in (*account_rows(ctx, exported).items(), *power_rows(ctx, exported, include).items()):
        tables[table] += rows
    return {table: rows for table, rows in tables.items() if rows}


def _exported(ctx: Context) -> dict[str, list[AuxRecord]]:
    found: dict[str, list[AuxRecord]] = defaultdict(list)
    for record in ctx.archive.others:
        found[record.kind].append(record)
    return found


def _complete_users(ctx: Context, rows: list[Row]) -> None:
    """Fill what user_attributes.txt (its last block counts: trap T18) and the JSON export know."""
    schema = ctx.snapshot.schema
    key = schema.columns["user", "key"]
    present = {column.name for column in schema.tables["user"]}
    told: dict[str, dict[str, str]] = defaultdict(dict)
    for record in ctx.archive.others:
        fields = dict(record.fields)
        if record.kind in ("user-attributes", "user"):
            who = person(ctx, fields.get("username") or fields.get("display_name", ""))
            told[who].update(fields)
    for row in rows:
        known = told.get(str(row[key]), {})
        for column in (*_USER_COLUMNS, *_V1_COLUMNS):
            if column in present and known.get(column):
                row[column] = _typed(column, known[column])


def _typed(column: str, text: str) -> Value:
    if text in ("true", "false", "True", "False"):
        return int(text.lower() == "true")
    return f"{text} 00:00:00.000000" if column == "supporter_since" and len(text) == 10 else text


def _histories(ctx: Context, prayers: Iterable[Row]) -> dict[str, History]:
    coverage = log_coverage(ctx.archive)
    return {str(row["id"]): tell_history(ctx, str(row["id"]), coverage) for row in prayers}


def _attributes(ctx: Context, histories: dict[str, History], exported: Iterable[AuxRecord]) -> Iterator[Row]:
    """Yield attribute rows: those of events, with the exported row's id and time if it is the same, and exported-only ones."""
    told = {(f.get("prayer_id", ""), f.get("attribute_name", "")): f for f in (dict(r.fields) for r in exported)}
    paths = ctx.snapshot.schema.names_are_keys
    for key, history in histories.items():
        for name, row in history.attributes.items():
            same = told.pop((key, name), None)
            path = None if paths else _path(ctx, key)
            created = (when(same.get("created_at", "")) if same else None) or row.created
            yield _attribute(
                same.get("id", row.key) if same else row.key, key, name, row.value, created, row.user, path
            )
        removed = {
            entry.action.removeprefix("remove_") for entry in history.log if entry.action.startswith("remove_")
        }
        for name in removed - history.attributes.keys():
            told.pop((key, name), None)
    for (prayer, name), fields in told.items():
        user, created = person(ctx, fields.get("created_by", "")), when(fields.get("created_at", ""))
        if prayer in histories and name and created and "id" in fields:
            path = None if paths else _path(ctx, prayer)
            yield _attribute(fields["id"], prayer, name, fields.get("attribute_value"), created, user or None, path)


def _attribute(
    key: str, prayer: str, name: str, value: str | None, created: str | None, user: str | None, path: str | None
) -> Row:
    return {
        "id": key, "prayer_id": prayer, "attribute_name": name, "attribute_value": value, "created_at": created,
        "created_by": user, "text_file_path": path,
    }  # fmt: skip


def _path(ctx: Context, prayer: str) -> str | None:
    files = ctx.pathways.of_prayer.get(prayer)
    return ctx.pathways.spell(files[0]) if files else None


def _log(ctx: Context, histories: dict[str, History], exported: Iterable[AuxRecord]) -> Iterator[Row]:
    """Yield log rows: those of events, with the exported row's id if it is the same, and exported-only ones."""
    told: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    for fields in (dict(record.fields) for record in exported):
        who = person(ctx, fields.get("user_id", ""))
        if who:
            told[fields.get("prayer_id", ""), who, fields.get("action", "")].append(fields)
    ordinals: dict[tuple[object, ...], int] = defaultdict(int)
    for prayer, history in histories.items():
        for row in history.log:
            same = _take(told[prayer, row.user, row.action], row, logged_time(ctx, row))
            created = (when(same.get("created_at", "")) if same else None) or logged_time(ctx, row)
            number = ordinals[row.prayer, row.user, row.action, row.minute] = (
                ordinals[row.prayer, row.user, row.action, row.minute] + 1
            )
            key = same["id"] if same else stable_id("log", prayer, row.user, row.action, row.minute, number)
            path = _path(ctx, prayer) if row.action in ("prayed", "testimony") else None
            yield _logged(key, prayer, row.user, row.action, (row.old, row.new), created, path)
    for (prayer, who, action), left in told.items():
        for fields in left:
            stored = when(fields.get("created_at", ""))
            if prayer in histories and stored and "id" in fields and action not in ("prayed", "unknown"):
                values = (fields.get("old_value") or None, fields.get("new_value") or None)
                yield _logged(fields["id"], prayer, who, action, values, stored, None)


def _take(rows: list[dict[str, str]], row: Logged, time: str) -> dict[str, str] | None:
    """Return the exported row that is an event's, and use it up: the value agrees, else the time to the minute."""
    for fields in rows:
        value = fields.get("new_value") or None
        if (when(fields.get("created_at", "")) or "")[:16] == time[:16] or (
            row.action not in ("prayed", "set_answered", "set_archived", "set_flagged") and value == row.new
        ):
            rows.remove(fields)
            return fields
    return rows.pop(0) if len(rows) == 1 and row.action != "prayed" else None


def _logged(
    key: str, prayer: str, user: str, action: str, values: tuple[str | None, str | None], created: str | None,
    path: str | None,
) -> Row:  # fmt: skip
    return {
        "id": key, "prayer_id": prayer, "user_id": user, "action": action, "old_value": values[0], "new_value": values[1],
        "created_at": created, "text_file_path": path,
    }  # fmt: skip


def _skips(ctx: Context, exported: Iterable[AuxRecord], prayers: Iterable[Row]) -> Iterator[Row]:
    known = {row["id"] for row in prayers}
    for number, record in enumerate(exported):
        fields = dict(record.fields)
        who, created = person(ctx, fields.get("user_id", "")), moment(record)
        if who and created and fields.get("prayer_id") in known:
            key = fields.get("id") or stable_id("skip", fields["prayer_id"], who, created, number)
            yield {"id": key, "user_id": who, "prayer_id": fields["prayer_id"], "created_at": created}


def _applications(ctx: Context, records: Iterable[AuxRecord]) -> Iterator[Row]:
    """Yield membership applications; who decided is known by name."""
    for record in records:
        fields = dict(record.fields)
        created = when(fields.get("submitted_at", ""))
        if not fields.get("id") or created is None:
            continue
        decided = fields.get("decided_at") or fields.get("processed_at", "")
        by = person(ctx, fields.get("decided_by") or fields.get("processed_by", ""))
        contact = fields.get("contact_info")
        yield {
            "id": fields["id"], "username": fields.get("username", ""), "essay": fields.get("essay", ""),
            "contact_info": None if contact in (None, "", "None provided") else contact,
            "ip_address": None if fields.get("ip_address") in (None, "Unknown") else fields["ip_address"],
            "status": (fields.get("decision") or fields.get("status", "pending")).lower(), "created_at": created,
            "processed_at": when(decided) if decided else None, "processed_by_user_id": by or None,
            "invite_token": fields.get("invite_token"), "text_file_path": ctx.pathways.spell(record.span.file),
        }  # fmt: skip
