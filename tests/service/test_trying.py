"""A policy tried out: what would differ, by which rule, with nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from driving.homes import FeedFolder, indicator, write_feed
from tidegate.errors import FeedDefinitionError, UsageError
from tidegate.indicators.kinds import Action
from tidegate.indicators.plan import Op
from tidegate.service import edit
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.sync import sync
from tidegate.service.trying import Trial, try_policy
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
ALERT = 'action = "Alert only"\nseverity = "Low"\nexpires = "30d"\n'
LOW_IS_LEFT_OUT = (
    '[[rule]]\nname = "low"\nwhen = { confidence = "<50" }\nthen = { action = "skip" }\n'
)
HIGH_IS_LOUD = (
    '[[rule]]\nname = "loud"\nwhen = { confidence = ">=90" }\n'
    'then = { action = "Alert and block" }\n'
)


def rated(*confidences: int) -> list[dict[str, object]]:
    return [indicator(n, confidence=c) for n, c in enumerate(confidences)]


@pytest.fixture
def tried(ws: Workspace, tmp_path: Path) -> Callable[..., Trial]:
    """Tries a policy for the feed acme, written somewhere else."""

    def make(**options: str) -> Trial:
        made = write_feed(tmp_path / "elsewhere" / "acme", **options)  # type: ignore[arg-type]
        return try_policy(ws, made.folder / "feed.toml")

    return make


def test_the_same_policy_makes_no_difference(
    ws: Workspace, subscribe: Subscribe, tried: Callable[..., Trial]
) -> None:
    subscribe("acme", rated(10, 60, 95))
    sync(ws, dry_run=True)
    trial = tried()
    assert trial.differences == ()
    assert trial.plan == trial.today
    assert trial.plan.count(Op.CREATE) == 3
    assert not trial.source_differs
    renamed = tried(rules='[[rule]]\nname = "all"\nthen = { action = "block" }\n')
    assert renamed.differences == (), "the same rows by a rule of another name"


def test_rows_that_would_differ_are_counted_by_rule(
    ws: Workspace, subscribe: Subscribe, tried: Callable[..., Trial]
) -> None:
    subscribe("acme", rated(10, 20, 60, 95), default=ALERT)
    subscribe("other", [indicator(9)])
    sync(ws)
    before = ws.store.state()
    trial = tried(rules=LOW_IS_LEFT_OUT + HIGH_IS_LOUD, default=ALERT)
    assert trial.today.changes == ()
    assert {op: trial.count(op) for op in Op} == {Op.CREATE: 0, Op.UPDATE: 1, Op.REMOVE: 2}
    assert trial.by_rule() == ((Op.REMOVE, "default", 2), (Op.UPDATE, "loud", 1))
    change = next(c for c in trial.differences if c.op is Op.UPDATE)
    assert change.before is not None
    assert (change.before.action, change.row.action) == (Action.ALERT_ONLY, Action.ALERT_AND_BLOCK)
    assert ws.store.state() == before


def test_a_difference_is_told_before_the_first_sync_and_back(
    ws: Workspace, subscribe: Subscribe, tried: Callable[..., Trial]
) -> None:
    subscribe("acme", rated(10, 60), rules=LOW_IS_LEFT_OUT)
    sync(ws, dry_run=True)
    trial = tried()
    assert (trial.plan.count(Op.CREATE), trial.today.count(Op.CREATE)) == (2, 1)
    assert trial.by_rule() == ((Op.CREATE, "default", 1),)


def test_what_a_person_set_does_not_differ(
    ws: Workspace, subscribe: Subscribe, tried: Callable[..., Trial]
) -> None:
    subscribe("acme", rated(60, 60))
    sync(ws)
    row = next(iter(ws.store.active(ws.clock())))
    fields = Fields(action=Action.WARN, severity=row.severity)
    apply(ws, edit.plan_edit(ws, [row], fields).plan)
    trial = tried(default=ALERT.replace("Low", "High"))
    assert [change.row.value for change in trial.differences] == ["h1.example.com"]


def test_the_brake_hides_no_difference(
    ws: Workspace, subscribe: Subscribe, tried: Callable[..., Trial]
) -> None:
    subscribe("acme", rated(*[10] * 60, 60))
    sync(ws)
    trial = tried(rules=LOW_IS_LEFT_OUT)
    assert len(trial.plan.held) == trial.count(Op.REMOVE) == 60


def test_switching_off_and_another_source_are_seen(
    ws: Workspace, subscribe: Subscribe, tried: Callable[..., Trial]
) -> None:
    subscribe("acme", rated(60))
    sync(ws, dry_run=True)
    off = tried(head="enabled = false")
    assert (off.plan.count(Op.CREATE), off.count(Op.REMOVE)) == (0, 1)
    other = tried(source='kind = "https"\nurl = "https://feed.example.com/x"\n')
    assert other.source_differs
    assert other.differences == ()


def test_a_file_that_is_no_policy_of_this_home_is_refused(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(FeedDefinitionError, match=r"none\.toml"):
        try_policy(ws, tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text('id = "acme"\ntrsut = 5\n', "utf-8")
    with pytest.raises(FeedDefinitionError, match="did you mean `trust`"):
        try_policy(ws, broken)
    stranger = write_feed(tmp_path / "stranger").folder / "feed.toml"
    with pytest.raises(UsageError, match='there is no feed "stranger"'):
        try_policy(ws, stranger)
    shipped = write_feed(tmp_path / "sample-c2").folder / "feed.toml"
    with pytest.raises(UsageError, match="not of this home"):
        try_policy(ws, shipped)
