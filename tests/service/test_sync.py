"""Pull, evaluate, plan, apply."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from driving.homes import (
    FeedFolder,
    Watch,
    as_json,
    assert_adds_up,
    indicator,
)
from tidegate.config import Home
from tidegate.errors import FeedDefinitionError, UsageError
from tidegate.indicators.plan import SyncPlan
from tidegate.service import look
from tidegate.service import sync as syncing
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_add
from tidegate.service.planning import Evaluation
from tidegate.service.quota import quota
from tidegate.service.sync import sizes, sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
FRESH = "2026-05-30T00:00:00.000Z"
SAMPLES = ("sample-c2", "sample-malware", "sample-noisy")


def test_the_shipped_samples_add_up(ws: Workspace, watch: Watch) -> None:
    watch.now = datetime(2026, 11, 20, tzinfo=UTC)  # days after they were made
    for ident in SAMPLES:
        ws.catalogue.enable(ident)
    report = sync(ws)
    assert not report.failed
    assert_adds_up(as_json(report))
    assert report.plan.counts.merged > 0
    assert report.applied is not None
    assert report.applied.created == len(look.rows(ws)) == quota(ws).used
    again = sync(ws)
    assert_adds_up(as_json(again))
    assert again.plan.empty
    assert again.applied is not None
    assert again.applied.serial is None


def test_the_same_input_in_another_order_gives_the_same_list(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    objects = [indicator(n, confidence=n % 7 * 10) for n in range(30)]
    feed = subscribe("acme", objects)
    sync(ws)
    before = look.rows(ws)
    feed.publish(list(reversed(objects)), watch.now)
    assert sync(ws).plan.empty
    assert look.rows(ws) == before


def test_a_feed_that_fails_keeps_its_rows_and_the_others_land(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    bad = subscribe("bad", [indicator(1)])
    good = subscribe("good", [indicator(2)])
    sync(ws)
    (bad.folder / "feed.bundle.json").write_text("{")
    good.publish([indicator(2), indicator(3)], watch.now)
    report = sync(ws)
    assert [feed.id for feed in report.failed] == ["bad"]
    assert "not JSON" in report.failed[0].error
    assert_adds_up(as_json(report))
    assert {row.value for row in look.rows(ws)} == {f"h{n}.example.com" for n in (1, 2, 3)}
    assert "not JSON" in ws.ledger.feed("bad").error
    bad.publish([indicator(1)], watch.now)
    assert not sync(ws).failed
    assert ws.ledger.feed("bad").error == ""


def test_a_dry_run_applies_nothing(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    report = sync(ws, dry_run=True)
    assert (len(report.plan.changes), report.applied) == (1, None)
    assert look.rows(ws) == ()


@pytest.mark.parametrize("dry_run", [False, True])
def test_read_only_pulls_nothing_either(
    home: Home, subscribe: Subscribe, watch: Watch, *, dry_run: bool
) -> None:
    subscribe("acme", [indicator(1)])
    ws = Workspace.open(home, read_only=True, clock=watch)
    with pytest.raises(UsageError, match="read-only"):
        sync(ws, dry_run=dry_run)
    assert ws.ledger.feed("acme").fetched == 0
    ws.close()


def test_somebody_is_asked_once_and_only_when_something_changes(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)])
    asked: list[SyncPlan] = []

    def confirm(answer: bool) -> Callable[[SyncPlan], bool]:  # noqa: FBT001 - the answer
        def ask(plan: SyncPlan) -> bool:
            asked.append(plan)
            return answer

        return ask

    assert sync(ws, confirm=confirm(False)).applied is None
    assert look.rows(ws) == ()
    assert sync(ws, confirm=confirm(True)).applied is not None
    assert [len(plan.changes) for plan in asked] == [1, 1]
    sync(ws, confirm=confirm(False))
    assert len(asked) == 2


def test_an_answer_may_ask_for_another_plan(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2)])
    asked: list[SyncPlan] = []

    def confirm(plan: SyncPlan) -> bool | None:
        asked.append(plan)
        if len(asked) < 5:
            apply(ws, plan_add(ws, [f"192.0.2.{len(asked)}"], Fields(), None).plan)
            return None
        return True

    report = sync(ws, confirm=confirm)
    assert [plan.serial for plan in asked] == [0, 1, 2, 3, 4]
    assert report.applied is not None
    assert report.applied.serial == 5
    assert len(look.rows(ws)) == 6


def test_a_definition_that_is_broken_is_reported_or_raised(
    ws: Workspace, subscribe: Subscribe
) -> None:
    broken = subscribe("broken", [indicator(1), indicator(2)])
    sync(ws)
    (broken.folder / "feed.toml").write_text('id = "broken"\n')
    for ids in ((), ("broken",)):
        with pytest.raises(FeedDefinitionError, match=r"feed\.toml"):
            sync(ws, ids)
    subscribe("whole", [indicator(3)])
    report = sync(ws)
    assert [feed.id for feed in report.failed] == ["broken"]
    assert report.failed[0].objects == 0
    assert_adds_up(as_json(report))
    assert len(look.rows(ws)) == 3


def test_rows_expire_and_are_renewed_while_the_feed_lists_them(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    objects = [indicator(1), indicator(2)]
    feed = subscribe("acme", objects)
    sync(ws)
    first = look.find(ws, "h1.example.com").expires
    watch.turn(days=2)
    feed.publish(objects, watch.now)
    assert sync(ws).plan.empty  # less than a quarter of the term
    watch.turn(days=10)
    feed.publish(objects[:1], watch.now)
    watch.turn(minutes=1)
    sync(ws)
    assert look.find(ws, "h1.example.com").expires == watch.now - timedelta(minutes=1) + timedelta(
        days=30
    )
    assert first is not None
    watch.turn(days=31)
    assert look.rows(ws) == ()
    assert sync(ws).feeds[0].ended == 1


def test_progress_is_told(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    told: list[str] = []
    sync(ws, progress=told.append)
    assert told[0] == "acme: connecting"
    assert "acme: 1 objects" in told
    assert told[-1] == "applying"


def test_sizes_have_the_names_of_the_contract(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    names = {"create", "update", "remove", "keep", "waiting", "merged", "suppressed", "held"}
    assert set(sizes(sync(ws).plan)) >= names


def test_what_another_process_fetches_meanwhile_does_not_upset_the_sums(
    ws: Workspace, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(1)])
    made = syncing.keep

    def late(ws: Workspace, evaluation: Evaluation) -> None:
        more = [indicator(2), indicator(3)]
        ws.ledger.add_page("acme", 1, more, junk=0, cursor=None, whole=False, now=ws.clock())
        made(ws, evaluation)

    monkeypatch.setattr(syncing, "keep", late)
    report = sync(ws)
    assert_adds_up(as_json(report))
    assert report.feeds[0].indicators == 1
