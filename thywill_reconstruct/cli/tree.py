"""``tree``: who invited whom, as the archives tell it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text
from rich.tree import Tree

from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.cli.console import make_console
from thywill_reconstruct.diff.genealogy import Member, read_genealogy
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.times import show


def print_tree(archives: Sequence[Path], *, as_json: bool, no_color: bool) -> None:
    """Print the invite tree; what is uncertain is marked and explained."""
    members = read_genealogy(load_archive(archives))
    if as_json:
        print(json.dumps([_fields(member) for member in members], ensure_ascii=True, sort_keys=True))
        return
    console = make_console(no_color=no_color)
    children: dict[str, list[Member]] = {}
    for member in members:
        children.setdefault(member.inviter, []).append(member)
    root = Tree(Text("1 person" if len(members) == 1 else f"{len(members):,} people", style="bold"))
    waiting = [(root, member) for member in reversed(children.get("", []))]
    while waiting:
        branch, member = waiting.pop()
        twig = branch.add(_label(member))
        waiting += [(twig, child) for child in reversed(children.get(member.name, []))]
    console.print(root)
    doubtful = sum(bool(member.doubts) for member in members)
    if doubtful:
        people = "1 person" if doubtful == 1 else f"{doubtful:,} people"
        console.print(Text(f"? marks {people} about whom something is uncertain, and what.", style="dim"))


def _label(member: Member) -> Text:
    when = show(member.joined)[:10] if member.joined is not None else "unknown day"
    label = Text.assemble(brief(member.name), (f"  {when}", "dim"))
    if member.doubts:
        label.append(f"  ? {brief('; '.join(member.doubts))}", style="yellow")
    label.overflow = "fold"
    return label


def _fields(member: Member) -> dict[str, object]:
    return {
        "name": member.name,
        "joined": show(member.joined) if member.joined is not None else None,
        "inviter": member.inviter or None,
        "doubts": list(member.doubts),
    }
