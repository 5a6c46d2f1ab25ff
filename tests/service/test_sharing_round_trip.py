"""An export taken in elsewhere makes the same rows; where it came from, it changes nothing.

What a format cannot hold is told in tests/sources/test_import_round_trip.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driving.homes import DOCUMENTATION, Watch
from strategies.builders import create, plan
from strategies.exportable import NOW, exportable
from tidegate.config import Home
from tidegate.errors import HeldBack, IndicatorError
from tidegate.indicators.indicator import Indicator, RowKey, row_id
from tidegate.indicators.kinds import Dialect, Origin
from tidegate.service import look
from tidegate.service.apply import apply, check_row
from tidegate.service.importing import plan_import
from tidegate.service.sharing import render, write
from tidegate.service.workspace import Workspace

Homes = Callable[[Dialect], AbstractContextManager[Workspace]]

PLACES = {"stix": 3, "portal-csv": 6}
"""Digits of a second's fraction that a format leaves out."""

ONLY_STIX = ("confidence", "tlp", "aliases")
FIELDS = (
    "action",
    "severity",
    "title",
    "description",
    "category",
    "mitre",
    "recommended_actions",
)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Open a new home with each call, for as long as its block lasts."""
    numbers, root = count(), tmp_path_factory.mktemp("homes")

    @contextmanager
    def opened(dialect: Dialect) -> Iterator[Workspace]:
        home = Home(root / str(next(numbers)))
        home.ensure()
        home.config_file.write_text(f'dialect = "{dialect.value}"\n{DOCUMENTATION}', "utf-8")
        ws = Workspace.open(home, clock=Watch(NOW))
        yield ws
        ws.close()

    return opened


def cut(time: datetime | None, places: int) -> datetime | None:
    return time and time.replace(microsecond=time.microsecond // 10**places * 10**places)


def essence(row: Indicator, form: str) -> tuple[object, ...]:
    fields = FIELDS + (ONLY_STIX if form == "stix" else ())
    return (cut(row.expires, PLACES[form]), *(getattr(row, name) for name in fields))


def essences(rows: Iterable[Indicator], form: str) -> dict[RowKey, tuple[object, ...]]:
    return {row.key: essence(row, form) for row in rows}


_lists = st.lists(exportable(), min_size=1, max_size=4, unique_by=lambda row: row.key)


@settings(max_examples=10)
@given(_lists, st.sampled_from(sorted(PLACES)), st.sampled_from(Dialect))
def test_round_trip(homes: Homes, rows: list[Indicator], form: str, dialect: Dialect) -> None:
    with homes(dialect) as ours, homes(dialect) as theirs:
        made = [replace(row, id=row_id(row.key)) for row in rows if admitted(ours, row)]
        ours.store.apply(plan(create(*made), serial=0), limit=9, now=NOW, actor="test")
        rendered = render(ours, "", format_name=form, tlp_max="red")
        for file in write(rendered, ours.home.root.parent / "export").files:
            here = plan_import(ours, file, Origin.MANUAL)
            assert here.plan.changes == ()
            assert {line.verdict for line in here.lines} <= {"unchanged"}
            there = plan_import(theirs, file, Origin.MANUAL)
            assert {line.verdict for line in there.lines} <= {"add"}
            apply(theirs, there.plan)
        left_out = {skip.row.key for skip in rendered.skipped}
        wanted = [row for row in made if row.key not in left_out]
        assert len(wanted) == rendered.written
        assert essences(look.rows(theirs), form) == essences(wanted, form)


def admitted(ws: Workspace, row: Indicator) -> bool:
    """Whether the guards and the table of actions let a row in."""
    try:
        check_row(ws, row)
    except (HeldBack, IndicatorError):
        return False
    return True
