"""Cloud detection: alerts on what was collected, and never blocks what is past."""

from __future__ import annotations

import pytest

from strategies.builders import row
from strategies.engine_worlds import NOW, SECOND, VALUES
from tidegate.engines.choices import Choices
from tidegate.engines.detection import detection
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.matcher import Matcher
from tidegate.engines.verdict import GENERIC, Alert, Engine, Verdict, Word
from tidegate.indicators.kinds import Action, IndicatorType, Severity

OWN = Alert("Acme", Severity.HIGH)


def _event(kind: IndicatorType = IndicatorType.DOMAIN_NAME, value: str = "example.com") -> Event:
    return Event("e1", NOW, "pc1", "", "ConnectionSuccess", (Observable(Role.FILE, kind, value),))


@pytest.mark.parametrize("kind", list(IndicatorType))
@pytest.mark.parametrize(
    ("action", "setting", "word", "alert"),
    [
        # [O] Allow: no alert.
        (Action.ALLOW, "alert", Word.ALLOWED, None),
        # [S] "action will be taken according to the settings".
        (Action.ALERT_ONLY, "alert", Word.ALERTED, OWN),
        (Action.ALERT_AND_BLOCK, "alert", Word.ALERTED, OWN),
        # [O] Block: the generic Informational alert only.
        (Action.BLOCK, "alert", Word.ALERTED, GENERIC),
        # [O] Warn: non-deterministic.
        (Action.WARN, "alert", Word.ALERTED, GENERIC),
        (Action.WARN, "silent", Word.NO_MATCH, None),
    ],
)
def test_what_an_action_does(
    kind: IndicatorType, action: Action, setting: str, word: Word, alert: Alert | None
) -> None:
    value = VALUES[kind][0]
    listed = row(1, type=kind, value=value, action=action, title="Acme", severity=Severity.HIGH)
    matcher = Matcher([listed], Choices(detected_warn=setting))  # type: ignore[arg-type]
    verdict = detection(_event(kind, value), matcher, NOW)
    assert verdict == Verdict(
        "e1", Engine.CLOUD_DETECTION, word, False, alert, listed, verdict.reason
    )


def test_a_miss() -> None:
    assert detection(_event(), Matcher([]), NOW).verdict is Word.NO_MATCH


def test_a_row_added_later_finds_old_events() -> None:
    later = NOW + 1000 * SECOND
    listed = row(1, value="example.com", created=later, updated=later, expires=later + SECOND)
    matcher = Matcher([listed])
    assert detection(_event(), matcher, later).verdict is Word.ALERTED
    assert detection(_event(), matcher, later + SECOND).verdict is Word.NO_MATCH


def test_a_row_that_has_expired_since_finds_nothing() -> None:
    matcher = Matcher([row(1, value="example.com", expires=NOW + SECOND)])
    verdict = detection(_event(), matcher, NOW + SECOND)
    assert verdict.verdict is Word.NO_MATCH
    assert "expired on" in verdict.reason


def test_the_path_of_https_is_no_hindrance_once_it_was_recorded() -> None:
    url = "https://example.com/a"
    event = _event(IndicatorType.URL, url)._replace(process="chrome.exe")
    matcher = Matcher([row(1, type=IndicatorType.URL, value=url)])
    assert detection(event, matcher, NOW).verdict is Word.ALERTED
