"""The difference: what has to change, nothing twice, and never a person's word."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.builders import NOW, backing, candidate, row, wanted_from
from strategies.candidates import FEEDS, candidate_sets
from tidegate.allocation.diff import (
    AGEING_TERM,
    FEED_FIELDS,
    SCORE_DRIFT,
    ageing,
    diff,
    outlived,
    stays,
    updated,
)
from tidegate.allocation.merge import Backed, Wanted, backed, in_order
from tidegate.indicators.indicator import Indicator, row_id
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.indicators.plan import Change, Op
from tidegate.mapping.candidate import Candidate

LATER = NOW + timedelta(hours=1)
LIVE = {"f", "g", *FEEDS}


Wants = tuple[Sequence[Wanted], Callable[[Wanted], Backed]]
"""The rows that have a slot, and how they are made."""


def wants(*found: Candidate, moment: datetime = LATER) -> Wants:
    return wanted_from(found, moment), backing(found, moment)


def in_days(days: float) -> Wants:
    """What is wanted after so many days, where the value was seen again just then."""
    return wants(seen(days), moment=NOW + timedelta(days=days))


def compare(
    held: Iterable[Indicator], wanted: Wants, live: Iterable[str] = LIVE
) -> tuple[Change[Indicator], ...]:
    rows, feeds, (kept, back) = tuple(held), set(live), wanted
    staying = {row.feed_key for row in rows if stays(row, feeds)} - {item.key for item in kept}
    return diff(rows, map(back, kept), staying, lambda gone: f"{gone.value} is not wanted", LATER)


def applied(
    held: Iterable[Indicator], changes: Iterable[Change[Indicator]]
) -> tuple[Indicator, ...]:
    rows = {r.id: r for r in held}
    for change in changes:
        if change.before is not None:
            assert rows.pop(change.before.id) == change.before
        if change.after is not None:
            assert change.after.id not in rows
            rows[change.after.id] = change.after
    return tuple(rows.values())


def listed(*found: Candidate) -> tuple[Indicator, ...]:
    """The rows as they are once these candidates got their slots."""
    return tuple(backed(group, NOW).row for group in in_order(found))


def own(held: Indicator, **fields: object) -> Indicator:
    """The row after a person set fields on it, as the service does that."""
    owned = {name: getattr(held, name) for name in fields}
    changes: dict[str, object] = {**fields, "owned": MappingProxyType(owned)}
    return dataclasses.replace(held, **changes)  # type: ignore[arg-type] # the row's own fields


owned_fields = st.fixed_dictionaries(
    {},
    optional={
        "action": st.just(Action.ALLOW),
        "severity": st.just(Severity.HIGH),
        "title": st.just("mine"),
        "expires": st.sampled_from([None, NOW + timedelta(days=400)]),
        "groups": st.just(("laptops",)),
    },
)


@given(candidate_sets, candidate_sets, st.lists(owned_fields, max_size=8))
def test_applied_once_there_is_nothing_left_to_change(
    before: list[Candidate], after: list[Candidate], touched: list[dict[str, object]]
) -> None:
    rows = listed(*before)
    held = (*(own(r, **f) for r, f in zip(rows, touched, strict=False)), *rows[len(touched) :])
    kept = wants(*after)
    now_held = applied(held, compare(held, kept))
    assert compare(now_held, kept) == ()
    assert {r.feed_key for r in now_held} == {item.key for item in kept[0]}


@given(candidate_sets, candidate_sets, st.lists(owned_fields, min_size=1, max_size=8))
def test_what_a_person_set_stays_and_the_feeds_wish_is_remembered(
    before: list[Candidate], after: list[Candidate], touched: list[dict[str, object]]
) -> None:
    held = [own(r, **f) for r, f in zip(listed(*before), touched, strict=False)]
    kept = wants(*after)
    wishes = {item.key: kept[1](item).row for item in kept[0]}
    by_id = {r.id: r for r in applied(held, compare(held, kept))}
    for r, fields in zip(held, touched, strict=False):
        if (wish := wishes.get(r.feed_key)) is None:
            continue
        result = by_id[r.id]
        assert {name: getattr(result, name) for name in fields} == fields
        assert set(result.owned) == set(fields)
        for name in set(fields) - {"expires"}:
            assert result.owned[name] == getattr(wish, name)


@given(candidate_sets, candidate_sets)
def test_the_plan_does_not_depend_on_the_order_of_the_list(
    before: list[Candidate], after: list[Candidate]
) -> None:
    held, kept = listed(*before), wants(*after)
    assert compare(held, kept) == compare(held[::-1], kept)


def test_creates_updates_and_removals_each_say_why() -> None:
    held = listed(candidate(1), candidate(2))
    kept = wants(candidate(2, severity=Severity.HIGH), candidate(3))
    gone, changed, new = compare(held, kept)
    assert (gone.op, gone.reason) == (Op.REMOVE, "h1.example.com is not wanted")
    assert (changed.op, changed.reason) == (Op.UPDATE, "f: severity, score")
    assert (new.op, new.reason) == (Op.CREATE, "f: rule 'default', score 60")
    assert changed.after is not None
    assert (changed.after.created, changed.after.updated) == (NOW, LATER)
    assert changed.after.id == row_id(candidate(2).key)


def test_a_change_for_groups_names_them() -> None:
    (new,) = compare((), wants(candidate(1, groups=("a", "b"))))
    assert new.reason == "f: rule 'default' for a, b, score 60"


@pytest.mark.parametrize("origin", [Origin.MANUAL, Origin.FOREIGN])
def test_other_peoples_rows_are_left_alone(origin: Origin) -> None:
    held = (row(1, origin=origin), row(2, origin=origin, feeds=("f",)))
    assert compare(held, wants()) == ()


def test_what_a_feed_does_not_say_stays_as_it_is() -> None:
    (held,) = listed(candidate(1))
    reasons = {"public_resolver": "seen in an incident"}
    held = dataclasses.replace(held, note="ours", pinned=True, rank=7, overrides=reasons)
    (change,) = compare((held,), wants(candidate(1, title="new")))
    assert change.after is not None
    assert (change.after.note, change.after.pinned, change.after.rank) == ("ours", True, 7)
    assert change.after.overrides == reasons
    assert {"note", "pinned", "rank", "id", "created", "overrides"}.isdisjoint(FEED_FIELDS)


# -- renewals ------------------------------------------------------------------------------------


def seen(days: float) -> Candidate:
    """A candidate vouched for that many days after NOW, for thirty days from then."""
    evidence = NOW + timedelta(days=days)
    return candidate(1, evidence=evidence, expires=evidence + timedelta(days=30))


@pytest.mark.parametrize(("days", "planned"), [(0, 0), (1, 0), (7.5, 0), (7.6, 1), (20, 1)])
def test_a_renewal_is_planned_only_past_a_quarter_of_the_term(days: float, planned: int) -> None:
    changes = compare(listed(seen(0)), in_days(days))
    assert len(changes) == planned
    for change in changes:
        assert change.reason == "f: expires"


def test_no_renewal_is_too_small_for_a_row_that_takes_over_from_one_that_outlives_it() -> None:
    (held,) = listed(seen(0))
    moment = NOW + timedelta(days=3)
    later = backed([seen(3)], moment)
    other = dataclasses.replace(held, value="x.h1.example.com", groups=("lab",))
    for days, renewed in ((29, False), (30, False), (31, True)):
        child = dataclasses.replace(other, expires=NOW + timedelta(days=days))
        eternal = dataclasses.replace(other, value="y.h1.example.com", expires=None)
        least = outlived([held, child, eternal], {child.key: held.key, eternal.key: held.key})
        assert least == {held.key: child.expires}
        changes = diff([held], [later], (), lambda _: "", LATER, least)
        assert [c.row.expires for c in changes] == [later.row.expires] * renewed
    assert outlived([held, other], {}) == {}


def test_small_renewals_add_up_against_the_expiry_that_is_held() -> None:
    held = listed(seen(0))
    plans = []
    for day in range(31):
        changes = compare(held, in_days(day))
        held = applied(held, changes)
        plans.append(len(changes))
    assert [day for day, changes in enumerate(plans) if changes] == [8, 16, 24]


@pytest.mark.parametrize("expires", [NOW + timedelta(days=29), None])
def test_an_earlier_expiry_or_none_at_all_is_taken_at_once(expires: object) -> None:
    (change,) = compare(listed(seen(0)), wants(candidate(1, expires=expires)))
    assert change.after is not None
    assert change.after.expires == expires


def test_an_expiry_for_a_row_that_had_none_is_taken() -> None:
    (change,) = compare(listed(candidate(1, expires=None)), in_days(0))
    assert change.after is not None
    assert change.after.expires == NOW + timedelta(days=30)


def test_another_change_does_not_smuggle_in_a_small_renewal() -> None:
    (held,) = listed(seen(0))
    kept = wants(seen(1)._replace(title="new"))
    (change,) = compare((held,), kept)
    assert change.after is not None
    assert (change.after.title, change.after.expires) == ("new", held.expires)


def test_small_renewals_behind_an_expiry_that_a_person_set_change_nothing() -> None:
    held = own(listed(seen(0))[0], expires=None)
    assert compare((held,), in_days(1)) == ()
    (change,) = compare((held,), in_days(8))
    assert change.after is not None
    assert change.after.expires is None
    assert change.after.owned["expires"] == NOW + timedelta(days=38)
    assert change.reason == "f: what the feed wants for fields you set"


# -- ownership -----------------------------------------------------------------------------------


def test_a_row_that_a_person_moved_to_other_groups_is_still_the_feeds_row() -> None:
    (row_of_feed,) = listed(candidate(1))
    moved = own(row_of_feed, groups=("laptops",))
    assert compare((moved,), wants(candidate(1))) == ()
    (gone,) = compare((moved,), wants())
    assert (gone.op, gone.before) == (Op.REMOVE, moved)


def test_a_new_row_never_takes_an_id_that_is_in_use() -> None:
    # By hand: a row whose id follows from the key it had before a person moved it.
    squatter = row(9, id=row_id(candidate(1).key))
    (new,) = compare((squatter,), wants(candidate(1)))
    assert new.after is not None
    assert new.after.id == row_id(candidate(1).key, 1)
    assert compare((squatter, new.after), wants(candidate(1))) == ()


def test_a_row_that_is_as_it_should_be_is_the_same_object() -> None:
    (held,) = listed(candidate(1))
    wanted = backed([candidate(1)], LATER)
    assert updated(held, wanted, LATER) is held


def test_an_override_goes_with_the_action_that_it_was_given_for() -> None:
    (listed_row,) = listed(candidate(1, action=Action.ALERT_ONLY))
    held = dataclasses.replace(listed_row, overrides={"warninglist": "seen"})
    same = backed([candidate(1, action=Action.ALERT_ONLY)], LATER)
    other = backed([candidate(1, action=Action.BLOCK)], LATER)
    assert updated(held, same, LATER) is held
    assert updated(held, other, LATER).overrides == {}
    assert updated(own(held, action=Action.ALLOW), other, LATER).overrides == held.overrides


# -- feeds that are off --------------------------------------------------------------------------


def test_a_row_whose_feed_is_off_ages_out_and_one_whose_feed_dropped_it_goes() -> None:
    held = listed(candidate(1, feed="off"), candidate(2, feed="f"))
    changes = compare(held, wants(), live={"f"})
    assert [c.row.value for c in changes] == ["h2.example.com"]


def test_a_row_of_two_feeds_ages_out_while_one_of_them_is_off() -> None:
    (held,) = listed(candidate(1, feed="off"), candidate(1, feed="f"))
    assert stays(held, {"f"})
    assert not stays(held, {"f", "off", "more"})
    assert compare((held,), wants(), live={"f"}) == ()


def test_a_row_that_another_feed_still_wants_is_that_feeds_from_now_on() -> None:
    held = listed(candidate(1, feed="off"), candidate(1, feed="f"))
    (change,) = compare(held, wants(candidate(1, feed="f")), live={"f"})
    assert change.after is not None
    assert change.after.feeds == ("f",)


def test_a_manual_row_never_ages_out_for_want_of_a_feed() -> None:
    assert not stays(row(1, feeds=("off",)), set())


def test_a_pinned_row_stays_when_its_feed_drops_it() -> None:
    (held,) = (dataclasses.replace(r, pinned=True) for r in listed(candidate(1, feed="f")))
    assert compare((held,), wants(), live={"f"}) == ()


@pytest.mark.parametrize(("late", "ends"), [(0, 30), (14, 30), (16, 60), (100, 120), (-5, 30)])
def test_what_ages_out_ends_whole_terms_after_the_inputs_and_not_at_once(
    late: float, ends: int
) -> None:
    (held,) = listed(candidate(1, feed="off", expires=None))
    now = NOW + timedelta(days=late)
    (change,) = ageing([held], {held.feed_key}, NOW, now)
    assert change.after is not None
    assert change.after.expires == NOW + timedelta(days=ends)
    assert change.after.expires >= now + AGEING_TERM / 2
    assert change.after.updated == NOW


# -- what was turned down ------------------------------------------------------------------------


def turned_down(held: Indicator) -> Indicator:
    """The row after its person saw what the feed wants and kept every field of theirs."""
    return dataclasses.replace(held, settled=held.owned)


def test_what_was_turned_down_stays_so_while_the_field_is_a_persons() -> None:
    (held,) = listed(candidate(1))
    mine = turned_down(own(held, title="mine", severity=Severity.LOW))
    wanted = backed([candidate(1, title="another")], LATER)
    after = updated(mine, wanted, LATER)
    assert (after.owned["title"], after.settled["title"]) == ("another", "candidate 1")
    assert after.settled["severity"] is after.owned["severity"] is Severity.MEDIUM
    fewer = dataclasses.replace(mine, owned=MappingProxyType({"title": held.title}))
    assert set(updated(fewer, wanted, LATER).settled) == {"title"}


def test_a_renewal_of_what_was_turned_down_is_nothing_new() -> None:
    held = turned_down(own(listed(seen(0))[0], expires=None))
    wanted = backed([seen(20)], NOW + timedelta(days=20))
    after = updated(held, wanted, LATER)
    assert after.settled["expires"] == after.owned["expires"] == NOW + timedelta(days=50)
    sooner = backed([candidate(1, expires=NOW + timedelta(days=2))], LATER)
    after = updated(held, sooner, LATER)
    assert after.settled["expires"] != after.owned["expires"]
    listed_again = dataclasses.replace(held, settled=MappingProxyType({"expires": NOW}))
    assert updated(listed_again, wanted, LATER).settled["expires"] == NOW


def test_evidence_that_only_grows_old_updates_a_row_once() -> None:
    found = [
        candidate(n, type=kind, expires=None, sightings=n) for n, kind in enumerate(IndicatorType)
    ]
    held = listed(*found)
    updates: list[int] = []
    for day in range(1, 601):
        kept = wants(*found, moment=NOW + timedelta(days=day))
        changes = compare(held, kept)
        assert all(change.op is Op.UPDATE for change in changes)
        updates += [day] * len(changes)
        held = applied(held, changes)
        known = {item.key: item.score for item in kept[0]}
        assert all(abs(known[r.key] - (r.score or 0)) <= SCORE_DRIFT for r in held)
    assert len([day for day in updates if day <= 30]) <= 2, "an address and a page"
    assert len(updates) == len(found)


@pytest.mark.parametrize(("trust", "changes"), [(50, 0), (47, 0), (53, 0), (54, 1), (46, 1)])
def test_a_score_alone_is_a_change_only_when_it_moved_far(trust: int, changes: int) -> None:
    held = listed(candidate(1, confidence=73))
    assert len(compare(held, wants(candidate(1, confidence=73, trust=trust)))) == changes


def test_another_change_brings_the_score_up_to_date() -> None:
    held = listed(candidate(1))
    (change,) = compare(held, wants(candidate(1, title="told anew", trust=51)))
    assert change.after is not None
    assert change.after.score == (held[0].score or 0) + 1
