"""Tables of evaluations: doubles to try things in, marks, and what version 1 left."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from strategies.builders import NOW, candidate, evaluated
from tidegate.errors import StoreDamaged
from tidegate.ledger import derived
from tidegate.ledger.derived import DERIVED, FORMER, KINDS, mark_changed, temporary
from tidegate.ledger.evaluation import candidates_for, rejections
from tidegate.ledger.judging import save_evaluation
from tidegate.ledger.ledger import Ledger
from tidegate.mapping.candidate import Outcome, Standing


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.start_run("f", NOW)
    return ledger


def outcome(number: int) -> Outcome:
    made = candidate(number)
    return Outcome(made.stix_id, Standing.MAPPED, (made,))


def values(ledger: Ledger) -> list[str]:
    return [c.value for n in range(3) for c in candidates_for(ledger, f"h{n}.example.com")]


def test_what_is_evaluated_aside_is_forgotten(ledger: Ledger) -> None:
    save_evaluation(ledger, *evaluated("f", [outcome(1)]))
    assert ledger.go_aside()
    assert not ledger.go_aside()
    assert values(ledger) == ["h1.example.com"]
    save_evaluation(ledger, *evaluated("f", [outcome(1), outcome(2)]))
    assert values(ledger) == ["h1.example.com", "h2.example.com"]
    assert ledger.feed("f").mapped == 2
    with Ledger(ledger.path).transaction():  # nobody waits for it
        ledger.link.execute("DELETE FROM rejection")
    ledger.come_back()
    ledger.come_back()
    assert values(ledger) == ["h1.example.com"]
    assert ledger.feed("f").mapped == 1


def test_doubles_that_could_not_be_made_do_not_stand_before_the_tables(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_evaluation(ledger, *evaluated("f", [outcome(1)]))
    monkeypatch.setattr(derived, "_DOUBLED", ("evaluated", "no_such_table"))
    with pytest.raises(StoreDamaged):
        ledger.go_aside()
    assert not ledger.aside
    monkeypatch.undo()
    assert values(ledger) == ["h1.example.com"]
    assert ledger.link.execute("SELECT COUNT(*) FROM sqlite_temp_master").fetchone()[0] == len(
        ledger.link.execute(
            "SELECT 1 FROM sqlite_temp_master WHERE name LIKE 'fresh%' OR name LIKE '%asked%'"
        ).fetchall()
    )
    assert ledger.go_aside()


def test_all_tables_have_doubles() -> None:
    with closing(sqlite3.connect(":memory:")) as link:
        link.executescript(temporary())
        made = link.execute("SELECT type, COUNT(*) FROM sqlite_temp_master GROUP BY type")
        counts = dict(made.fetchall())
        assert link.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (0,)
    assert counts["table"] == DERIVED.count("CREATE TABLE") + 1  # SQLite's own, of numbers given
    assert counts["index"] >= DERIVED.count("CREATE INDEX")


def test_kinds_are_all_kinds() -> None:
    assert KINDS == "[0, 1, 2, 3, 4, 5, 6]"


def test_a_mark_is_made_only_where_something_was_judged(ledger: Ledger) -> None:
    with ledger.transaction() as link:
        mark_changed(link, "f", ["a"])
    assert ledger.link.execute("SELECT COUNT(*) FROM changed").fetchone() == (0,)
    save_evaluation(ledger, *evaluated("f", []))
    marks = []
    for _ in range(2):
        with ledger.transaction() as link:
            mark_changed(link, "f", ["a"])
        marks += ledger.link.execute("SELECT mark FROM changed").fetchall()
    assert len(set(marks)) == 2


@pytest.mark.parametrize("read_only", [True, False])
def test_a_ledger_of_version_1_has_nothing_evaluated(ledger: Ledger, read_only: bool) -> None:  # noqa: FBT001 - a parameter of the test
    ledger.close()
    with closing(sqlite3.connect(ledger.path)) as link:
        for table in ("judged", "proposal", "named", "changed", "evaluated", "agreed"):
            link.execute(f"DROP TABLE {table}")
        former = [name.split()[-1] for name in FORMER.split(";") if name]
        for table in former:
            link.execute(f"CREATE TABLE IF NOT EXISTS {table} (feed TEXT)")
        link.execute("PRAGMA user_version = 1")
        link.commit()
    before = ledger.path.read_bytes()
    opened = Ledger(ledger.path, read_only=read_only)
    assert rejections(opened) == []
    assert values(opened) == []
    if read_only:
        opened.go_aside()
        save_evaluation(opened, *evaluated("f", [outcome(1)]))
        assert values(opened) == ["h1.example.com"]
    opened.close()
    assert (ledger.path.read_bytes() == before) is read_only
