"""STIX patterns as trees of tests, read by the reference grammar.

Shares no code with our reader. A test keeps its words as written and knows what they mean.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import chain, product
from typing import Any, NamedTuple, TypeAlias

from stix2patterns.exceptions import ParseException
from stix2patterns.v20.pattern import Pattern as Pattern20
from stix2patterns.v21.pattern import Pattern as Pattern21

GRAMMARS = {"2.0": Pattern20, "2.1": Pattern21}

Tree: TypeAlias = Any  # the library has no types
Literal: TypeAlias = str | int | float | bool | None
"""What a literal means; None for times and bytes, which no test here compares."""

_DEEPEST = 60_000
_STEP = re.compile(r"\[(\d+|\*)\]|'((?:\\.|[^'\\])*)'|([^.\[\]':]+)", re.DOTALL)


class Said:
    """One test: its path, its operator with NOT before it, and its literals as written."""

    def __init__(self, path: str, test: str, literals: tuple[str, ...], position: int) -> None:
        self.path = path
        self.test = test
        self.literals = literals
        self.position = position

    @property
    def literal(self) -> str:
        """The only literal; empty where there is none or several."""
        return self.literals[0] if len(self.literals) == 1 else ""

    @cached_property
    def object_type(self) -> str:
        return self.path.partition(":")[0]

    @cached_property
    def steps(self) -> tuple[str | int, ...]:
        """Keys as text, an index as a number, -1 for any index."""
        found: list[str | int] = []
        for index, quoted, bare in _STEP.findall(self.path.partition(":")[2]):
            if index:
                found.append(-1 if index == "*" else int(index))
            else:
                found.append(_unescaped(quoted) if quoted else bare)
        return tuple(found)

    @cached_property
    def meant(self) -> tuple[Literal, ...]:
        """What the literals mean."""
        return tuple(map(_meaning, self.literals))


class All(NamedTuple):
    """Terms that must all hold: of one object, or each in an observation of its own."""

    terms: tuple[Expression, ...]


class Either(NamedTuple):
    """Terms of which one must hold."""

    terms: tuple[Expression, ...]


class Observation(NamedTuple):
    """What one observation must show."""

    expression: Expression


class Timed(NamedTuple):
    """Observations with a qualifier or in an order, which is not looked at here."""

    inner: Expression


Expression: TypeAlias = Said | All | Either | Observation | Timed


@contextmanager
def deep_stack() -> Iterator[None]:
    """Give the reference room: its trees are as deep as a chain of OR is long."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(_DEEPEST)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def read_tree(pattern: str, version: str) -> Expression | None:
    """Return the tree of a pattern; None when it is none."""
    roots: list[Tree] = []
    keep = type("Keep", (), {"visit": staticmethod(roots.append)})()
    try:
        GRAMMARS[version](pattern).visit(keep)
    except ParseException:
        return None
    return _expression(roots[0])


def conjunctions(tree: Expression) -> Iterator[list[Said]]:
    """Yield the ways in which one observation by itself can be enough, each as all of its tests."""
    match tree:
        case Either(terms):
            yield from chain.from_iterable(map(conjunctions, terms))
        case Observation(expression):
            yield from _ways(expression)


def _ways(expression: Expression) -> list[list[Said]]:
    match expression:
        case All(terms):
            return [list(chain(*each)) for each in product(*map(_ways, terms))]
        case Either(terms):
            return list(chain.from_iterable(map(_ways, terms)))
        case Said(test="IN", literals=(_, *_)) as said:
            return [[Said(said.path, "=", (each,), said.position)] for each in said.literals]
        case Said() as said:
            return [[said]]
    raise AssertionError(expression)


def _name(node: Tree) -> str:
    return type(node).__name__.removesuffix("Context")


def _inner(node: Tree) -> list[Tree]:
    """List the parts of a node that are no single words."""
    return [child for child in node.getChildren() if child.getChildCount()]


def _expression(node: Tree) -> Expression:
    name, inner = _name(node), _inner(node)
    if name == "ObservationExpressionSimple":
        return Observation(_expression(inner[0]))
    if name.startswith("PropTest") and name != "PropTestParen":
        return _said(name, node, inner)
    terms = tuple(_expression(each) for each in inner if not _name(each).endswith("Qualifier"))
    if len(terms) < len(inner) or (len(terms) > 1 and _words(node) == ["FOLLOWEDBY"]):
        return Timed(terms[0] if len(terms) == 1 else All(terms))
    if len(terms) == 1:
        return terms[0]
    kind = All if _words(node) == ["AND"] else Either
    return kind(tuple(chain.from_iterable(_flat(kind, term) for term in terms)))


def _flat(kind: type[All | Either], term: Expression) -> tuple[Expression, ...]:
    return term.terms if isinstance(term, kind) else (term,)


def _words(node: Tree) -> list[str]:
    return [child.getText() for child in node.getChildren() if not child.getChildCount()]


def _said(name: str, node: Tree, inner: list[Tree]) -> Said:
    path, position = _path(inner[0]), node.start.start
    words = _words(node)
    if name == "PropTestExists":
        return Said(path, "EXISTS", (), position)
    if name == "PropTestSet":
        members = tuple(child.getText() for child in _inner(inner[1]))
        return Said(path, " ".join(words), members, position)
    literal = words.pop() if len(inner) == 1 else inner[1].getText()
    return Said(path, " ".join(words).replace("==", "="), (literal,), position)


def _path(node: Tree) -> str:
    """Return a path as written, apart from quotes that its keys would not need."""
    return re.sub(r"'(\w+)'", r"\1", node.getText(), flags=re.ASCII)


def _meaning(literal: str) -> Literal:
    if literal.startswith("'"):
        return _unescaped(literal[1:-1])
    if literal in ("true", "false"):
        return literal == "true"
    if literal[0] in "thb":
        return None
    return float(literal) if "." in literal else int(literal)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
