"""Compression: slots are saved, and the list protects exactly as much."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from random import Random

from hypothesis import given, settings

from strategies.builders import NOW, candidate, row, wanted_from
from strategies.covering_worlds import FILES, listed, lost, random_event, random_world
from strategies.engine_worlds import random_choices, randoms
from tidegate.allocation.allocate import Quota
from tidegate.allocation.compress import Compressed, compress, known_of
from tidegate.allocation.coverage import Known, coverage
from tidegate.allocation.merge import Wanted
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin


def wanted_of(rows: Sequence[Indicator]) -> list[Wanted]:
    """Rows as feeds would ask for them."""
    return wanted_from(
        candidate(
            number,
            feed=item.feeds[0],
            type=item.type,
            value=item.value,
            groups=item.groups,
            action=item.action,
            severity=item.severity,
            expires=item.expires,
            aliases=item.aliases,
            context=item.context,
            trust=20 + 10 * int(item.score or 0),
        )
        for number, item in enumerate(rows)
    )


def names(values: str, **fields: object) -> list[Wanted]:
    """Wanted domains; `name:trust` or `name:trust:feed`, parents without their ending."""
    made = []
    for number, text in enumerate(values.split()):
        name, trust, feed = (*text.split(":"), "f")[:3]
        value = f"{name}.example.com"
        made.append(candidate(number, value=value, trust=int(trust), feed=feed, **fields))
    return wanted_from(made)


def told(found: Compressed) -> tuple[str, str]:
    """The kept and the covered, in short."""
    kept = " ".join(
        sorted(item.value.removesuffix(".example.com") for item in found.allocation.kept)
    )
    covered = " ".join(
        sorted(f"{c.wanted.value}<{c.by.value}".replace(".example.com", "") for c in found.covered)
    )
    return kept, covered


def test_a_covered_row_gives_its_slot_to_the_next() -> None:
    found = compress(names("a:50 x.a:60 b:40 c:30"), 2, {}, Known())
    assert told(found) == ("a b", "x.a<a")
    assert found.saved == 1
    assert [item.reason for item in found.covered] == ["covered by DomainName a.example.com"]


def test_a_parent_competes_with_the_best_that_it_covers_however_far_down() -> None:
    wanted = names("a:10 x.a:20 y.x.a:90 b:80 c:70")
    assert told(compress(wanted, 2, {}, Known())) == ("a b", "x.a<a y.x.a<a")
    assert compress(wanted, 2, {}, Known()).saved == 1


def test_children_of_a_parent_that_misses_compete_on_their_own() -> None:
    wanted = names("a:60:low x.a:50:f b:40:f c:30:f")
    found = compress(wanted, 2, {"low": Quota(0, 0)}, Known())
    assert told(found) == ("b x.a", "")
    assert found.saved == 0
    assert len(found.allocation.waiting) == 2


def test_what_was_released_together_is_looked_at_once_more() -> None:
    """The top is at its feed's ceiling; beneath it the next parent covers what is left."""
    wanted = names("a:90:low x.a:50 y.x.a:45 b:40 c:30")
    found = compress(wanted, 3, {"low": Quota(0, 0)}, Known())
    assert told(found) == ("b c x.a", "y.x.a<x.a")


def test_a_pin_is_never_covered_and_always_covers() -> None:
    wanted = names("a:50 x.a:10 y.x.a:5 b:40")
    pinned = {item.key for item in wanted if item.value == "x.a.example.com"}
    found = compress(wanted, 1, {}, Known(pinned=pinned))
    assert told(found) == ("x.a", "y.x.a<x.a")


def test_a_parent_holds_its_slot_for_a_child_that_held_one() -> None:
    wanted = names("a:48 x.a:48 b:50")
    child = {item.key for item in wanted if item.value == "x.a.example.com"}
    assert told(compress(wanted, 1, {}, Known()))[0] == "b"
    assert told(compress(wanted, 1, {}, Known(), child)) == ("a", "x.a<a")


def test_what_a_share_let_in_past_its_parent_does_not_bring_that_in_at_the_next_plan() -> None:
    wanted = names("a:48:full x.a:48:f b:50:full")
    quotas = {"full": Quota(0, 1)}
    first = compress(wanted, 2, quotas, Known())
    assert told(first) == ("b x.a", "")
    held = {item.key for item in first.allocation.kept}
    assert told(compress(wanted, 2, quotas, Known(), held)) == told(first)
    assert told(compress(wanted, 1, {}, Known(), {wanted[2].key}))[0] == "a"


def test_rows_of_people_cover_and_those_of_others_do_not() -> None:
    wanted = names("x.a:50 b:40", expires=None)

    def found(**fields: object) -> tuple[str, str]:
        held = [row(1, **({"value": "a.example.com"} | fields))]
        known = known_of(wanted, held, {r.feed_key for r in held if r.pinned})
        return told(compress(wanted, 1, {}, known))

    assert found() == ("b", "x.a<a")
    assert found(origin=Origin.FOREIGN) == ("x.a", "")
    assert found(origin=Origin.FEED) == ("x.a", "")
    assert found(origin=Origin.FEED, pinned=True) == ("b", "x.a<a")
    assert found(action=Action.ALLOW) == ("x.a", "")
    assert found(expires=NOW + timedelta(days=1)) == ("x.a", "")


def test_others_on_the_list_stand_between() -> None:
    wanted = names("a:50 y.x.a:50")
    between = row(1, value="x.a.example.com", action=Action.ALLOW, origin=Origin.FOREIGN)
    assert told(compress(wanted, 9, {}, known_of(wanted, [between], ())))[1] == ""


def test_a_row_that_a_person_changed_is_what_the_person_made_of_it() -> None:
    wanted = names("a:50 x.a:40", expires=None)
    changed = row(
        1,
        value="a.example.com",
        action=Action.ALERT_ONLY,
        origin=Origin.FEED,
        owned={"action": Action.ALERT_AND_BLOCK},
    )
    assert told(compress(wanted, 9, {}, known_of(wanted, [changed], ()))) == ("a x.a", "")
    moved = row(
        1, value="a.example.com", origin=Origin.FEED, groups=("Servers",), owned={"groups": ()}
    )
    assert told(compress(wanted, 9, {}, known_of(wanted, [moved], ()))) == ("a x.a", "")
    noted = row(1, value="a.example.com", origin=Origin.FEED, owned={"title": "x"})
    assert told(compress(wanted, 9, {}, known_of(wanted, [noted], ()))) == ("a", "x.a<a")


def test_a_document_that_prevention_passes_over_covers_no_hash() -> None:
    strong, weak = FILES[0][IndicatorType.FILE_SHA256], FILES[0][IndicatorType.FILE_MD5]

    def found(**fields: object) -> int:
        one = candidate(
            1,
            type=IndicatorType.FILE_SHA256,
            value=strong,
            aliases=(f"FileMd5:{weak}",),
            **fields,
        )
        wanted = wanted_from([one, candidate(2, type=IndicatorType.FILE_MD5, value=weak)])
        known = known_of(wanted, (), ())
        return len(compress(wanted, 9, {}, known).covered)

    assert found() == 1
    assert found(context={"file_name": ("invoice.pdf",)}) == 0


@settings(max_examples=100, deadline=None)
@given(randoms)
def test_every_row_ends_once_and_what_is_covered_is_covered_by_a_row_with_a_slot(
    random: Random,
) -> None:
    world = random_world(random, most=20)
    wanted = wanted_of(world.wanted)
    held = [*world.standing, *world.witnesses]
    pinned = {item.key for item in wanted if random.random() < 0.1}
    known = known_of(wanted, held, (), pinned)
    quotas = {feed: Quota(random.randrange(3), random.randrange(3, 8)) for feed in "fg"}
    room = random.randrange(12)
    incumbents = {item.key for item in wanted if random.random() < 0.3}
    found = compress(wanted, room, quotas, known, incumbents)
    kept = found.allocation.kept
    waiting = [getattr(item, "wanted", item) for item in found.allocation.waiting]
    covered = [item.wanted for item in found.covered]
    assert sorted(map(id, (*kept, *waiting, *covered))) == sorted(map(id, wanted))
    holders = {*map(id, kept), *map(id, known.standing)}
    assert all(id(item.by) in holders for item in found.covered)
    assert len(kept) <= max(room, len(pinned))
    assert pinned <= {item.key for item in kept}
    assert 0 <= found.saved <= len(covered)
    # No slot is spent on what a row with a slot covers.
    places = {id(item): number for number, item in enumerate(wanted)}
    inside = {places[id(item)] for item in kept}
    for child, parents in coverage(wanted, known).items():
        sure = any(parent in inside or parent >= len(wanted) for parent in parents)
        assert not (child in inside and sure)


@settings(max_examples=5_000 if os.environ.get("TIDEGATE_SOAK") else 60, deadline=None)
@given(randoms)
def test_a_compressed_list_protects_exactly_as_much(random: Random) -> None:
    """All rows against the kept ones where there is room, else with and without the covered."""
    world = random_world(random, most=20)
    wanted = wanted_of(world.wanted)
    held = [*world.standing, *world.witnesses]
    room = random.choice((len(wanted), random.randrange(len(wanted) + 1)))
    contexts = {item.key: item.context for item in world.wanted}

    def row_of(item: Wanted) -> Indicator:
        return listed(item, contexts[item.key])

    found = compress(wanted, room, {}, known_of(wanted, held, ()))
    after = [*held, *map(row_of, found.allocation.kept)]
    before = [*after, *(row_of(item.wanted) for item in found.covered)]
    if room == len(wanted):
        assert len(before) == len(held) + len(wanted)
    whole = random.random() < 0.5
    events = [random_event(random, world.palette, n, whole=whole) for n in range(15)]
    for aliases in (True, False) if whole else (True,):
        assert lost(before, after, events, random_choices(random), aliases=aliases) == []
