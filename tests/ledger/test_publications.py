"""The rhythm of a feed's publications, where it has one."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tidegate.ledger.ledger import Ledger
from tidegate.ledger.publications import rhythm, save_publication

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_rhythm_needs_three_publications_and_is_their_median_distance(tmp_path: Path) -> None:
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        for days, expected in ((0, None), (2, None), (1, DAY), (1, DAY), (9, DAY), (30, 4 * DAY)):
            save_publication(ledger, "acme", NOW + days * DAY)
            assert rhythm(ledger, "acme") == expected, days
        assert rhythm(ledger, "other") is None


def test_only_the_latest_count(tmp_path: Path) -> None:
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        for number in range(30):
            save_publication(ledger, "acme", NOW + number * DAY)
        for number in range(20):
            save_publication(ledger, "acme", NOW + 30 * DAY + number * timedelta(hours=1))
        assert rhythm(ledger, "acme") == timedelta(hours=1)
        assert ledger.link.execute("SELECT COUNT(*) FROM publication").fetchone() == (20,)


def test_a_ledger_of_an_older_version_knows_none(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(Ledger(path)) as ledger:
        save_publication(ledger, "acme", NOW)
        ledger.link.execute("DROP TABLE publication")
    with closing(Ledger(path, read_only=True)) as ledger:
        assert rhythm(ledger, "acme") is None
