"""The words of verdicts are a contract; alerts carry the row's own texts."""

from __future__ import annotations

from strategies.builders import row
from tidegate.engines.verdict import GENERIC, Alert, Engine, Word, own_alert
from tidegate.indicators.kinds import Severity


def test_words_and_names_are_those_of_the_command() -> None:
    assert [word.value for word in Word] == ["allowed", "alerted", "blocked", "warned", "no_match"]
    assert {engine.value for engine in Engine} == {
        "cloud_detection",
        "endpoint_prevention",
        "automated_investigation",
    }


def test_an_alert_is_the_row_s_own() -> None:
    listed = row(
        1,
        title="C2 of Acme",
        severity=Severity.HIGH,
        category="CommandAndControl",
        description="Seen.",
        recommended_actions="Isolate.",
        mitre=("T1071",),
    )
    assert own_alert(listed) == Alert(
        "C2 of Acme", Severity.HIGH, "CommandAndControl", "Seen.", "Isolate.", ("T1071",)
    )


def test_the_generic_alert_is_informational() -> None:
    assert GENERIC.severity is Severity.INFORMATIONAL
