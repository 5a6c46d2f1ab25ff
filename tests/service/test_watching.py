"""Each feed at its turn, and nothing else: by a clock and a sleep that take no time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from driving.homes import START, FeedFolder, Watch, indicator
from servers.loopback_taxii import COLLECTION, LoopbackTaxii, indicators
from tidegate.config import Sync
from tidegate.errors import ConfigError, StalePlan, UsageError
from tidegate.indicators.plan import SyncPlan
from tidegate.service import look, watching
from tidegate.service.due import next_of
from tidegate.service.sync import sync
from tidegate.service.watching import LOOK_SECONDS, Run, watch
from tidegate.service.workspace import Workspace
from tidegate.store.lock import exclusive

Subscribe = Callable[..., FeedFolder]
HOURLY = 'every = "1h"'


@dataclass
class Night:
    """A watch that lasts some hours by the clock of a test."""

    ws: Workspace
    clock: Watch
    hours: float = 3.5
    runs: list[Run] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    stopped: bool = False

    def pass_by(
        self,
        confirm: Callable[[SyncPlan], bool] = lambda _: True,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Night:
        until = self.clock.now + timedelta(hours=self.hours)

        @contextlib.contextmanager
        def opened() -> Iterator[Workspace]:
            yield self.ws

        def sleep(seconds: float) -> None:
            assert seconds > 0
            meanwhile()
            self.slept.append(seconds)
            self.clock.turn(seconds=seconds)
            self.stopped = self.clock.now >= until

        watch(opened, self.runs.append, confirm=confirm, sleep=sleep, stop=lambda: self.stopped)
        return self

    def pulled(self) -> list[tuple[float, tuple[str, ...]]]:
        """The hour of each run and the feeds that were pulled."""
        return [
            ((run.at - START) / timedelta(hours=1), run.report.pulled if run.report else ())
            for run in self.runs
        ]


@pytest.fixture
def night(ws: Workspace, watch: Watch) -> Night:
    return Night(ws, watch)


def test_each_feed_is_pulled_at_its_turn_and_no_sooner(night: Night, subscribe: Subscribe) -> None:
    subscribe("hourly", [indicator(1)], head=HOURLY)
    subscribe("often", [indicator(2)], head='every = "90m"')
    subscribe("demand", [indicator(3)])
    assert night.pass_by().pulled() == [
        (0, ("hourly", "often")),
        (1, ("hourly",)),
        (1.5, ("often",)),
        (2, ("hourly",)),
        (3, ("hourly", "often")),
    ]
    assert max(night.slept) <= LOOK_SECONDS
    assert {row.value for row in look.rows(night.ws)} == {"h1.example.com", "h2.example.com"}


def test_a_feed_that_fails_holds_only_itself(night: Night, subscribe: Subscribe) -> None:
    subscribe("good", [indicator(1)], head=HOURLY)
    bad = subscribe("bad", [indicator(2)], head=HOURLY)
    (bad.folder / "feed.bundle.json").write_text("{")
    night.hours = 1.5
    night.pass_by()
    reports = [run.report for run in night.runs if run.report]
    assert [[feed.id for feed in report.failed] for report in reports] == [["bad"], ["bad"]]
    assert [row.value for row in look.rows(night.ws)] == ["h1.example.com"]


def test_what_needs_a_person_is_left_and_the_watch_goes_on(
    night: Night, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1)], head=HOURLY)
    night.hours = 1.5
    night.pass_by(confirm=lambda _: False)
    assert [run.report and run.report.applied for run in night.runs] == [None, None]
    assert look.rows(night.ws) == ()


def test_a_busy_list_is_no_reason_to_end(
    night: Night, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(1)], head=HOURLY)
    faults = [StalePlan("the list changed")]

    def busy_at_first(*args: object, **options: object) -> object:
        report = sync(*args, **options)  # type: ignore[arg-type]  # passed on
        if faults:
            raise faults.pop()
        return report

    monkeypatch.setattr(watching, "sync", busy_at_first)
    night.hours = 1.5
    night.pass_by()
    assert [str(run.fault or "") for run in night.runs] == ["the list changed", ""]


def test_a_fault_of_the_home_ends_it(night: Night, subscribe: Subscribe) -> None:
    with pytest.raises(UsageError, match="nothing to schedule"):
        night.pass_by()
    subscribe("acme", [indicator(1)], head=HOURLY)
    night.pass_by()
    night.clock.turn(days=-30)
    night.stopped = False
    with pytest.raises(ConfigError, match="clock"):
        night.pass_by()
    night.ws.read_only = True
    with pytest.raises(UsageError, match="read-only"):
        night.pass_by()


def test_a_feed_that_is_switched_on_meanwhile_is_seen(night: Night, subscribe: Subscribe) -> None:
    subscribe("daily", [indicator(1)], head='every = "1d"')

    def switch_on() -> None:
        subscribe("late", head=HOURLY)

    night.hours = 0.5
    night.pass_by(meanwhile=switch_on)
    assert [feeds for _, feeds in night.pulled()] == [("daily",), ("late",)]


def test_a_feed_that_another_process_pulls_is_tried_again_in_a_minute(
    night: Night, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(1)], head=HOURLY)
    monkeypatch.setattr("tidegate.service.pulling._PULL_WAIT", 0)
    night.hours = 3 / 60
    with exclusive(night.ws.home.root / "locks" / "acme"):
        night.pass_by()
    assert night.slept == [LOOK_SECONDS] * 3
    for run in night.runs:
        assert run.report is not None
        assert "being pulled by another process" in run.report.failed[0].error


def test_an_end_that_is_asked_for_abandons_the_pull_at_the_next_page(
    night: Night, subscribe: Subscribe, loopback_taxii: Callable[..., LoopbackTaxii]
) -> None:
    server = loopback_taxii(indicators(3_000), max_page=1_000)
    subscribe("acme", head=HOURLY, source=source(server))
    subscribe("later", [indicator(1)], head=HOURLY)
    ws = night.ws
    one_by_one = Sync(side_by_side=1)
    ws.settings = ws.settings.model_copy(update={"sync": one_by_one})

    def after_two() -> bool:
        return ws.ledger.feed("acme").fetched >= 2_000

    told: list[Run] = []
    watch(
        lambda: contextlib.nullcontext(ws),
        told.append,
        confirm=lambda _: True,
        sleep=lambda _: pytest.fail("slept"),
        stop=after_two,
    )
    assert (told, look.rows(ws)) == ([], ())
    state = ws.ledger.feed("acme")
    assert (state.fetched, state.error, state.last_success) == (2_000, "", None)
    assert state.last_attempt is None, "an abandoned pull is no attempt: its turn is still now"
    turn = next_of(ws)
    assert turn is not None
    assert turn.at == START
    report = sync(ws, due=True)
    assert report.pulled == ("acme", "later")
    assert not report.failed
    assert ws.ledger.count_objects("acme") == (3_000, 3_000)
    assert [row.value for row in look.rows(ws)] == ["h1.example.com"]
    assert "added_after" in server.pulls[-1].query, "and it goes on where it was left"


def source(server: LoopbackTaxii) -> str:
    return f'kind = "taxii21"\nurl = "{server.url}"\ncollection = "{COLLECTION}"\n'
