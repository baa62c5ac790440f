"""The copy of our code that goes with a registered model: what scoring imports, and the data that these modules read.

All of `core` is six times as many files, each of which MLflow sends by a request of its own.
"""

from __future__ import annotations

import ast
import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Beside modules, and in folders below them that hold none: tables of the catalogue, and words in each language.
_data: Final = (".csv", ".po")


def copy_modules(root: Path, package: str, module: str, target: Path) -> None:
    """Copies a module with all of its package that it imports, wherever it does so, but for types alone.

    Args:
        root: of the checkout.
        package: the top package, such as `core`; modules of others are left to the requirements.
        module: by its dotted name, such as `core.scoring`.
        target: a folder, which is then one to import from.
    """
    files = {path: path.relative_to(root) for path in _files(root, package, module)}
    for folder in {path.parent for path in files}:
        for path in folder.rglob("*"):
            if path.suffix in _data and (path.parent == folder or not any(path.parent.glob("*.py"))):
                files[path] = path.relative_to(root)
    for path, place in files.items():
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / place)


def _files(root: Path, package: str, module: str) -> set[Path]:
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _file(root, name)
        if not f"{name}.".startswith(f"{package}.") or path is None or path in found:
            continue
        found.add(path)
        parts = name.split(".")
        waiting += [".".join(parts[:count]) for count in range(1, len(parts))]
        waiting += _imported(ast.parse(path.read_text(encoding="utf-8")))
    return found


def _file(root: Path, module: str) -> Path | None:
    folder = root.joinpath(*module.split("."))
    return next((path for path in (folder.with_suffix(".py"), folder / "__init__.py") if path.is_file()), None)


def _imported(node: ast.AST) -> Iterator[str]:
    """The modules that a piece of code imports; of names it is not known whether they are modules."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    else:
        of_types = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in node.orelse if isinstance(node, ast.If) and of_types else ast.iter_child_nodes(node):
            yield from _imported(child)
