from __future__ import annotations

from dataclasses import replace

from tidegate.allocation.compress import COVERED
from tidegate.indicators.kinds import Action
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.apply import Applied
from tidegate.service.endings import WAITS
from tidegate.service.held import Approved
from tidegate.service.quota import Quota
from tidegate.tui.deciding import Decisions
from tidegate.tui.foreseeing import Effects
from tidegate.tui.reviewing import (
    changes_of,
    columns,
    few_lines,
    items,
    let_through,
    one_line,
    summary,
    whole,
)
from tidegate.tui.signs import SIGNS
from tui.stage import NOW, make_row

OLD = make_row(3)  # of acme-c2, as all odd ones; the others are of noisy
PLAN = SyncPlan(
    "x", 4, "sync", "sync",
    (
        Change(make_row(2), None, "noisy no longer lists it"),
        Change(OLD, replace(OLD, action=Action.ALLOW, title="Good"), "rule good"),
        Change(None, make_row(1), "rule c2, score 9"),
        Change(None, replace(make_row(5), feeds=()), "nobody"),
    ),
    held=(Change(make_row(7), None, "gone"),),
    held_reason="acme-c2: 40% leave",
)  # fmt: skip


def drawn(decisions: Decisions | None = None, plan: SyncPlan = PLAN) -> list[str]:
    shown = columns(decisions or Decisions(), Effects())
    return [" ".join(column.cell(it, NOW) for column in shown).lstrip() for it in items(plan)]


def test_rows_stand_by_feed_and_operation_and_what_is_held_comes_last() -> None:
    assert drawn() == [
        "▾ feed rows of no feed +1",
        f"+ domain {make_row(5).value} BLK LOW   nobody",
        "▾ feed acme-c2 +1 ~1",
        f"+ domain {make_row(1).value} BLK LOW   rule c2, score 9",
        f"~ sha256 {OLD.value} action Alert only → Allow; title Wave 3 → Good",
        "▾ feed noisy -1",
        f"- url {make_row(2).value} noisy no longer lists it",
        "!▾ feed acme-c2 -1  held by the brake",
        f"!- sha256 {make_row(7).value} gone",
    ]
    assert len({it.id for it in items(PLAN)}) == len(items(PLAN))


def test_a_row_that_leaves_says_by_what() -> None:
    plan = replace(
        PLAN,
        changes=(
            Change(make_row(2), None, f"{WAITS}12: its feed is at its ceiling, its score is 9"),
            Change(make_row(4), None, f"{COVERED}DomainName example.com"),
            Change(make_row(6), None, "noisy no longer lists it"),
        ),
    )
    rows = drawn(plan=plan)
    assert rows[0].startswith("▾ feed noisy -3 (↓1 ⊘1)")
    assert sorted(row[0] for row in rows[1:4]) == ["-", "↓", "⊘"]
    assert all(row.lstrip("!")[0] in SIGNS for row in rows)


def test_a_heading_stands_for_all_under_it_and_each_change_counts_once() -> None:
    found = items(PLAN)
    assert changes_of(found[2:5]) == [found[3].changes[0], found[4].changes[0]]
    assert len(changes_of(found)) == 5
    assert changes_of([]) == []


def test_the_sum_says_what_would_be_and_what_is_held() -> None:
    quota = Quota(100, 50, 0, 0, 0, 50, 0, {}, 0, None)
    lines = summary(PLAN, quota, Decisions(), Effects(), waits=False, width=80).plain.splitlines()
    assert lines == [
        " what a sync would apply now: +2 ~1 -1 !1  after: 51",
        " ! 1 row would become Allow",
        " ! held: acme-c2: 40% leave",
    ]
    assert (
        "the plan of the sync that waits"
        in summary(PLAN, quota, Decisions(), Effects(), waits=True, width=80).plain
    )


def test_operations_have_a_heading_where_there_are_several_and_what_is_decided_has_a_sign() -> None:
    changes = tuple(Change(None, make_row(n), "rule c2") for n in (1, 5, 9))
    plan = replace(PLAN, changes=(*changes, Change(OLD, None, "gone")), held=())
    decisions = Decisions()
    decisions.decide(changes[:2], yes=True)
    decisions.decide(changes[2:], yes=False)
    assert drawn(decisions, plan) == [
        "· ▾ feed acme-c2 +3 -1",
        "· ▾  acme-c2: 3 rows to add +3",
        f"✓ + domain {make_row(1).value} BLK LOW   rule c2",
        f"✓ + domain {make_row(5).value} BLK LOW   rule c2",
        f"✗ + domain {make_row(9).value} ALR LOW   rule c2",
        f"- sha256 {OLD.value} gone",
    ]
    quota = Quota(100, 50, 0, 0, 0, 50, 0, {}, 0, None)
    told = summary(plan, quota, decisions, Effects(), waits=False, width=80).plain
    assert " decided 3 of 4: ✓ 2 accepted  ✗ 1 not now  A applies these alone" in told


def test_details_are_fields_of_a_row_and_reasons_of_a_heading() -> None:
    heading, row = items(PLAN)[2], items(PLAN)[4]
    assert "action  Alert only → Allow" in whole(row, Effects(), NOW).plain
    assert "rule good" in one_line(row, Effects()).plain
    assert "Good" in few_lines(row).plain
    assert "+      1  rule c2" in whole(heading, Effects(), NOW).plain
    assert "acme-c2  +1 ~1" in one_line(heading, Effects()).plain
    assert "~      1  rule good" in few_lines(heading).plain


def test_what_was_let_through_is_one_line() -> None:
    assert let_through(Approved(Applied(7, 0, 0, 40), 0, 0)) == ("let through: 40 removed · u undo")
    assert let_through(Approved(Applied(None, 0, 0, 0), 2, 1)) == (
        "let through: nothing changed; left out 2 whose rows have changed since; left out 1 that "
        "are suppressed"
    )
