"""The house: where modules stand, how large a room is, and what is named once; read from the tree itself.

What may import what is held by `[tool.importlinter]`. A room here is a folder with Python files of its own.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_root: Final = Path(__file__).resolve().parents[1]
_packages: Final = ("api", "benchmarks", "commands", "core", "dash_app", "launcher", "runtime")
_max_files: Final = 14
_min_lines: Final = 25
_max_namesakes: Final = 4
# What gunicorn and Alembic ask for by these names; it is as short as they let it be.
_named_by_others: Final = ("wsgi.py", "env.py", "__main__.py", "__init__.py")


@cache
def _modules() -> Mapping[str, Path]:
    """Each module of ours, by its dotted name."""
    found = {}
    for package in _packages:
        for path in (_root / package).rglob("*.py"):
            parts = path.relative_to(_root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _shown(path: Path) -> str:
    return path.relative_to(_root).as_posix()


def _imported(module: str) -> Iterator[str]:
    """What a module imports of ours: at its top, within functions, and for types alone."""
    for node in ast.walk(_tree(_modules()[module])):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                beside = f"{node.module}.{alias.name}"
                yield beside if beside in _modules() else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Sets of nodes of which each leads to each (Tarjan, 1972)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = lowest[node] = len(order)
        stack.append(node)
        for after in graph.get(node, ()):
            if after not in order:
                visit(after)
                lowest[node] = min(lowest[node], lowest[after])
            elif after in stack:
                lowest[node] = min(lowest[node], order[after])
        if lowest[node] == order[node]:
            place = stack.index(node)
            circle = stack[place:]
            del stack[place:]
            if len(circle) > 1:
                found.append(sorted(circle))

    for node in graph:
        if node not in order:
            visit(node)
    return found


def test_a_circle_is_found() -> None:
    assert _circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == [["b", "c"]]


def test_no_modules_import_each_other() -> None:
    modules = _modules()
    graph = {module: {name for name in _imported(module) if name in modules} - {module} for module in modules}
    assert len(graph) > 400
    assert _circles(graph) == []


@pytest.mark.parametrize(("package", "most"), [("core", 8), ("api", 10)])
def test_few_modules_stand_beside_the_rooms(package: str, most: int) -> None:
    beside = [path.name for path in (_root / package).glob("*.py")]
    assert 0 < len(beside) <= most


def test_a_room_is_seen_at_a_glance() -> None:
    # Each change of the tables is a file for good.
    rooms = Counter(_shown(path.parent) for path in _modules().values() if path.parent.name != "versions")
    assert {room: count for room, count in rooms.items() if count > _max_files} == {}


def test_a_module_is_worth_a_file() -> None:
    """A few lines with a function belong where they are used; constants, types and sentences are data."""
    small = [
        _shown(path)
        for path in _modules().values()
        if path.name not in _named_by_others
        and "versions" not in path.parts
        and len(path.read_text(encoding="utf-8").splitlines()) < _min_lines
        and any(isinstance(node, ast.FunctionDef) for node in ast.walk(_tree(path)))
    ]
    assert small == []


def test_a_file_is_named_for_what_it_is() -> None:
    names = Counter(
        path.name
        for path in _modules().values()
        if path.is_relative_to(_root / "core") or path.is_relative_to(_root / "api")
    )
    del names["__init__.py"]
    assert {name: count for name, count in names.items() if count > _max_namesakes} == {}


def test_no_two_classes_have_one_name() -> None:
    places = defaultdict(list)
    for path in _modules().values():
        if _shown(path).startswith(("api/", "core/", "dash_app/")):
            for node in ast.walk(_tree(path)):
                if isinstance(node, ast.ClassDef):
                    places[node.name].append(_shown(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
