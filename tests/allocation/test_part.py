"""Part of a plan: nothing goes that was not accepted, and what goes is right by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from strategies.builders import NOW, row
from tidegate.allocation.part import Bounds, Part, part
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin
from tidegate.indicators.plan import Change, Op

WIDE = Bounds(1_000)


def named(value: str, number: int, feed: str = "f", **fields: object) -> Indicator:
    made = row(number, origin=Origin.FEED, feeds=(feed,), score=float(number), expires=None)
    return replace(made, type=IndicatorType.DOMAIN_NAME, value=value, groups=(), **fields)  # type: ignore[arg-type]  # any field


def coming(value: str, number: int, feed: str = "f") -> Change[Indicator]:
    return Change(None, named(value, number, feed), "rule c2")


def going(value: str, number: int, why: str = "gone", feed: str = "f") -> Change[Indicator]:
    return Change(named(value, number, feed), None, why)


def values(changes: Iterable[Change[Indicator]]) -> list[str]:
    return [change.row.value for change in changes]


def late(found: Part) -> dict[str, tuple[str, list[str]]]:
    return {it.change.row.value: (it.reason, values(it.needs)) for it in found.late}


def names(*changes: Change[Indicator]) -> set[str]:
    return {change.name for change in changes}


def test_the_weakest_new_rows_wait_for_the_weakest_removals_that_are_not_accepted() -> None:
    old = [going(f"o{n}.example", n) for n in range(1, 5)]
    new = [coming(f"n{n}.example", 10 + n) for n in range(4)]
    found = part([*old, *new], names(*new, old[3]), Bounds(0))
    assert values(found.go) == ["o4.example", "n3.example"]
    full = "it finds no slot: the list is full"
    assert late(found) == {
        "n0.example": (full, ["o1.example"]),
        "n1.example": (full, ["o2.example"]),
        "n2.example": (full, ["o3.example"]),
    }
    assert values(found.rest) == ["o1.example", "o2.example", "o3.example"]
    assert values(part([*old, *new], names(*new), Bounds(-4)).go) == []
    assert values(part([*old, *new], names(*new), Bounds(2)).go) == ["n2.example", "n3.example"]


def test_a_feed_at_its_ceiling_makes_room_for_its_own_rows() -> None:
    changes = [going("old.example", 1), coming("new.example", 9), coming("b.example", 3, "g")]
    bounds = Bounds(10, {"f": 1}, {"f": 1})
    found = part(changes, names(*changes[1:]), bounds)
    assert values(found.go) == ["b.example"]
    assert late(found) == {
        "new.example": ("it finds no slot: feed f holds its ceiling of 1", ["old.example"])
    }
    assert part(changes, names(*changes), bounds).late == ()


def test_a_covered_row_stays_until_what_covers_it_is_accepted() -> None:
    child = going("a.bad.example", 1, "covered by DomainName bad.example")
    parent = coming("bad.example", 5)
    other = going("other.example", 2, "covered by DomainName already.example")
    found = part([child, other, parent], names(child, other), WIDE)
    assert values(found.go) == ["other.example"]
    assert late(found) == {
        "a.bad.example": ("it stays until bad.example, which covers it", ["bad.example"])
    }
    # The parent finds no slot: then the child stays, too, and makes none either.
    found = part([child, other, parent], names(child, parent), Bounds(-1))
    assert values(found.go) == []
    assert set(late(found)) == {"a.bad.example", "bad.example"}
    assert len(part([child, other, parent], names(child, parent), Bounds(0)).go) == 2


def test_a_row_that_covers_a_new_one_stays_as_it_is_until_that_one_is_accepted() -> None:
    child, other = coming("a.bad.example", 5), coming("far.example", 6)
    gone = going("bad.example", 9)
    found = part([gone, child, other], names(gone, other), WIDE)
    assert values(found.go) == ["far.example"]
    assert late(found) == {
        "bad.example": ("it covers a.bad.example until that is there", ["a.bad.example"])
    }
    before = named("bad.example", 9)
    milder = Change(before, replace(before, action=Action.ALERT_ONLY), "f: action")
    assert values(part([milder, child, other], names(milder, other), WIDE).go) == ["far.example"]
    longer = Change(before, replace(before, title="Else"), "f: title")
    renewed = Change(
        replace(before, expires=NOW + timedelta(days=3)), before, "f: expires"
    )  # covers as much and more
    for harmless in (longer, renewed):
        assert part([harmless, child, other], names(harmless, other), WIDE).late == ()


@given(st.data())
def test_every_change_ends_in_one_place_and_the_list_never_outgrows_its_slots(
    data: st.DataObject,
) -> None:
    draw = data.draw
    hosts = st.sampled_from(["x.example", "a.x.example", "b.a.x.example", "y.example"])
    removed = draw(st.lists(hosts, unique=True, max_size=4))
    created = draw(st.lists(hosts.map("n.{}".format), unique=True, max_size=4))
    feeds = st.sampled_from(["f", "g"])
    changes = [
        *(
            Change(
                named(value, n, draw(feeds)),
                None,
                draw(st.sampled_from(["gone", *(f"covered by DomainName {v}" for v in created)])),
            )
            for n, value in enumerate(removed)
        ),
        *(coming(value, 50 + n, draw(feeds)) for n, value in enumerate(created)),
    ]
    free = draw(st.integers(max(len(created) - len(removed), -2), 4))
    ceilings = {"f": draw(st.integers(0, 3))}
    held = {"f": draw(st.integers(0, 3))}
    accepted = {change.name for change in changes if draw(st.booleans())}
    found = part(changes, accepted, Bounds(free, ceilings, held))
    parts = [*found.go, *(each.change for each in found.late), *found.rest]
    assert sorted(c.name for c in parts) == sorted(c.name for c in changes)
    assert {c.name for c in parts[: len(found.go) + len(found.late)]} == accepted
    ops = [change.op for change in found.go]
    assert ops.count(Op.CREATE) <= max(free + ops.count(Op.REMOVE), 0)
    there = set(values(c for c in found.go if c.op is Op.CREATE))
    for change in found.go:
        assert change.op is Op.CREATE or change.reason.rpartition(" ")[2] in (there | {"gone"})
    for each in found.late:
        assert each.needs or each.change.op is Op.CREATE
        assert not {c.name for c in each.needs} & {c.name for c in found.go}
