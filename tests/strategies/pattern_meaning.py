"""What STIX patterns mean: whether what was observed matches, by the rules of STIX 2.1, section 9.

Works on the tree of the reference grammar and shares no code with our reader. What is compared by
`=` and its kin is compared in canonical spelling where the value has one, as rows are: letter case
of names and hashes, the many spellings of an address, of a URL, of the key of a hash. An address
is one thing, whichever of `ipv4-addr` and `ipv6-addr` holds it: that, too, is spelling.

Qualifiers and the order of observations are not looked at: such patterns never map, so it is
enough that they match too often.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_network
from itertools import product
from operator import ge, gt, le, lt
from typing import Any, NamedTuple, TypeAlias
from unicodedata import normalize

from strategies.pattern_tree import All, Either, Expression, Literal, Observation, Said, Timed
from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.value import canonical

Thing: TypeAlias = Mapping[str, object]
"""One observed object, such as a file, as in STIX."""

World: TypeAlias = Mapping[str, Thing]
"""One observation: its objects by the ids by which they refer to each other."""

ADDRESSES = frozenset({"ipv4-addr", "ipv6-addr"})
_VALUES = {
    **dict.fromkeys(ADDRESSES, IndicatorType.IP_ADDRESS),
    "domain-name": IndicatorType.DOMAIN_NAME,
    "url": IndicatorType.URL,
}
_HASHES = {
    ("file", "md5"): IndicatorType.FILE_MD5,
    ("file", "sha1"): IndicatorType.FILE_SHA1,
    ("file", "sha256"): IndicatorType.FILE_SHA256,
    ("x509-certificate", "sha1"): IndicatorType.CERTIFICATE,
}


class Property(NamedTuple):
    """A value of an object; `kind` where rows know values of that sort."""

    value: object
    kind: IndicatorType | None


def matches(tree: Expression, worlds: Sequence[World]) -> bool:
    """Say whether observations match a pattern; those joined by AND are different ones."""
    return next(_shown(tree, worlds), None) is not None


def observed(expression: Expression, world: World) -> bool:
    """Say whether one object of an observation is as a comparison expression says."""
    return any(_holds(expression, thing, world) for thing in world.values())


def spelled(kind: IndicatorType | None, value: object) -> object:
    """Return a value as it is compared."""
    if kind is None or not isinstance(value, str):
        return value
    try:
        return canonical(kind, value)
    except InvalidValue:
        return value


def hash_kind(object_type: object, key: str) -> IndicatorType | None:
    """Return the type of a hash under a key of `hashes`."""
    return _HASHES.get((str(object_type), _folded(key)))


def _shown(tree: Expression, worlds: Sequence[World]) -> Iterator[frozenset[int]]:
    """Yield sets of observations, as places in the sequence, that match together."""
    match tree:
        case Observation(expression):
            for place, world in enumerate(worlds):
                if observed(expression, world):
                    yield frozenset({place})
        case Either(terms):
            for term in terms:
                yield from _shown(term, worlds)
        case All(terms):
            for parts in product(*(set(_shown(term, worlds)) for term in terms)):
                joined = frozenset[int]().union(*parts)
                if len(joined) == sum(map(len, parts)):
                    yield joined
        case Timed(inner):
            yield from _shown(inner, worlds)


def _holds(expression: Expression, thing: Thing, world: World) -> bool:
    match expression:
        case All(terms):
            return all(_holds(term, thing, world) for term in terms)
        case Either(terms):
            return any(_holds(term, thing, world) for term in terms)
        case Said() as said:
            return _same_type(thing["type"], said.object_type) and any(
                _passes(said, each) for each in _properties(thing, said.steps, world)
            )
    raise AssertionError(expression)


def _same_type(one: object, other: object) -> bool:
    return one == other or {one, other} == ADDRESSES


def _passes(said: Said, found: Property) -> bool:
    test, negated = said.test.removeprefix("NOT").strip(), said.test.startswith("NOT")
    if test == "EXISTS":
        return True
    return _compares(said, test, found) != negated


def _compares(said: Said, test: str, found: Property) -> bool:
    if test in ("=", "IN"):
        return any(_equal(said, found, literal) for literal in said.meant)
    literal, value = said.meant[0], found.value
    if test in ("!=", "<>"):
        return not _equal(said, found, literal)
    if isinstance(value, str) and isinstance(literal, str):
        return bool(_TEXT[test](value, literal))
    return test in _ORDER and _number(value) and _number(literal) and _ORDER[test](value, literal)


def _equal(said: Said, found: Property, literal: Literal) -> bool:
    if said.steps[-1] == "type" and _same_type(found.value, literal):
        return True
    if _number(found.value) and _number(literal):
        return found.value == literal
    value = spelled(found.kind, found.value)
    return type(value) is type(literal) and value == spelled(found.kind, literal)


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _like(value: str, literal: str) -> bool:
    signs = {"%": ".*", "_": "."}
    text = "".join(signs.get(char) or re.escape(char) for char in normalize("NFC", literal))
    return re.fullmatch(text, normalize("NFC", value), re.DOTALL) is not None


def _found(value: str, literal: str) -> bool:
    try:
        return re.search(normalize("NFC", literal), normalize("NFC", value)) is not None
    except re.error:  # another dialect of expressions
        return False


def _within(inner: str, outer: str) -> bool:
    try:
        small, large = ip_network(inner, strict=False), ip_network(outer, strict=False)
    except ValueError:
        return False
    return small.version == large.version and small.subnet_of(large)  # type: ignore[arg-type]


_ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_TEXT: dict[str, Callable[[Any, Any], bool]] = {
    **_ORDER,
    "LIKE": _like,
    "MATCHES": _found,
    "ISSUBSET": _within,
    "ISSUPERSET": lambda value, literal: _within(literal, value),
}


def _properties(thing: Thing, steps: Sequence[str | int], world: World) -> Iterator[Property]:
    """Yield all that stands at a path, following references to other objects."""
    waiting: list[tuple[object, Thing, tuple[str | int, ...], int]] = [(thing, thing, (), 0)]
    while waiting:
        value, owner, within, at = waiting.pop()
        if at == len(steps):
            yield Property(value, _kind(owner, within))
            continue
        if isinstance(value, str) and _is_reference(within):
            value = owner = world.get(value, {})
            within = ()
        for key, part in _parts(value, steps[at], within):
            waiting.append((part, owner, (*within, key), at + 1))


def _is_reference(within: tuple[str | int, ...]) -> bool:
    names = [step for step in within if isinstance(step, str)]
    return bool(names) and names[-1].endswith(("_ref", "_refs"))


def _parts(
    value: object, step: str | int, within: tuple[str | int, ...]
) -> Iterable[tuple[str | int, object]]:
    """List the parts of a value that a step names; the key of a hash has many spellings."""
    if isinstance(value, Mapping) and isinstance(step, str):
        if within[-1:] == ("hashes",):
            return [(key, value[key]) for key in value if _folded(key) == _folded(step)]
        return [(step, value[step])] if step in value else []
    if isinstance(value, list) and isinstance(step, int):
        places = range(len(value)) if step < 0 else [step] if step < len(value) else []
        return [(place, value[place]) for place in places]
    return []


def _kind(owner: Thing, within: tuple[str | int, ...]) -> IndicatorType | None:
    match within:
        case ("value",):
            return _VALUES.get(str(owner.get("type")))
        case ("hashes", str(key)):
            return hash_kind(owner.get("type"), key)
    return None


def _folded(key: str) -> str:
    return re.sub("[-_]", "", key).lower()
