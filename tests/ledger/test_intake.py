"""A page into the ledger: what is written, and how little of it where little is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from strategies.builders import NOW, held_indicators
from tidegate.clock import stamp
from tidegate.ledger.intake import row_of, take_page
from tidegate.ledger.ledger import Ledger, Object
from tidegate.ledger.versions import Reading

PART, SWEEP = Reading.PART, Reading.SWEEP


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def indicator(number: object, day: int = 1, **fields: object) -> Object:
    modified = f"2026-01-{day:02d}T00:00:00Z"
    return {"type": "indicator", "id": f"indicator--{number}", "modified": modified, **fields}


def take(ledger: Ledger, *items: Object, reading: Reading = PART, run: int | None = None) -> int:
    if run is None:
        run = ledger.start_run("f", NOW)
    with ledger.transaction() as link:
        return take_page(link, "f", run, items, reading=reading, seen=stamp(NOW))


def changes(ledger: Ledger) -> int:
    return int(ledger.link.execute("SELECT total_changes()").fetchone()[0])


def test_a_page_is_counted_as_it_came(ledger: Ledger) -> None:
    assert take(ledger) == 0
    assert take(ledger, indicator(1), indicator(1), indicator(2)) == 3
    assert ledger.count_objects("f") == (2, 2)


def test_what_is_known_already_writes_nothing(ledger: Ledger) -> None:
    page = [indicator(n) for n in range(2000)]
    run = ledger.start_run("f", NOW)
    take(ledger, *page, run=run)
    before = changes(ledger)
    take(ledger, *page, run=run)
    assert changes(ledger) == before
    take(ledger, *page, reading=SWEEP)
    assert changes(ledger) == before + 1 + 2000  # the run itself, and when each was listed


@pytest.mark.parametrize(
    ("page", "new"),
    [((1, 2, 3), {1, 2, 3}), ((1, 2, 9), {1, 2}), ((9, 1, 2), {1, 2}), ((1, 2, 1), {1, 2})],
)
def test_what_is_new_is_marked_wherever_in_its_page_something_known_stands(
    ledger: Ledger, page: tuple[int, ...], new: set[int]
) -> None:
    take(ledger, indicator(9))
    basis = "INSERT INTO evaluated VALUES ('f', x'', 0, 0, x'')"
    ledger.link.execute(basis)
    assert take(ledger, *(indicator(n) for n in page)) == 3
    marked = {ident for (ident,) in ledger.link.execute("SELECT id FROM changed")}
    assert marked == {f"indicator--{n}" for n in new}
    assert ledger.count_objects("f")[0] == len(new) + 1


def test_ids_are_found_again_whatever_they_hold(ledger: Ledger) -> None:
    odd = [indicator(text) for text in ("a\0b", "a", "', 'x", "é", "e\u0301", "%", "\U0001f512")]
    for _ in range(2):
        take(ledger, *odd)
        assert ledger.count_objects("f") == (7, 7)


def test_the_times_of_earlier_versions_are_kept_the_newest_of_them(ledger: Ledger) -> None:
    take(ledger, indicator(1, 1), indicator(2, 1))
    assert ledger.link.execute("SELECT COUNT(*) FROM earlier").fetchone() == (0,)
    for day in range(2, 16):
        take(ledger, indicator(1, day))
    ((ident, times),) = ledger.link.execute("SELECT id, times FROM earlier").fetchall()
    assert ident == "indicator--1"
    assert [time[8:10] for time in times.split()] == [f"{day:02d}" for day in range(5, 15)]


def test_an_object_that_was_revoked_when_it_left_comes_back_revoked(ledger: Ledger) -> None:
    ledger.start_run("f", NOW)
    ledger.link.execute("INSERT INTO withdrawn VALUES ('f', 'indicator--1')")
    take(ledger, indicator(1, name="back"), indicator(2))
    assert [item.get("revoked") for item in held_indicators(ledger, "f")] == [True, None]


def test_a_row_is_of_the_width_of_its_table(ledger: Ledger) -> None:
    columns = ledger.link.execute("SELECT name FROM pragma_table_info('object')").fetchall()
    assert tuple(name for (name,) in columns) == row_of("f", indicator(1), "", 1)._fields
