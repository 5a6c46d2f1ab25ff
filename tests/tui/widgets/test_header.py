from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tidegate.service.quota import Quota
from tidegate.tui.app import TidegateApp
from tidegate.tui.job import Job
from tidegate.tui.modes import Mode
from tidegate.tui.safe import content
from tidegate.tui.screens.mode import ModeScreen
from tidegate.tui.widgets.header import Named, gauge, mode_parts, quota_briefly, quota_text
from tui.stage import FakeGate, play, screen_text


def quota(used: int, waiting: int = 0, expiring: int = 0) -> Quota:
    return Quota(15_000, used, 0, 0, 0, 15_000 - used, waiting, {}, expiring, None)


@pytest.mark.parametrize(
    ("used", "bar"),
    [
        (0, "[..........]"),
        (1, "[#.........]"),
        (7_500, "[#####.....]"),
        (14_999, "[#########.]"),
        (15_000, "[##########]"),
        (15_020, "[##########]"),
    ],
)
def test_the_gauge_is_empty_or_full_only_when_that_is_so(used: int, bar: str) -> None:
    assert gauge(used, 15_000) == bar


def test_the_quota_in_words() -> None:
    assert quota_text(quota(1_234), wide=False) == "quota 1,234/15,000 [#.........]"
    assert "FULL" in quota_text(quota(15_000), wide=False)
    wide = quota_text(quota(5, waiting=12, expiring=3), wide=True)
    assert wide.endswith("12 waiting · 3 expire in 7 days")


def test_the_other_modes_are_keys_or_names() -> None:
    narrow, short, wide = (
        content(*mode_parts(Mode.FEEDS, named)).plain
        for named in (Named.KEY, Named.SHORT, Named.FULL)
    )
    assert short.strip() == "1 List 2 Sync 3 Quota 4 Confl 5 Bench >6 Feeds 7 Hist"
    assert narrow.strip() == "1 2 3 4 5 >6 Feeds 7"
    assert (
        wide.strip() == "1 Indicators  2 Sync  3 Quota  4 Conflicts  5 Bench  >6 Feeds  7 History"
    )


def test_few_cells_name_the_modes_before_they_draw_a_gauge() -> None:
    assert quota_briefly(quota(12_345)) == (
        "quota 12,345/15,000 [########..]",
        "quota 12,345/15,000",
        "12,345/15,000",
    )
    assert quota_briefly(quota(15_020)) == ("quota 15,020/15,000 FULL", "FULL 15,020")

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        assert "5 Bench 6 Feeds 7 Hist" in screen_text(app).splitlines()[0]
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        first = screen_text(app).splitlines()[0].rstrip()
        assert "2 3 4 5 6 7" in first
        assert first.endswith(("/15,000", "]"))
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert "/" not in screen_text(app).splitlines()[0], "half a number is a lie"

    play(FakeGate(), scene)


def test_what_runs_takes_the_place_of_the_quota_where_both_do_not_fit() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.job = Job("sync", "acme-c2: 120,000 objects of 400,000 so far")
        assert isinstance(app.screen, ModeScreen)
        app.screen.follow()
        await pilot.pause()
        first = screen_text(app).splitlines()[0]
        assert "sync: acme-c2: 120,000 objects" in first
        assert ("quota" in first) is (app.size.width > 80)
        app.job = Job("sync", "acme-c2: connecting")
        app.screen.follow()
        await pilot.pause()
        assert "/15,000" in screen_text(app).splitlines()[0]
        app.job = None

    for size in ((80, 24), (160, 24)):
        play(FakeGate(), scene, size)
