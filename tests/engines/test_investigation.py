"""Automated investigation: what the list makes of a finding, and what automation does by itself."""

from __future__ import annotations

import pytest

from strategies.builders import row
from strategies.engine_worlds import NOW, VALUES
from tidegate.engines.automation import remedy
from tidegate.engines.choices import Choices
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.investigation import (
    ALERT_ONLY_LEAVES_VERDICT,
    Automation,
    Finding,
    investigation,
)
from tidegate.engines.matcher import Matcher
from tidegate.engines.verdict import Engine, Verdict, Word
from tidegate.indicators.kinds import Action, IndicatorType

SHA1 = "a" * 40


def _event(
    kind: IndicatorType = IndicatorType.FILE_SHA1,
    value: str = SHA1,
    folder: str = "",
    role: Role = Role.FILE,
) -> Event:
    seen = Observable(role, kind, value)
    return Event("e1", NOW, "pc1", "", "FileCreated", (seen,), folder=folder)


def _file(action: Action = Action.ALERT_AND_BLOCK) -> Matcher:
    return Matcher([row(1, type=IndicatorType.FILE_SHA1, value=SHA1, action=action)])


@pytest.mark.parametrize("kind", list(IndicatorType))
@pytest.mark.parametrize("finding", list(Finding))
@pytest.mark.parametrize(
    ("action", "setting", "word"),
    [
        # [S] 'will ignore a "bad" verdict for it'.
        (Action.ALLOW, "leaves", Word.ALLOWED),
        # Unaffected: no page says that Audit changes a verdict.
        (Action.ALERT_ONLY, "leaves", Word.NO_MATCH),
        # [S] 'will treat it as "bad"'.
        (Action.ALERT_AND_BLOCK, "leaves", Word.BLOCKED),
        (Action.BLOCK, "leaves", Word.BLOCKED),
        # No page says.
        (Action.WARN, "leaves", Word.NO_MATCH),
        (Action.WARN, "bad", Word.BLOCKED),
    ],
)
def test_what_an_action_does(
    kind: IndicatorType, finding: Finding, action: Action, setting: str, word: Word
) -> None:
    value = VALUES[kind][0]
    listed = row(1, type=kind, value=value, action=action)
    matcher = Matcher([listed], Choices(investigated_warn=setting))  # type: ignore[arg-type]
    verdict = investigation(_event(kind, value), matcher, finding)
    blocked = word is Word.BLOCKED
    assert verdict == Verdict(
        "e1", Engine.AUTOMATED_INVESTIGATION, word, blocked, None, listed, verdict.reason
    )


def test_alert_only_gives_its_code_as_the_reason() -> None:
    assert ALERT_ONLY_LEAVES_VERDICT == "alert_only_leaves_verdict"
    assert investigation(_event(), _file(Action.ALERT_ONLY)).reason == ALERT_ONLY_LEAVES_VERDICT


def test_reasons_name_the_finding() -> None:
    allows, blocks, warns = _file(Action.ALLOW), _file(Action.BLOCK), _file(Action.WARN)
    ignored = "the finding malicious is ignored"
    assert investigation(_event(), allows).reason.endswith(ignored)
    assert ignored not in investigation(_event(), allows, "clean").reason
    assert "taken as bad although the finding is clean" in (
        investigation(_event(), blocks, "clean").reason
    )
    assert "although" not in investigation(_event(), blocks, "suspicious").reason
    assert "leaves the finding unknown" in investigation(_event(), warns, "unknown").reason
    assert "the finding malicious stands" in investigation(_event(), Matcher([])).reason


TEMPORARY = "C:\\Users\\ana\\AppData\\Local\\Temp\\x"


@pytest.mark.parametrize("automation", list(Automation))
def test_automation_decides_what_is_remediated(automation: Automation) -> None:
    verdict = investigation(_event(folder=TEMPORARY), _file(), automation=automation)
    wanted, said = remedy(automation, TEMPORARY)
    assert (verdict.verdict, verdict.remediated) == (Word.BLOCKED, wanted)
    assert verdict.reason.endswith(said)


def test_the_folder_says_nothing_about_the_process() -> None:
    event = _event(folder=TEMPORARY, role=Role.PROCESS)
    assert not investigation(event, _file(), automation="semi_non_temp").remediated


@pytest.mark.parametrize("words", [{"finding": "bad"}, {"automation": "half"}])
def test_other_words_are_refused(words: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        investigation(_event(), Matcher([]), **words)
