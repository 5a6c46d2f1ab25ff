"""A few rows out of a full list."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from driving.homes import START, Watch
from strategies.builders import create, plan, row
from tidegate.config import Home
from tidegate.indicators.kinds import IndicatorType, Origin
from tidegate.service import look
from tidegate.service.finding import glance, made, over
from tidegate.service.workspace import Workspace

_END = st.sampled_from(
    [None, START, START + timedelta(milliseconds=500), START + timedelta(days=1)]
)
_ROWS = st.lists(
    st.tuples(
        st.sampled_from(list(Origin)),
        st.booleans(),
        st.sampled_from([None, 0.0, 1.5, 80.25]),
        st.sampled_from([(), ("lab",), ("lab", "servers")]),
        _END,
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(_ROWS, st.sampled_from([timedelta(0), timedelta(milliseconds=500), timedelta(seconds=1)]))
def test_a_found_row_is_the_row_of_the_whole_list(
    tmp_path_factory: object,
    wanted: list[tuple[Origin, bool, float | None, tuple[str, ...], datetime | None]],
    later: timedelta,
) -> None:
    folder = tmp_path_factory.mktemp("finding")  # type: ignore[attr-defined]
    watch = Watch(START - timedelta(days=1))
    ws = Workspace.open(Home(folder), clock=watch)
    rows = [
        row(n, origin=origin, pinned=pinned, score=score, groups=groups, expires=end)
        for n, (origin, pinned, score, groups, end) in enumerate(wanted)
    ]
    ws.store.apply(plan(create(*rows), serial=0), limit=20, now=watch.now, actor="ana")
    watch.now = START + later
    held = glance(ws)
    whole = look.rows(ws)
    assert made(ws, held.held) == whole
    for each in rows:
        expected = tuple(found for found in whole if found.value == each.value)
        assert look.matching(ws, each.value) == look.matching(ws, each.id) == expected
        assert bool(over(ws, each.value)) is not bool(expected)
    ends = [found.expires for found in whole if found.expires is not None]
    assert held.next_end == min(ends, default=None)
    ws.close()


def test_a_file_is_found_by_its_other_hashes(ws: Workspace) -> None:
    aliases = (f"FileMd5:{'2' * 32}",)
    file = row(0, type=IndicatorType.FILE_SHA256, value="1" * 64, aliases=aliases)
    ws.store.apply(plan(create(file, row(1)), serial=0), limit=5, now=START, actor="ana")
    both = {"1" * 64, "2" * 32}
    assert [each["id"] for each in glance(ws).named(both)] == [file.id]
    assert glance(ws).named({"3" * 32}) == []


def test_a_glance_lasts_until_the_list_changes_or_a_row_expires(
    ws: Workspace, watch: Watch
) -> None:
    end = START + timedelta(hours=1)
    ws.store.apply(plan(create(row(0, expires=end)), serial=0), limit=5, now=START, actor="ana")
    first = glance(ws)
    watch.turn(minutes=59)
    assert glance(ws) is first
    watch.turn(minutes=1)
    assert glance(ws).held == []
    state = ws.store.state()
    more = plan(create(row(1)), serial=state.serial, lineage=state.lineage)
    ws.store.apply(more, limit=5, now=watch.now, actor="ana")
    assert [each["value"] for each in glance(ws).held] == [row(1).value]
