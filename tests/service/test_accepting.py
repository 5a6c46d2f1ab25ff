"""A part of a sync: bounds with rows of others, protection, races, undo, and the next plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from strategies.builders import create, row
from tidegate.allocation.part import Late
from tidegate.config import Home
from tidegate.errors import StalePlan, UsageError
from tidegate.indicators.kinds import Action, Severity
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.service import edit, look
from tidegate.service.accepting import Only, accept, chosen, told
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.planning import Evaluation, evaluate
from tidegate.service.suppressing import plan_suppress
from tidegate.service.sync import code_of, keep, settle_part, sync
from tidegate.service.undo import plan_undo
from tidegate.service.workspace import Workspace, active_feeds

Subscribe = Callable[..., FeedFolder]
FOREVER = 'action = "Alert and block"\nseverity = "High"\nexpires = "never"\n'


def values(ws: Workspace) -> set[str]:
    return {row.value.partition(".")[0] for row in look.rows(ws)}


def planned(ws: Workspace) -> Evaluation:
    return evaluate(ws, active_feeds(ws))


def applied(ws: Workspace, *wanted: str, ops: Sequence[Op] = ()) -> Evaluation:
    found = planned(ws)
    settle_part(ws, found, accept(ws, found.plan, chosen(ws, found.plan, wanted, ops)))
    keep(ws, found)
    return found


def does(plan: SyncPlan) -> dict[str, str]:
    return {change.row.value.partition(".")[0]: change.op.value for change in plan.changes}


def tenant_of(home: Home, limit: int) -> None:
    """Limit the list; removals by rank are no business of the brake here."""
    brake = "\n[brake]\ncount = 200\npercent = 100\n"
    home.config_file.write_text(f"limit = {limit}\n{DOCUMENTATION}{brake}", "utf-8")


def test_the_rest_is_planned_again_and_undo_takes_back_what_was_applied(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(n) for n in range(1, 5)])
    sync(ws, confirm=lambda plan: Only(chosen(ws, plan, ["h1.example.com", "h2.example.com"])))
    assert values(ws) == {"h1", "h2"}
    assert "sync of acme (2 of 4 changes accepted)" in ws.store.journal.since(0)[-1]["reason"]
    assert does(planned(ws).plan) == {"h3": "create", "h4": "create"}
    applied(ws, "h3.example.com")
    assert values(ws) == {"h1", "h2", "h3"}
    apply(ws, plan_undo(ws))
    assert values(ws) == {"h1", "h2"}
    # What an undo takes back of a feed stays out; what was never accepted is proposed as before.
    assert does(planned(ws).plan) == {"h4": "create"}


def test_a_row_that_was_to_change_and_waits_is_planned_until_it_is_accepted(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    said = [indicator(1), indicator(2)]
    feed = subscribe("acme", said)
    sync(ws)
    feed.publish([indicator(1, name="Else"), indicator(2, name="Else"), indicator(3)], watch.now)
    sync(ws, confirm=lambda _: False)
    for wanted in ("h3.example.com", "h1.example.com"):
        applied(ws, wanted)
    assert does(planned(ws).plan) == {"h2": "update"}
    applied(ws, ops=[Op.UPDATE])
    assert {row.title for row in look.rows(ws) if row.value != "h3.example.com"} == {"Else"}
    assert planned(ws).plan.empty


def test_the_limit_holds_with_rows_of_others_and_the_needed_removal_is_named(
    home: Home, subscribe: Subscribe, watch: Watch
) -> None:
    tenant_of(home, 4)
    ws = Workspace.open(home, clock=watch)
    feed = subscribe("acme", [indicator(1, confidence=10), indicator(2, confidence=20)])
    sync(ws)
    apply(ws, edit.plan_add(ws, ["192.0.2.1", "192.0.2.2"], Fields(), None).plan)
    said = [indicator(n, confidence=n * 10) for n in (1, 2, 8, 9)]
    feed.publish(said, watch.now)
    sync(ws, confirm=lambda _: False)
    plan = planned(ws).plan
    assert does(plan) == {"h1": "remove", "h2": "remove", "h8": "create", "h9": "create"}
    part = accept(ws, plan, chosen(ws, plan, [], [Op.CREATE]))
    assert part.plan.empty
    assert told(part.late) == [
        (
            "h8.example.com and 1 more: it finds no slot: the list is full; "
            "accept the removal of h1.example.com and 1 more for that"
        )
    ]
    report = sync(ws, confirm=lambda p: Only(chosen(ws, p, ["h1.example.com"], ())))
    assert values(ws) == {"h2", "192"}
    assert code_of(report) == 0
    report = sync(ws, confirm=lambda p: Only(chosen(ws, p, [], [Op.CREATE])))
    assert len(look.rows(ws)) == 4
    assert report.part is not None
    assert [each.change.row.value for each in report.part.late] == ["h8.example.com"]
    assert code_of(report) == 3
    ws.close()


def test_a_covered_row_keeps_its_protection_until_what_covers_it_is_accepted(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    def name(number: int, host: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any property
        return indicator(number, f"[domain-name:value = '{host}']", **more)

    child, parent = name(1, "a.bad.example.com"), name(2, "bad.example.com")
    feed = subscribe("acme", [child, name(3, "b.other.org")], default=FOREVER)
    sync(ws)
    feed.publish([child, parent, name(3, "b.other.org")], watch.now)
    sync(ws, confirm=lambda _: False)
    plan = planned(ws).plan
    assert does(plan) == {"a": "remove", "bad": "create"}
    part = accept(ws, plan, chosen(ws, plan, [], [Op.REMOVE]))
    assert part.plan.empty
    assert told(part.late) == ["a.bad.example.com: it stays until bad.example.com, which covers it"]
    applied(ws, "bad.example.com")
    assert values(ws) == {"a", "bad", "b"}
    applied(ws)
    assert values(ws) == {"bad", "b"}
    # And back: what covers a row goes only once that one is there again.
    ended = name(2, "bad.example.com", revoked=True)
    feed.publish([child, ended, name(3, "b.other.org")], watch.now)
    sync(ws, confirm=lambda _: False)
    plan = planned(ws).plan
    part = accept(ws, plan, chosen(ws, plan, ["bad.example.com"]))
    assert told(part.late) == ["bad.example.com: it covers a.bad.example.com until that is there"]


def test_an_older_plan_lets_no_covered_row_go_once_what_covered_it_has_left(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    child = indicator(1, "[domain-name:value = 'a.bad.example.com']")
    feed = subscribe("acme", [child])
    sync(ws)
    wide = Fields(Action.ALERT_AND_BLOCK, Severity.HIGH, expires=None)
    apply(ws, edit.plan_add(ws, ["bad.example.com"], wide, None).plan)
    feed.publish([child, indicator(2)], watch.now)
    sync(ws, confirm=lambda _: False)
    plan = planned(ws).plan
    assert does(plan) == {"a": "remove", "h2": "create"}
    mine = next(row for row in look.rows(ws) if row.value == "bad.example.com")
    apply(ws, edit.plan_remove(ws, [mine]).plan)
    with pytest.raises(StalePlan) as refused:
        apply(ws, plan, rebase=True)
    assert "it touches bad.example.com" in refused.value.hint
    assert values(ws) == {"a"}


def test_a_list_that_moved_on_refuses_a_part_and_a_sync_plans_anew(
    ws: Workspace, home: Home, subscribe: Subscribe, watch: Watch
) -> None:
    subscribe("acme", [indicator(n) for n in range(1, 4)])
    sync(ws, confirm=lambda _: False)
    found = planned(ws)
    part = accept(ws, found.plan, chosen(ws, found.plan, ["h1.example.com"]))
    other = Workspace.open(home, clock=watch)
    apply(other, edit.plan_add(other, ["192.0.2.1"], Fields(), None).plan)
    with pytest.raises(StalePlan):
        settle_part(ws, found, part)
    assert values(ws) == {"192"}
    asked: list[int] = []

    def confirm(plan: SyncPlan) -> Only:
        names = chosen(ws, plan, ["h2.example.com", "h3.example.com"])
        if not asked:  # somebody rejects one of them while the answer is given
            apply(other, plan_suppress(other, "h3.example.com", (), "ours", None))
        asked.append(len(names))
        return Only(names)

    report = sync(ws, confirm=confirm)
    assert asked == [2, 1]
    assert values(ws) == {"192", "h2"}
    assert report.part is not None
    assert [change.row.value for change in report.part.rest] == ["h1.example.com"]
    other.close()


def test_what_waits_is_not_taken_for_ordinary_by_the_brake(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(n) for n in range(100)])
    sync(ws)
    feed.publish([indicator(n) for n in range(91)], watch.now)  # 9 % less: no business of the brake
    sync(ws, confirm=lambda plan: Only(chosen(ws, plan, ["h99.example.com"])))
    feed.publish([indicator(n) for n in range(75)], watch.now)
    assert sync(ws).plan.held
    assert len(look.rows(ws)) == 99


def test_rows_are_chosen_by_id_value_filter_and_operation(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(n) for n in range(1, 4)])
    subscribe("other", [indicator(9)])
    sync(ws)
    feed.publish([indicator(1), indicator(2, name="Else"), indicator(11)], watch.now)
    sync(ws, confirm=lambda _: False)
    plan = planned(ws).plan
    assert does(plan) == {"h2": "update", "h3": "remove", "h11": "create"}

    def of(*wanted: str, ops: Sequence[Op] = ()) -> set[str]:
        names = chosen(ws, plan, wanted, ops)
        return {c.row.value.partition(".")[0] for c in plan.changes if c.name in names}

    ident = next(c.row.id for c in plan.changes if c.row.value.startswith("h2."))
    assert of("h11[.]example[.]com") == {"h11"}
    assert of(ident, "h3.example.com") == {"h2", "h3"}
    assert of("h1") == {"h11"}
    assert of("feed:acme") == of() == {"h2", "h3", "h11"}
    assert of("feed:acme", ops=[Op.UPDATE, Op.REMOVE]) == {"h2", "h3"}
    assert of("NOT title:Else") == {"h3", "h11"}
    assert of("feed:other") == of("nothing.example") == set()


def test_a_plan_that_is_not_one_of_feeds_is_one_step(ws: Workspace) -> None:
    plan = plan_suppress(ws, "h1.example.com", (), "ours", None)
    with pytest.raises(UsageError, match="apply it whole"):
        accept(ws, plan, ())


def test_many_causes_are_cut_short() -> None:
    late = [Late(create(row(n))[0], f"cause {n}", ()) for n in range(9)]
    assert told(late)[-2:] == ["h4.example.com: cause 4", "and 4 more rows wait for others"]
