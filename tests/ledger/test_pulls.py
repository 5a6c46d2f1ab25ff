"""Where a pull begins, how far it came, and that the stored position never goes back meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from strategies.builders import NOW, held_indicators
from tidegate.ledger import pulls
from tidegate.ledger.ledger import Ledger, Object
from tidegate.ledger.pulls import Start, begin_pull, life_of, pulls_of

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def indicator(number: int, day: int = 1, **fields: object) -> Object:
    modified = f"2026-01-{day:02d}T00:00:00Z"
    return {"type": "indicator", "id": f"indicator--{number}", "modified": modified, **fields}


def at(second: int) -> str:
    """A position, in a spelling that is no server's normal form."""
    return f"2026-01-01T01:00:{second:02d}.50+01:00"


class Feed:
    """A feed that is pulled by hand."""

    def __init__(
        self, ledger: Ledger, sweep: timedelta | None = WEEK, *, whole: bool = False
    ) -> None:
        self.ledger = ledger
        self.sweep = sweep
        self.whole = whole
        self.now = NOW
        self.run = 0

    def begin(self, after: timedelta = HOUR, source: str = "") -> Start:
        self.now += after
        self.run = self.ledger.start_run("f", self.now, source=source)
        return begin_pull(
            self.ledger, "f", self.run, whole=self.whole, sweep=self.sweep, now=self.now
        )

    def page(self, cursor: str | None, *items: Object) -> None:
        self.ledger.add_page(
            "f", self.run, items, junk=0, cursor=cursor, whole=self.whole, now=self.now
        )

    def end(self, *, honest: bool = True) -> None:
        self.ledger.finish_run(
            "f", self.run, whole=self.whole, published=None, now=self.now, honest=honest
        )

    def first(self, *cursors: str) -> None:
        """Pull for the first time, one object a page."""
        assert self.begin() == Start(None, sweep=False)
        for number, cursor in enumerate(cursors):
            self.page(cursor, indicator(number))
        self.end()

    @property
    def cursor(self) -> str | None:
        return self.ledger.feed("f").cursor

    @property
    def ids(self) -> set[str]:
        return {item["id"] for item in held_indicators(self.ledger, "f")}


def test_a_pull_begins_at_the_position_before_the_last_one(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(2), at(3))
    assert feed.begin() == Start(at(2), sweep=False)
    feed.end()
    assert feed.begin() == Start(at(2), sweep=False)
    feed.page(at(3))
    feed.page(at(4), indicator(9))
    feed.end()
    assert feed.begin() == Start(at(3), sweep=False)
    assert feed.cursor == at(4)


def test_with_one_position_it_begins_at_the_beginning_and_removes_nothing(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1))
    assert feed.begin() == Start(None, sweep=False)
    feed.page(at(1))
    feed.end()
    assert feed.ids == {"indicator--0"}


def test_a_first_pull_that_broke_off_goes_on_where_it_was(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.begin()
    for second in (1, 2, 3):
        feed.page(at(second), indicator(second))
    assert feed.begin() == Start(at(2), sweep=False)


def test_a_first_pull_that_broke_off_early_does_not_begin_anew(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.begin()
    feed.page(at(1), indicator(1))
    assert feed.begin() == Start(at(1), sweep=False)


def test_the_stored_position_never_goes_back_while_a_pull_runs(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(5))
    for start in (Start(at(1), sweep=False), Start(None, sweep=True)):
        assert feed.begin(WEEK * 2 if start.sweep else HOUR) == start
        for second in (2, 3):
            feed.page(at(second))
            assert feed.cursor == at(5)
    feed.page(at(6))
    assert feed.cursor == at(6)


def test_a_sweep_removes_what_it_did_not_list_and_finds_what_came_late(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(2), at(3))
    assert feed.begin(WEEK + HOUR).sweep is True
    feed.page(at(3), indicator(0), indicator(7), indicator(2, name="rewritten in place"))
    assert len(feed.ids) == 4
    feed.end()
    assert feed.ids == {"indicator--0", "indicator--2", "indicator--7"}
    assert (ledger.object("f", "indicator--2") or {})["name"] == "rewritten in place"
    assert feed.begin().sweep is False


@pytest.mark.parametrize("end", ["honest", "noted", "killed"])
def test_only_an_honest_end_removes(ledger: Ledger, end: str) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(2), at(3))
    assert feed.begin(WEEK * 2) == Start(None, sweep=True)
    feed.page(at(1), indicator(0), indicator(7))
    if end != "killed":
        feed.end(honest=end == "honest")
    assert ("indicator--1" in feed.ids) is (end != "honest")
    assert "indicator--7" in feed.ids
    assert feed.cursor == at(1) if end == "honest" else feed.cursor == at(3)


def test_a_sweep_that_broke_off_is_tried_again_and_never_stops_a_feed(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(2))
    begun = [feed.begin(after).sweep for after in (WEEK * 2, *(HOUR,) * 24)]
    assert begun == [True, True] + [False] * 23
    begun = [feed.begin(HOUR).sweep for _ in range(24)]
    assert begun == [True] + [False] * 23, "once in a seventh of its term"
    assert feed.begin().sweep is True
    feed.end()
    assert feed.begin().sweep is True  # it was empty, which may be a fault
    feed.page(at(2), indicator(1))
    feed.end()
    assert feed.begin().sweep is False


def test_a_person_s_rewind_is_a_sweep_even_where_there_are_none(ledger: Ledger) -> None:
    feed = Feed(ledger, sweep=None)
    feed.first(at(1), at(2))
    assert feed.begin(WEEK * 100).sweep is False
    ledger.rewind("f", None, "")
    assert feed.begin() == Start(None, sweep=True)
    assert feed.cursor == at(2)
    assert feed.begin().sweep is True
    feed.page(at(2), indicator(0))
    feed.end()
    assert feed.ids == {"indicator--0"}
    assert feed.begin().sweep is False


def test_a_rewind_to_a_time_begins_exactly_there(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(2), at(5))
    ledger.rewind("f", at(3), "")
    assert (feed.begin(WEEK * 2), feed.cursor) == (Start(at(3), sweep=False), at(3))
    assert feed.begin().sweep is True  # which was due


def test_a_first_pull_may_begin_at_a_time(ledger: Ledger) -> None:
    ledger.rewind("f", at(3), "")
    feed = Feed(ledger)
    assert feed.begin() == Start(at(3), sweep=False)
    assert feed.begin().sweep is False


def test_another_source_has_no_positions(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(2), at(3))
    assert feed.begin(source="elsewhere") == Start(None, sweep=False)


def test_an_older_version_s_ledger_reads_on_and_is_swept(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(2), at(3))
    ledger.link.execute("DELETE FROM reading")
    assert feed.begin() == Start(None, sweep=True)
    ledger.link.execute("DELETE FROM reading")
    feed.sweep = None
    assert feed.begin() == Start(at(3), sweep=False)


def test_a_whole_publication_begins_with_its_own_cursor(ledger: Ledger) -> None:
    feed = Feed(ledger, sweep=None, whole=True)
    assert feed.begin() == Start(None, sweep=False)
    feed.page(None, indicator(1))
    ledger.finish_run("f", feed.run, whole=True, published=None, now=NOW, cursor='{"etag": 1}')
    assert feed.begin() == Start('{"etag": 1}', sweep=False)
    ledger.rewind("f", None, "")
    assert feed.begin() == Start(None, sweep=False)
    feed.end()
    assert feed.begin() == Start('{"etag": 1}', sweep=False)


def test_the_last_pulls_are_kept_and_of_older_days_the_last(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1))
    for _ in range(100):
        feed.begin()
    shown = pulls_of(ledger, "f")
    assert [pull.run for pull in shown] == list(range(101, 81, -1))
    days = ledger.link.execute(
        "SELECT substr(at, 1, 10), COUNT(*) FROM pull WHERE run <= 81 GROUP BY 1"
    ).fetchall()
    assert [count for _, count in days] == [1] * (81 // 24)
    first = pulls_of(ledger, "f")[-1].record()
    assert (first["start"], first["cursor"], first["objects"], first["ended"]) == (
        at(1),
        None,
        0,
        False,
    )


def test_days_are_bounded_too(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulls, "_DAYS", 3)
    feed = Feed(ledger)
    for _ in range(60):
        feed.begin(timedelta(days=1))
    assert ledger.link.execute("SELECT COUNT(*) FROM pull").fetchone() == (23,)


def test_an_object_knows_when_it_was_seen_and_its_earlier_versions(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(2))
    begun = feed.now
    feed.begin()
    feed.page(at(2), indicator(0), indicator(1))  # near the last position, and as it was
    feed.page(at(3), indicator(1, 2))
    changed = feed.now
    feed.end()
    feed.begin(WEEK * 2)
    feed.page(at(3), indicator(1, 2))
    swept = feed.now
    old, new = life_of(ledger, "f", "indicator--0"), life_of(ledger, "f", "indicator--1")
    assert old is not None
    assert new is not None
    assert (old.first_seen, old.last_seen, old.earlier) == (begun, begun, ())
    assert (new.first_seen, new.last_seen) == (begun, swept)
    assert new.earlier == (datetime.fromisoformat("2026-01-01T00:00:00+00:00"),)
    assert changed < swept
    assert life_of(ledger, "f", "indicator--9") is None


def test_a_ledger_of_an_older_version_knows_no_pulls(ledger: Ledger) -> None:
    Feed(ledger).first(at(1))
    ledger.link.execute("DROP TABLE pull")
    assert pulls_of(ledger, "f") == []
    assert life_of(ledger, "f", "indicator--0") is None


def test_very_much_near_the_last_position_is_read_again_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulls, "_READ_AGAIN", 3)
    feed = Feed(ledger)
    feed.begin()
    feed.page(None, *map(indicator, range(4)))
    feed.page(at(1), indicator(9))  # all of one time
    feed.end()
    assert feed.begin() == Start(at(1), sweep=False)
    feed.page(at(2), indicator(10))
    feed.end()
    assert feed.begin() == Start(at(1), sweep=False)
    feed.page(at(3), *map(indicator, range(10, 20)))
    feed.end()
    assert feed.begin() == Start(at(2), sweep=False)
    feed.page(at(3), *map(indicator, range(10, 20)))
    feed.end()
    for _ in range(2):
        assert feed.begin() == Start(at(3), sweep=False)
        feed.end()
    feed.begin()
    feed.page(at(4), indicator(20))
    feed.end()
    assert feed.begin() == Start(at(3), sweep=False)


def test_a_person_s_rewind_is_tried_whatever_broke_off_before(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(2))
    assert [feed.begin(after).sweep for after in (WEEK * 2, HOUR, HOUR)] == [True, True, False]
    ledger.rewind("f", None, "")
    assert [feed.begin().sweep for _ in range(3)] == [True, False, False]


def test_a_sweep_that_a_wrong_clock_dated_is_made_again(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(2))
    assert feed.begin(WEEK * 500).sweep is True
    feed.page(at(2), indicator(0), indicator(1))
    feed.end()
    assert feed.begin().sweep is False
    assert feed.begin(-WEEK * 400).sweep is True


def test_sweeps_that_broke_off_in_time_to_come_are_none_to_wait_for(ledger: Ledger) -> None:
    feed = Feed(ledger)
    feed.first(at(1), at(2))
    assert [feed.begin(after).sweep for after in (WEEK * 4, HOUR, HOUR)] == [True, True, False]
    assert feed.begin(-WEEK * 2).sweep is True
