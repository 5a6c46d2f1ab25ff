"""The full grammar of STIX patterns, 2.0 and 2.1, as a tree of alternatives and conjunctions.

Owns the tree and its reader. Refuses meaning: which parts a Defender row can say is decided in
pattern.py. Long chains of AND and OR are read in a loop; only brackets nest, to a fixed depth, so
no pattern can exhaust the interpreter's stack. Grammar: STIX 2.1 section 9, precedence
FOLLOWEDBY < OR < AND.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from tidegate.errors import PatternError
from tidegate.stix.pattern_tokens import Token, tokens, unquoted

MAX_NESTING = 40
"""Deepest nesting of parentheses."""


class Path(NamedTuple):
    """An object path: type and steps; an index step is its number or `*` in brackets."""

    object_type: str
    steps: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.object_type}:{'.'.join(self.steps)}".replace(".[", "[")


class Comparison(NamedTuple):
    """One test of one path.

    `operator` is as written, EXISTS included; `literals` holds one token, for IN any number.
    """

    path: Path
    operator: str
    negated: bool
    literals: tuple[Token, ...]
    position: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Terms joined by AND, of comparisons or of observations."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Terms joined by OR, of comparisons or of observations."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Bracket:
    """One observation: the comparison expression between square brackets."""

    expression: Node
    position: int


@dataclass(frozen=True, slots=True)
class Followed:
    """Observations in order of time."""

    terms: tuple[Node, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Qualified:
    """An observation expression with WITHIN, REPEATS or START-STOP."""

    inner: Node
    qualifier: str
    position: int


Node: TypeAlias = Comparison | AllOf | AnyOf | Bracket | Followed | Qualified

_EQUALITY = frozenset(("=", "==", "!=", "<>"))
_TEXT_TESTS = frozenset(("LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"))
_ORDERABLE = ("binary", "float", "hex", "integer", "string", "timestamp")
_LITERALS = tuple(sorted((*_ORDERABLE, "boolean")))


def parse_pattern(pattern: str, *, bare_keys: bool = False) -> Node:
    """Read a pattern into its tree; raises PatternError with the position of what is wrong.

    `bare_keys` lets the key of a hash go without the quotes that a hyphen asks for.
    """
    return _Reader(tokens(pattern), bare_keys=bare_keys).whole()


class _Reader:
    """Reads tokens from left to right; `_at` is the next one."""

    __slots__ = ("_at", "_bare_keys", "_nesting", "_tokens")

    def __init__(self, found: list[Token], *, bare_keys: bool) -> None:
        self._tokens = found
        self._bare_keys = bare_keys
        self._at = 0
        self._nesting = 0

    def whole(self) -> Node:
        node = self._observations()
        self._take("end")
        return node

    def _take(self, *kinds: str) -> Token:
        token = self._tokens[self._at]
        if token.kind not in kinds:
            found = "the end" if token.kind == "end" else ascii(token.text[:40])
            raise PatternError(f"found {found} instead of {' or '.join(kinds)}", token.position)
        self._at += 1
        return token

    def _skip(self, kind: str) -> bool:
        if self._tokens[self._at].kind != kind:
            return False
        self._at += 1
        return True

    def _open(self) -> None:
        token = self._take("(")
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise PatternError(f"nested deeper than {MAX_NESTING} parentheses", token.position)

    def _close(self) -> None:
        self._take(")")
        self._nesting -= 1

    def _observations(self) -> Node:
        start = self._tokens[self._at].position
        steps: list[list[list[Node]]] = [[[]]]
        while True:
            steps[-1][-1].append(self._observation())
            if self._skip("AND"):
                continue
            if self._skip("OR"):
                steps[-1].append([])
            elif self._skip("FOLLOWEDBY"):
                steps.append([[]])
            else:
                break
        joined = tuple(_joined(alternatives) for alternatives in steps)
        return joined[0] if len(joined) == 1 else Followed(joined, start)

    def _observation(self) -> Node:
        start = self._tokens[self._at].position
        node: Node
        if self._tokens[self._at].kind == "(":
            self._open()
            node = self._observations()
            self._close()
        else:
            self._take("[")
            node = Bracket(self._comparisons(), start)
            self._take("]")
        return self._qualified(node, start)

    def _qualified(self, node: Node, start: int) -> Node:
        """Read qualifiers, any number: 2.1 forbids a kind twice, 2.0 does not, and none maps."""
        seen: list[str] = []
        while (token := self._tokens[self._at]).kind in ("WITHIN", "REPEATS", "START"):
            seen.append(token.kind)
            self._at += 1
            if token.kind == "WITHIN":
                self._count("integer", "float")
                self._take("SECONDS")
            elif token.kind == "REPEATS":
                self._count("integer")
                self._take("TIMES")
            else:
                self._take("timestamp")
                self._take("STOP")
                self._take("timestamp")
        return Qualified(node, " ".join(seen), start) if seen else node

    def _count(self, *kinds: str) -> None:
        token = self._take(*kinds)
        if token.text.startswith("-"):
            raise PatternError("a negative number here", token.position)

    def _comparisons(self) -> Node:
        alternatives: list[list[Node]] = [[]]
        while True:
            alternatives[-1].append(self._term())
            if self._skip("OR"):
                alternatives.append([])
            elif not self._skip("AND"):
                return _joined(alternatives)

    def _term(self) -> Node:
        kind = self._tokens[self._at].kind
        if kind == "(":
            self._open()
            node = self._comparisons()
            self._close()
            return node
        start = self._tokens[self._at].position
        if self._skip("EXISTS"):
            return Comparison(self._path(), "EXISTS", False, (), start)
        path = self._path()
        negated = self._skip("NOT")
        test = self._tokens[self._at]
        if test.kind == "operator":
            self._at += 1
            allowed = _LITERALS if test.text in _EQUALITY else _ORDERABLE
            return Comparison(path, test.text, negated, (self._take(*allowed),), start)
        if test.kind != "IN" and test.kind not in _TEXT_TESTS:
            raise PatternError("no test such as = or IN after the path", test.position)
        self._at += 1
        literals = self._set() if test.kind == "IN" else (self._take("string"),)
        return Comparison(path, test.kind, negated, literals, start)

    def _set(self) -> tuple[Token, ...]:
        self._take("(")
        found: list[Token] = []
        if not self._skip(")"):
            found.append(self._take(*_LITERALS))
            while self._skip(","):
                found.append(self._take(*_LITERALS))
            self._take(")")
        return tuple(found)

    def _path(self) -> Path:
        object_type = self._take("word").text
        self._take(":")
        steps = [self._key("")]
        while True:
            if self._skip("."):
                steps.append(self._key(steps[-1]))
            elif self._skip("["):
                steps.append(f"[{self._take('integer', '*').text}]")
                self._take("]")
            else:
                return Path(object_type, tuple(steps))

    def _key(self, before: str) -> str:
        token = self._take("word", "string")
        if token.kind == "string":
            return unquoted(token.text)
        if "-" in token.text and not (self._bare_keys and before == "hashes"):
            raise PatternError(
                f"write '{token.text[:40]}' in quotes: it has a hyphen", token.position
            )
        return token.text


def _joined(alternatives: list[list[Node]]) -> Node:
    """Build OR over AND from lists, without a level where there is only one term."""
    terms = [all_of[0] if len(all_of) == 1 else AllOf(tuple(all_of)) for all_of in alternatives]
    return terms[0] if len(terms) == 1 else AnyOf(tuple(terms))
