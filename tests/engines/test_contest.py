"""A contest is decided by its criteria, never by the order of those who meet."""

from __future__ import annotations

import itertools

from strategies.builders import NOW, row
from strategies.engine_worlds import SECOND
from tidegate.engines.contest import OLDER, Contest, Criterion, Match
from tidegate.engines.event import Observable, Role
from tidegate.indicators.kinds import Action, IndicatorType, Severity

SEEN = Observable(Role.REMOTE_URL, IndicatorType.DOMAIN_NAME, "a.example.com")
SEVERITY = Criterion("the graver wins", lambda match: match[1].severity.level)


def _matches() -> list[Match]:
    return [
        (SEEN, row(1, severity=Severity.LOW)),
        (SEEN, row(2, severity=Severity.HIGH, created=NOW)),
        (SEEN, row(3, severity=Severity.HIGH, created=NOW - SECOND)),
        (SEEN, row(4, severity=Severity.LOW, action=Action.ALLOW)),
    ]


def test_the_first_criterion_that_differs_decides_and_then_age() -> None:
    for order in itertools.permutations(_matches()):
        contest = Contest()
        _, winner = contest.hold(order, [SEVERITY])
        assert winner.value == "h3.example.com"
        assert contest.reason(winner) == (
            "Alert and block of a person (h3.example.com) wins over "
            "Allow of a person (h4.example.com) and 2 more: the graver wins"
        )


def test_equals_are_told_apart_by_age() -> None:
    contest = Contest()
    _, winner = contest.hold(_matches()[1:3], [SEVERITY])
    assert contest.reason(winner).endswith(OLDER)


def test_a_row_does_not_win_over_itself() -> None:
    contest = Contest()
    listed = row(1)
    again = SEEN._replace(role=Role.PROCESS)
    _, winner = contest.hold([(SEEN, listed), (again, listed)], [SEVERITY])
    assert contest.reason(winner) == ""
