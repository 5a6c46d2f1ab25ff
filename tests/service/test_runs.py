"""Each sync leaves a record, however it ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import FeedFolder, Watch, indicator
from tidegate.errors import ExitCode, StalePlan
from tidegate.ledger.ledger import Ledger
from tidegate.service import sync as module
from tidegate.service.pulling import Abandoned
from tidegate.service.runs import FeedRun, latest, of_feed, record, recording
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


def test_a_sync_is_told_in_numbers(ws: Workspace, subscribe: Subscribe, watch: Watch) -> None:
    feed = subscribe("acme", [indicator(1), indicator(2), "junk"])
    bad = subscribe("bad")
    (bad.folder / "feed.bundle.json").write_text("{")
    report = sync(ws)
    (run,) = latest(ws)
    assert report.run == run
    assert (run.id, run.began, run.ended, run.door) == (1, watch.now, watch.now, "sync")
    assert run.feeds[0] == FeedRun("acme", 3, 1, 2, 2, "", "")
    assert [f.id for f in run.failed] == ["bad"]
    assert "not JSON" in run.feeds[1].error
    assert (run.plan["create"], run.applied, run.change) == (2, True, 1)
    assert (run.used, run.limit, run.code) == (2, 15_000, ExitCode.FEED_FAILED)
    feed.publish([indicator(1)], watch.now)
    sync(ws, ["acme"], door="watch")
    second, first = latest(ws)
    assert (second.door, first) == ("watch", run)
    assert second.feeds == (FeedRun("acme", 1, 1, 1, -1, "", ""),)
    assert second.code == ExitCode.DONE
    assert [each.run.id for each in of_feed(ws, "acme", 5)] == [2, 1]
    assert [each.run.id for each in of_feed(ws, "bad", 5)] == [1]
    assert [each.run.id for each in of_feed(ws, "acme", 1)] == [2]


def test_what_nobody_confirmed_and_what_was_only_tried(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws, dry_run=True)
    sync(ws, confirm=lambda _: False)
    unconfirmed, dry = latest(ws)
    assert (dry.dry_run, dry.code, dry.applied) == (True, ExitCode.DONE, False)
    assert (unconfirmed.code, unconfirmed.applied) == (ExitCode.HELD, False)


@pytest.mark.parametrize(
    ("fault", "code", "told"),
    [
        (StalePlan("the list changed"), ExitCode.STALE, "the list changed"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (Abandoned(), ExitCode.DONE, "abandoned: an end was asked for"),
        (ZeroDivisionError("secret"), ExitCode.INTERNAL, "internal fault: ZeroDivisionError"),
    ],
)
def test_a_run_that_comes_to_no_plan_says_why(
    ws: Workspace,
    subscribe: Subscribe,
    monkeypatch: pytest.MonkeyPatch,
    fault: BaseException,
    code: int,
    told: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    subscribe("acme", [indicator(1)])
    monkeypatch.setattr(module, "gather", fail)
    with pytest.raises(type(fault)):
        sync(ws)
    (run,) = latest(ws)
    assert (run.code, run.error, run.plan) == (code, told, {})
    assert run.ended is not None


def test_a_run_that_was_killed_has_no_end(
    ws: Workspace, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidegate.service.runs.end_run", lambda *_: None)
    subscribe("acme", [indicator(1)])
    sync(ws)
    (run,) = latest(ws)
    told = record(run)
    assert (told["finished"], told["ended"], told["exit_code"]) == (False, None, None)


def test_a_record_that_cannot_be_written_fails_no_sync(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recording(ws, "sync"):
        monkeypatch.setattr(Ledger, "transaction", lambda _: (_ for _ in ()).throw(StalePlan("")))


def test_each_tenant_has_its_own_runs(ws: Workspace, subscribe: Subscribe, watch: Watch) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    other = Workspace.open(ws.home, "other", clock=watch)
    assert list(latest(other)) == []
    other.close()
