"""Gives the text of a cell: a module of `cells`, without what only this project needs.

Imports of one another, of types and of the future are left out; so is the module's own docstring,
whose place a heading of the notebook takes. What is left is valid by itself once the cells before
it have run.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib.resources import files
from typing import Final

PACKAGE: Final = "app.exporting.notebook.cells"


@cache
def source_of(name: str) -> str:
    """Give the text of a module of `cells`, ready for a notebook.

    Raises:
        FileNotFoundError: There is no such module.
    """
    text = files(PACKAGE).joinpath(f"{name}.py").read_text(encoding="utf-8")
    left_out: set[int] = set()
    for node in ast.parse(text).body:
        if _is_ours(node) and node.end_lineno is not None:
            left_out |= set(range(node.lineno, node.end_lineno + 1))
    kept = [
        _without_notes(line)
        for number, line in enumerate(text.splitlines(), start=1)
        if number not in left_out
    ]
    return _tight(kept)


def _is_ours(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.ImportFrom(module=module):
            return module == "__future__" or (module or "").startswith(PACKAGE)
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case _:
            return False


def _without_notes(line: str) -> str:
    """Leave out what is written for the checkers of this project."""
    for mark in ("  # noqa", "  # type:", "  # fmt:"):
        line = line.partition(mark)[0]
    return line


def _tight(lines: list[str]) -> str:
    """Join lines with at most two empty ones between, and none at the ends."""
    kept: list[str] = []
    for line in lines:
        if line.strip() or kept[-2:] != ["", ""]:
            kept.append(line.rstrip())
    return "\n".join(kept).strip("\n")
