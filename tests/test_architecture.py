"""The shape of the package: imports point one way, and only the edges touch the outside world.

See docs/decisions/0001-layers-and-one-way-data-flow.md.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "thywill_reconstruct"

# High to low. A module imports from its own part and from lower rows only, never from its own row.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli",),
    ("rebuild", "heal", "monitor"),
    ("saved_plans", "workflow", "report"),
    ("harden",),
    ("checks",),
    ("apply",),
    ("plan",),
    ("diff",),
    ("identity", "database"),
    ("archives",),
    ("findings", "records"),
    ("errors", "times", "toml_lines"),
)
ROW = {part: number for number, row in enumerate(LAYERS) for part in row}

# What reaches the disk, a database, the clock or chance. Only the edges may; what decides is pure.
DISK = {"glob", "os", "shutil", "sqlite3", "subprocess", "tempfile"}
OUTSIDE = DISK | {"random", "secrets", "socket", "time", "uuid"}
PURE = ("identity", "diff", "plan", "findings", "records", "times", "errors")
MAY_PRINT = ("cli",)
MAY_USE_SQLITE = ("apply", "database", "monitor", "rebuild", "saved_plans", "workflow")


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def part_of(path: Path) -> str:
    """The first name below the package: ``diff`` for ``diff/marks.py``, ``times`` for ``times.py``."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every absolute dotted name that a module imports, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = ("thywill_reconstruct", *path.relative_to(PACKAGE).parent.parts)
                base = ".".join((*package[: len(package) - node.level + 1], *filter(None, [node.module])))
            yield base, node.lineno
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)


def own_parts(path: Path) -> Iterator[tuple[str, int]]:
    for name, line in imports(path):
        parts = name.split(".")
        if parts[0] == "thywill_reconstruct" and len(parts) > 1 and parts[1] != "__version__":
            yield parts[1], line


def calls(path: Path, name: str) -> list[int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]


def label(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_every_part_has_a_place_in_the_layers() -> None:
    assert {part_of(path) for path in modules()} == set(ROW)


@pytest.mark.parametrize("path", modules(), ids=label)
def test_imports_point_down(path: Path) -> None:
    own = part_of(path)
    wrong = [
        f"line {line}: {own} imports {part}"
        for part, line in own_parts(path)
        if part != own and ROW[part] <= ROW[own]
    ]
    assert wrong == []


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_module_imports_in_circles() -> None:
    """Not even for types only: two files that need each other are one room with a wall in it."""
    known = {dotted(path) for path in modules()}
    needs = {
        dotted(path): {name for name, _ in imports(path) if name in known} - {dotted(path)} for path in modules()
    }
    order = TopologicalSorter(needs)
    order.prepare()  # raises CycleError, which names the circle


def test_imports_of_ours_are_seen() -> None:
    """Guards the guard: a reader of imports that sees none would pass everything."""
    assert {part for part, _ in own_parts(PACKAGE / "records.py")} == {"times"}
    assert {part for part, _ in own_parts(PACKAGE / "plan" / "operations.py")} == {"findings"}


@pytest.mark.parametrize("path", [path for path in modules() if part_of(path) in PURE], ids=label)
def test_what_decides_is_pure(path: Path) -> None:
    reaches = [f"line {line}: {name}" for name, line in imports(path) if name.split(".")[0] in OUTSIDE] + [
        f"line {line}: open()" for line in calls(path, "open")
    ]
    assert reaches == []


@pytest.mark.parametrize("path", modules(), ids=label)
def test_only_the_edges_print_and_use_sqlite(path: Path) -> None:
    own = part_of(path)
    if own not in MAY_PRINT:
        assert calls(path, "print") == []
    if own not in MAY_USE_SQLITE:
        assert [line for name, line in imports(path) if name.split(".")[0] in ("sqlite3", "sqlmodel")] == []
