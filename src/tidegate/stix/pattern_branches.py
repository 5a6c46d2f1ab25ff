"""Turns comparisons that must all hold into one atom, or into the reason why no row can say them.

Owns the rules for one alternative: plain equalities, several hashes of one file, the address at an
end of network traffic. Refuses to widen: a conjunction that is not one file, one certificate or one
address becomes an atom with a code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from types import MappingProxyType

from tidegate.indicators.kinds import FILE_TYPES, IndicatorType
from tidegate.stix import atoms
from tidegate.stix.atoms import BESIDE_LENGTH, BESIDE_PAIRS, PatternAtom
from tidegate.stix.pattern_paths import (
    NETWORK_TRAFFIC,
    SPEC_KEYS,
    algorithm,
    is_hash,
    is_reference,
    type_of,
)
from tidegate.stix.pattern_syntax import Comparison
from tidegate.stix.pattern_tokens import Token, unquoted
from tidegate.stix.repairs import HASH_KEY_SPELLING

REPAIRED_KEY = (HASH_KEY_SPELLING,)

_OPERATOR_CODE = MappingProxyType(
    {
        "LIKE": atoms.LIKE,
        "MATCHES": atoms.MATCHES,
        "ISSUBSET": atoms.ISSUBSET,
        "ISSUPERSET": atoms.ISSUPERSET,
        "EXISTS": atoms.EXISTS,
        "!=": atoms.NEGATION,
        "<>": atoms.NEGATION,
    }
)
_REF_TYPE = MappingProxyType(
    {
        "ipv4-addr": IndicatorType.IP_ADDRESS,
        "ipv6-addr": IndicatorType.IP_ADDRESS,
        "domain-name": IndicatorType.DOMAIN_NAME,
    }
)
_DIGESTS = (32, 40, 64)
"""Characters of MD5, SHA-1 and SHA-256 in hexadecimal."""

_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)


def refused(code: str, detail: str, position: int) -> PatternAtom:
    """Make the atom of an alternative that no row can say."""
    return PatternAtom(None, "", code=code, detail=detail, position=position)


def atom_of(branch: Sequence[Comparison]) -> PatternAtom:
    """Turn comparisons that must all hold into one atom."""
    if len(branch) == 1:
        return _single(branch[0])
    types = {comparison.path.object_type for comparison in branch}
    hashes = [c for c in branch if _names_one(c)]
    if len(types) == 1 and hashes and all(_positive(c) for c in branch):
        joined = _identified(hashes)
        if joined is not None:
            return joined if joined.code else joined._replace(beside=_beside(branch, joined))
    if types == {NETWORK_TRAFFIC} and any(is_reference(c.path) for c in branch):
        return _traffic(branch)
    paths = ", ".join(sorted({str(c.path)[:80] for c in branch}))
    return refused(atoms.AND_ACROSS, f"only together: {paths}", branch[0].position)


def without_bystanders(
    factors: Sequence[tuple[tuple[Comparison, ...], ...]],
) -> Sequence[tuple[tuple[Comparison, ...], ...]]:
    """Take out of AND the choices that a hash of the same object decides alone, such as of names.

    Each factor is a choice of branches. Multiplied out, a bystander would only repeat the hash; so
    the first of them come back as one branch more, which is no choice and says what stood there.
    """
    if all(len(factor) == 1 for factor in factors):
        return factors
    named = [all(any(map(_names_one, branch)) for branch in factor) for factor in factors]
    if not any(named):
        return factors
    types = {c.path.object_type for factor in factors for branch in factor for c in branch}
    if len(types) != 1 or not all(_positive(c) for f in factors for b in f for c in b):
        return factors
    kept: list[tuple[tuple[Comparison, ...], ...]] = []
    bystanders: list[tuple[tuple[Comparison, ...], ...]] = []
    for factor, whole in zip(factors, named, strict=True):
        decides = whole or any(any(map(_names_one, branch)) for branch in factor)
        (kept if decides else bystanders).append(factor)
    if bystanders:
        every = chain.from_iterable(chain.from_iterable(bystanders))
        kept.append((tuple(islice(every, BESIDE_PAIRS)),))
    return kept


def _beside(branch: Iterable[Comparison], joined: PatternAtom) -> tuple[tuple[str, str], ...]:
    """Return all that a branch asks besides the hash that decides, hashes first."""
    others = [c for c in branch if not (_names_one(c) and type_of(c.path) is joined.type)]
    others.sort(key=lambda c: not is_hash(c.path))
    pairs = dict.fromkeys(
        (
            str(c.path)[:BESIDE_LENGTH],
            unquoted(c.literals[0].text)[:BESIDE_LENGTH] if _equality(c) else "",
        )
        for c in others
    )
    return tuple(islice(pairs, BESIDE_PAIRS))


def _names_one(comparison: Comparison) -> bool:
    return is_hash(comparison.path) and _equality(comparison)


def _equality(comparison: Comparison) -> bool:
    """Say whether the test asks for one text."""
    return (
        comparison.operator in ("=", "==")
        and not comparison.negated
        and comparison.literals[0].kind == "string"
    )


def _positive(comparison: Comparison) -> bool:
    """Say whether the test could hold at all; an IN that is left has an empty list."""
    return not comparison.negated and comparison.operator not in ("!=", "<>", "IN")


def _single(comparison: Comparison) -> PatternAtom:
    """Turn one comparison into an atom."""
    path, position = comparison.path, comparison.position
    if comparison.negated:
        return refused(atoms.NEGATION, f"NOT on {path}"[:200], position)
    if comparison.operator not in ("=", "=="):
        code = _OPERATOR_CODE.get(comparison.operator, atoms.COMPARISON)
        return refused(code, f"{comparison.operator} on {path}"[:200], position)
    kind = type_of(path)
    if kind is None and is_reference(path):
        return _traffic((comparison,))
    if kind is None:
        code = atoms.UNMAPPED_HASH if is_hash(path) else atoms.UNMAPPED_PATH
        return refused(code, f"Defender has no indicator for {path}"[:200], position)
    literal = comparison.literals[0]
    if literal.kind != "string":
        detail = f"{path} is compared with a {literal.kind}"[:200]
        return refused(atoms.VALUE_NOT_TEXT, detail, position)
    repairs = REPAIRED_KEY if is_hash(path) and path.steps[1] not in SPEC_KEYS else ()
    return PatternAtom(kind, unquoted(literal.text), position=position, repairs=repairs)


def _identified(hashes: Sequence[Comparison]) -> PatternAtom | None:
    """Join the hashes of one file or certificate; None when two of a kind contradict each other."""
    values: dict[str, str] = {}
    for comparison in hashes:
        key = algorithm(comparison.path.steps[1])
        text = _text(comparison.literals[0])
        if values.setdefault(key, text) != text:
            return None
    found = [_single(comparison) for comparison in hashes]
    mapped = [atom for atom in found if not atom.code]
    return strongest_first(mapped) if mapped else found[0]


def _text(literal: Token) -> str:
    return unquoted(literal.text).casefold()


def strongest_first(mapped: Sequence[PatternAtom]) -> PatternAtom | None:
    """Join atoms of one file, one for each type; None when a type has two values.

    Two digests of one length are two of a type, under whatever name one of them is filed.
    """
    by_type: dict[IndicatorType, PatternAtom] = {}
    by_length: dict[int, str] = {}
    for atom in mapped:
        if atom.type is None:
            return None
        text = atom.value.strip().casefold()
        if by_type.setdefault(atom.type, atom).value.strip().casefold() != text:
            return None
        if len(text) in _DIGESTS and by_length.setdefault(len(text), text) != text:
            return None
    order = [kind for kind in (*FILE_TYPES, IndicatorType.CERTIFICATE) if kind in by_type]
    first, *others = (by_type[kind] for kind in order)
    return first._replace(
        aliases=tuple((atom.type, atom.value) for atom in others if atom.type is not None),
        position=min(atom.position for atom in mapped),
        repairs=REPAIRED_KEY if any(atom.repairs for atom in mapped) else (),
    )


def _traffic(branch: Sequence[Comparison]) -> PatternAtom:
    """Read the one address of network traffic, when nothing narrows it and its type is certain."""
    address: Comparison | None = None
    ends: dict[str, str] = {}
    for comparison in branch:
        path = comparison.path
        if not _equality(comparison):
            address = None
            break
        if is_reference(path) and address is None:
            address = comparison
        elif path.steps[1:] == ("type",) and path.steps[0] not in ends:
            ends[path.steps[0]] = unquoted(comparison.literals[0].text)
        else:
            address = None
            break
    if address is not None:
        end = address.path.steps[0]
        value = unquoted(address.literals[0].text)
        kind = _REF_TYPE.get(ends[end]) if end in ends else _kind_of_end(value)
        if kind is not None and set(ends) <= {end}:
            asked = (f"{NETWORK_TRAFFIC}:{end}.type", ends.get(end, "")[:BESIDE_LENGTH])
            return PatternAtom(kind, value, position=address.position, beside=(asked,))
    paths = ", ".join(sorted({str(c.path)[:80] for c in branch}))
    return refused(
        atoms.NETWORK_TRAFFIC_REF, f"traffic, not an address: {paths}", branch[0].position
    )


def _kind_of_end(value: str) -> IndicatorType | None:
    """Tell an IPv4 address from all else; an end may be a MAC address, which looks like IPv6."""
    return IndicatorType.IP_ADDRESS if _IPV4.fullmatch(value) else None
