"""Hypothesis: observations near a pattern, most of them nearly or wholly as it asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from hypothesis import strategies as st

from strategies.near_patterns import ADDRESSES, DOMAINS, LENGTHS, NAMES, URLS, hashes
from strategies.pattern_meaning import World
from strategies.pattern_tree import Expression, Said, conjunctions

Object: TypeAlias = dict[str, Any]


def made_for(tree: Expression, most: int) -> list[World]:
    """Return observations of one object each, one for each way to match the pattern."""
    worlds: list[dict[str, Object]] = []
    for tests, _ in zip(conjunctions(tree), range(most), strict=False):
        worlds.append({})
        _make(worlds[-1], tests)
    return list(worlds)


@st.composite
def worlds_near(draw: st.DrawFn, tree: Expression) -> World:
    """Draw one observation: some objects made for the pattern, then disturbed, and some drawn."""
    world: dict[str, Object] = {}
    ways = list(conjunctions(tree))
    for _ in range(draw(st.integers(0, 2)) if ways else 0):
        _make(world, draw(st.sampled_from(ways)))
    for thing in draw(st.lists(_things, min_size=0 if world else 1, max_size=2)):
        world[f"drawn-{len(world)}"] = dict(thing)
    for thing in list(world.values()):
        if draw(st.integers(0, 2)) == 0:
            _disturb(draw, thing)
    if len(world) > 1 and draw(st.booleans()):
        ends = draw(st.lists(st.sampled_from(sorted(world)), min_size=2, max_size=2))
        world["traffic"] = {"type": "network-traffic", "src_ref": ends[0], "dst_ref": ends[1]}
    return world


_things = st.one_of(
    st.sampled_from(ADDRESSES[:3]).map(lambda text: {"type": "ipv4-addr", "value": text}),
    st.sampled_from(ADDRESSES[3:]).map(lambda text: {"type": "ipv6-addr", "value": text}),
    st.sampled_from(DOMAINS).map(lambda text: {"type": "domain-name", "value": text}),
    st.sampled_from(URLS).map(lambda text: {"type": "url", "value": text}),
    st.fixed_dictionaries(
        {
            "type": st.just("file"),
            "hashes": st.fixed_dictionaries(
                {}, optional={k: st.sampled_from(hashes(n)) for k, n in LENGTHS.items()}
            ),
        },
        optional={"name": st.sampled_from(NAMES), "size": st.sampled_from([5, 6])},
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("x509-certificate"),
            "hashes": st.fixed_dictionaries({"SHA-1": st.sampled_from(hashes(40))}),
        }
    ),
)
_SIBLINGS: dict[str, Sequence[object]] = {
    "domain-name": DOMAINS,
    "url": URLS,
    "ipv4-addr": ADDRESSES[:3],
    "ipv6-addr": ADDRESSES[3:],
}


def _disturb(draw: st.DrawFn, thing: Object) -> None:
    """Change one thing about an object: another value near it, another hash, or a part less."""
    if thing["type"] in _SIBLINGS and "value" in thing:
        thing["value"] = draw(st.sampled_from(_SIBLINGS[thing["type"]]))
        return
    known = thing.get("hashes")
    if known and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(known)))
        others = {k: v for k, v in known.items() if k != key}
        other = draw(st.sampled_from(hashes(len(str(known[key])))))
        thing["hashes"] = others if draw(st.booleans()) else others | {key: other}
        return
    parts = sorted(set(thing) - {"type"})
    if parts:
        del thing[draw(st.sampled_from(parts))]


def _make(world: dict[str, Object], tests: Sequence[Said]) -> None:
    """Add objects that are as the tests say, as far as equalities and texts go."""
    made: dict[str, str] = {}
    # The type of an object at the end of a reference comes before its value, which would guess it.
    for test in sorted(tests, key=lambda each: each.steps[-1] != "type"):
        ident = made.setdefault(test.object_type, f"made-{len(world)}")
        thing = world.setdefault(ident, {"type": test.object_type})
        if test.meant and test.meant[0] is not None:
            _put(world, thing, test.steps, test.meant[0])


def _put(
    world: dict[str, Object], thing: Object, steps: Sequence[str | int], value: object
) -> None:
    step, *rest = steps
    key = str(step)
    inner = [each for each in rest if isinstance(each, str)]
    if key.endswith(("_ref", "_refs")) and inner:
        found = thing.get(key)
        ident = str(found[0] if isinstance(found, list) else found or f"end-{len(world)}")
        end = world.setdefault(ident, {"type": "x"})
        thing[key] = [ident] if key.endswith("_refs") else ident
        _put(world, end, inner, value)
    elif not rest:
        thing[key] = value
        if key == "value" and thing["type"] in _ENDS:
            thing["type"] = _guess(value)
    elif isinstance(rest[0], int):
        thing[key] = [value]
    else:
        part = thing.setdefault(key, {})
        if isinstance(part, dict):
            _put(world, part, rest, value)


_ENDS = frozenset({"ipv4-addr", "ipv6-addr", "domain-name", "mac-addr", "x"})
"""What may stand at an end of traffic: the value says which, since STIX has no other there."""


def _guess(value: object) -> str:
    text = str(value)
    if ":" in text:
        return "ipv6-addr"
    return "ipv4-addr" if re.fullmatch(r"[\d.]+", text) else "domain-name"
