"""Events under a plan: which verdicts would be others, of which engine, by which row."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from driving.homes import DOCUMENTATION
from strategies.builders import NOW, create, edit, plan, remove, row
from tidegate.config import Home
from tidegate.engines.verdict import Engine, Word
from tidegate.indicators.kinds import Action
from tidegate.indicators.plan import SyncPlan
from tidegate.service import cases
from tidegate.service.foreseeing import Foreseen, Given, foresee, given
from tidegate.service.workspace import Workspace

HELD = (row(1), row(2, action=Action.ALERT_ONLY), row(3))


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    (tmp_path / "config.toml").write_text(DOCUMENTATION)
    ws = Workspace.open(Home(tmp_path), clock=lambda: NOW)
    ws.store.apply(plan(create(*HELD), serial=0), limit=9, now=NOW, actor="a")
    return ws


def of(value: str) -> Given:
    return Given(value, {"RemoteUrl": value})


def look(ws: Workspace, made: SyncPlan, *values: str) -> dict[str, Foreseen]:
    return {it.label: it for it in foresee(ws, made, map(of, values))}


def words(found: Foreseen) -> list[tuple[Word, Word]]:
    return [(a.verdict, b.verdict) for a, b in zip(found.before, found.after, strict=True)]


def test_each_engine_is_asked_on_both_lists_and_the_row_that_decides_is_named(
    ws: Workspace,
) -> None:
    held = {it.value: it for it in ws.store.active(NOW)}
    changes = (
        *remove(held["h1.example.com"]),
        *edit(held["h2.example.com"], action=Action.ALERT_AND_BLOCK),
        *create(row(9)),
    )
    found = look(ws, plan(changes, serial=1), *(f"h{n}.example.com" for n in (1, 2, 3, 9)))
    assert words(found["h1.example.com"]) == [
        (Word.ALERTED, Word.NO_MATCH),
        (Word.BLOCKED, Word.NO_MATCH),
        (Word.BLOCKED, Word.NO_MATCH),
    ]
    assert found["h1.example.com"].changed == tuple(Engine)
    assert found["h1.example.com"].rows == (held["h1.example.com"].id,)
    # Cloud detection alerts as it did: only what stops things becomes another.
    assert found["h2.example.com"].changed == (
        Engine.ENDPOINT_PREVENTION,
        Engine.AUTOMATED_INVESTIGATION,
    )
    assert (found["h3.example.com"].changed, found["h3.example.com"].rows) == ((), ())
    assert found["h9.example.com"].rows == (row(9).id,)


def test_what_is_withheld_counts_and_what_another_row_does_as_well_does_not_change(
    ws: Workspace,
) -> None:
    wide = row(7, value="example.com", title=HELD[0].title)
    made = SyncPlan("", 1, "sync", "sync", create(wide), held=remove(HELD[2]))
    found = look(ws, made, "h3.example.com", "a.h1.example.com")
    assert set(found["h3.example.com"].changed) == set(Engine)  # another row, another alert
    assert set(found["h3.example.com"].rows) == {HELD[2].id, wide.id}
    assert found["a.h1.example.com"].changed == ()
    assert found["a.h1.example.com"].rows == (wide.id,)


def test_cases_and_what_is_pasted_are_asked_and_what_cannot_be_read_is_left_out(
    ws: Workspace,
) -> None:
    cases.save(ws, "keeps", {"RemoteUrl": "h1.example.com"}, "malicious")
    asked = given(ws, "h9.example.com\nno value at all")
    assert [it.label for it in asked] == ["keeps", "h9.example.com"]
    found = foresee(ws, plan(create(row(9)), serial=1), [*asked, Given("odd", {"Nothing": 1})])
    assert [(it.label, bool(it.changed)) for it in found] == [
        ("keeps", False),
        ("h9.example.com", True),
    ]


def test_a_full_list_and_its_plan_are_looked_at_in_a_moment(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(DOCUMENTATION)
    ws = Workspace.open(Home(tmp_path), clock=lambda: NOW)
    rows = [row(n) for n in range(15_000)]
    ws.store.apply(plan(create(*rows), serial=0), limit=15_000, now=NOW, actor="a")
    held = tuple(ws.store.active(NOW))
    changes = (*remove(*held[:7_000]), *create(*(row(n) for n in range(20_000, 27_000))))
    asked = [of(f"h{n}.example.com") for n in range(0, 30_000, 30)]
    begun = time.perf_counter()
    found = foresee(ws, plan(changes, serial=1), asked)
    took = time.perf_counter() - begun
    assert sum(bool(it.changed) for it in found) == 234 + 233
    assert took < 5  # some 0.4 s where nothing else runs
    ws.close()
