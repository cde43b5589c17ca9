"""Reads out of the code what it says when it refuses something, as templates with named places.

The domain and the faults of `app` write English, ``f"is {length} characters long"``, and know no
languages; `app.refusals` finds the template of such a text again, and says it in the reader's
language. Here the code is read, not run: every text that can become the message or the way out of
a `Problem`, the message of a fault, or a rule's complaint is followed to where it is written. What
cannot be followed, such as the message of a library, is left out.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT: Final = Path(__file__).parents[2]
SPOKEN: Final = (
    "experiments/*.py",
    "experiments/errors/*.py",
    "experiments/privacy/*.py",
    "experiments/programme_run/*.py",
    "app/analysis/*.py",
    "app/auth/*.py",
    "app/errors/*.py",
    "app/webhooks/*.py",
    "app/console/**/*.py",
)
"""Where a text can be written that a page of the console shows."""

UNSPOKEN: Final = (
    "experiments/errors/archive.py",
    "experiments/errors/database.py",  # an answer of its own is shown in their place
    "app/auth/member_token.py",
    "app/auth/public_keys.py",
)
"""What is said to programs and operators only."""

WRITTEN: Final[dict[str, tuple[tuple[int, str], ...]]] = {
    "Problem": ((2, "message"), (3, "way_out")),
    "Refused": ((0, "message"),),
    "ValueError": ((0, ""),),
    "Answer": ((1, "fault"), (2, "title"), (3, "detail")),
    "AddressRefused": ((0, ""),),
    "InvalidMetric": ((2, "expected"),),
}
"""Which arguments of a call are said."""

UNSPOKEN_FAULTS: Final = frozenset(
    {
        "MissingScope", "UnsupportedMediaType", "RateLimited", "MemberTokenMissing",
        "MemberMismatch",
    },
)  # fmt: skip
"""Faults of requests that no person makes in the console."""

_KEY: Final = re.compile(r"(?!none$)\w+")
_PLACE: Final = re.compile(r"(?<!\{)\{(\w+?)\d*\}")
_IGNORED_NAMES: Final = frozenset({"join", "map", "str", "repr", "sorted", "len", "shortened"})


@cache
def refusals() -> dict[str, str]:
    """Give every template that can be shown, and where it is written."""
    found: dict[str, str] = {}
    unspoken = {ROOT / path for path in UNSPOKEN}
    for path in sorted({one for pattern in SPOKEN for one in ROOT.glob(pattern)} - unspoken):
        for template, line in Module(ast.parse(path.read_text(encoding="utf-8"))).texts():
            found.setdefault(template, f"{path.relative_to(ROOT)}:{line}")
    return found


def _says_something(template: str) -> bool:
    """Leave out keys, and what is but places and signs: there is nothing to translate."""
    if _KEY.fullmatch(template):
        return False
    depth, words = 0, ""
    for one in template:
        depth += (one == "{") - (one == "}")
        words += one if not depth else ""
    return any(one.isalpha() for one in words)


class Module:
    """One module: its functions, who calls them, and what names stand for."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.parent = {
            child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)
        }
        self.functions: dict[str, list[ast.FunctionDef]] = defaultdict(list)
        self.calls: dict[str, list[ast.Call]] = defaultdict(list)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                self.functions[node.name].append(node)
            elif isinstance(node, ast.Call) and (name := _called(node)):
                self.calls[name].append(node)

    def texts(self) -> Iterator[tuple[str, int]]:
        """Give every text that is said, as a template, with its line."""
        for name, arguments in WRITTEN.items():
            for call in self.calls[name]:
                for place, keyword in arguments:
                    value = _argument(call, place, keyword)
                    if value is not None:
                        yield from self._each(value, call.lineno)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):  # what is missing: a campaign
                for value in _assigned(node.body, "kind"):
                    yield from ((one, node.lineno) for one in self._resolved(value, frozenset()))
        for call in self.calls["__init__"]:
            by_name = not ast.unparse(call.func).startswith("super()")  # Above.__init__(self, …)
            if len(call.args) > by_name and self._is_spoken_fault(call):
                yield from self._each(call.args[by_name], call.lineno)

    def _is_spoken_fault(self, call: ast.Call) -> bool:
        above: ast.AST | None = call
        while above is not None and not isinstance(above, ast.ClassDef):
            above = self.parent.get(above)
        named = above.name if above is not None else ""
        return named not in UNSPOKEN_FAULTS

    def _each(self, value: ast.expr, line: int) -> Iterator[tuple[str, int]]:
        texts = self._resolved(value, frozenset())
        yield from ((one, line) for one in texts if _says_something(one))

    def _resolved(  # noqa: PLR0911  # one return a kind of expression
        self,
        node: ast.expr,
        seen: frozenset[ast.AST],
    ) -> list[str]:
        """Give the templates that an expression can be; none where it cannot be followed."""
        if node in seen:
            return []
        seen |= {node}
        match node:
            case ast.Constant(value=str(text)):
                return [text.replace("{", "{{").replace("}", "}}") if "{" in text else text]
            case ast.JoinedStr():
                return self._joined(node, seen)
            case ast.IfExp() | ast.BoolOp():
                either = [node.body, node.orelse] if isinstance(node, ast.IfExp) else node.values
                return [text for one in either for text in self._resolved(one, seen)]
            case ast.BinOp(op=ast.Add()):
                left, right = self._resolved(node.left, seen), self._resolved(node.right, seen)
                return [a + b for a, b in product(left, right)]
            case ast.Name():
                return [text for one in self._meanings(node) for text in self._resolved(one, seen)]
            case ast.Call(func=ast.Name(id=name)) if name in {"marked", "said"} and node.args:
                return []  # stands in a catalogue already
            case ast.Call() if (name := _called(node)) in self.functions:
                returned = [
                    one.value
                    for function in self.functions[name]
                    for one in ast.walk(function)
                    if isinstance(one, ast.Return) and one.value is not None
                ]
                return [text for one in returned for text in self._resolved(one, seen)]
            case ast.Subscript(value=ast.Name() as table):
                return [text for one in self._meanings(table) for text in self._table(one, seen)]
            case _:
                return []

    def _joined(self, node: ast.JoinedStr, seen: frozenset[ast.AST]) -> list[str]:
        """Write an f-string as templates, its places named after what fills them.

        A place that may hold a further part of the sentence gives a template with and without it.
        """
        wholes, within = [""], []
        for part in node.values:
            match part:
                case ast.Constant(value=str(literal)):
                    ways = [literal.replace("{", "{{").replace("}", "}}")]
                case ast.FormattedValue(value=value):
                    texts = self._resolved(value, seen)
                    goes_on = "" in texts and any(texts)
                    ways = sorted(texts) if goes_on else [f"{{{_name_of(value)}}}"]
                    within += [] if goes_on else texts
                case _:
                    ways = [""]
            wholes = [whole + way for whole in wholes for way in ways]
        return [*map(_numbered, wholes), *within]

    def _table(self, node: ast.expr, seen: frozenset[ast.AST]) -> list[str]:
        tables = [one for one in ast.walk(node) if isinstance(one, ast.Dict)]
        return [text for one in tables for v in one.values for text in self._resolved(v, seen)]

    def _meanings(self, name: ast.Name) -> Iterator[ast.expr]:
        """Give what a name was assigned: in its function, by its callers, or in the module."""
        function = self._function_of(name)
        if function is not None:
            found = list(_assigned(ast.walk(function), name.id))
            if found:
                yield from found
                return
            arguments = [*function.args.posonlyargs, *function.args.args]
            place = next((i for i, one in enumerate(arguments) if one.arg == name.id), None)
            keywords = {one.arg for one in function.args.kwonlyargs}
            if place is not None or name.id in keywords:
                own = bool(arguments) and arguments[0].arg in {"self", "cls"}
                at = -1 if place is None else place - own
                callers = [] if function.name == "__init__" else self.calls[function.name]
                for call in callers:
                    value = _argument(call, at, name.id)
                    if value is not None:
                        yield value
                return
        yield from _assigned(self.tree.body, name.id)

    def _function_of(self, node: ast.AST) -> ast.FunctionDef | None:
        above = self.parent.get(node)
        while above is not None and not isinstance(above, ast.FunctionDef):
            above = self.parent.get(above)
        return above


def _numbered(template: str) -> str:
    """Tell places of the same name apart: {key} and {key2}."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        names.append(found[1])
        again = names.count(found[1])
        return f"{{{found[1]}{again if again > 1 else ''}}}"

    return _PLACE.sub(number, template)


def _assigned(nodes: Iterable[ast.AST], name: str) -> Iterator[ast.expr]:
    """Give the values that a name is assigned, alone or with others beside it."""
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _paired(target, value, name)
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) | (
                ast.NamedExpr(target=ast.Name(id=target), value=value)
            ) if target == name:
                yield value
            case ast.For(target=target, iter=ast.Tuple(elts=rows) | ast.List(elts=rows)):
                for row in rows:
                    yield from _paired(target, row, name)
            case _:
                pass


def _paired(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    match target, value:
        case ast.Name(id=written), _ if written == name:
            yield value
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            for one, other in zip(targets, values, strict=True):
                yield from _paired(one, other, name)
        case ast.Tuple(), ast.IfExp(body=body, orelse=orelse):
            yield from _paired(target, body, name)
            yield from _paired(target, orelse, name)
        case _:
            return


def _argument(call: ast.Call, place: int, keyword: str) -> ast.expr | None:
    for one in call.keywords:
        if one.arg == keyword:
            return one.value
    return call.args[place] if 0 <= place < len(call.args) else None


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _name_of(value: ast.expr) -> str:
    """Name a place after what fills it."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lower().strip("_")
        case _:
            names = [
                name.lower().strip("_")
                for one in ast.walk(value)
                if isinstance(one, ast.Name | ast.Attribute)
                and (name := one.id if isinstance(one, ast.Name) else one.attr)
                not in _IGNORED_NAMES
            ]
            return names[0] if names else "value"
