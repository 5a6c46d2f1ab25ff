"""Every engine that there is agrees with the precedence function, on any list and event.

A seeded campaign of three thousand events; a million with TIDEGATE_SOAK=1.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from random import Random

import pytest
from hypothesis import given, settings

from strategies import engine_worlds
from strategies.engine_worlds import NOW, random_choices, random_event, random_row
from strategies.match_model import all_matches
from tidegate.engines.choices import Choices
from tidegate.engines.contest import Match
from tidegate.engines.event import Event
from tidegate.engines.matcher import Matcher
from tidegate.engines.precedence import Effective, effective
from tidegate.engines.registry import ENGINES
from tidegate.engines.verdict import GENERIC, Alert, Engine, Verdict, Word
from tidegate.engines.wording import CODES
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType

CAMPAIGN = 1_000_000 if os.environ.get("TIDEGATE_SOAK") else 3_000
LIST_EVERY = 50
"""Events for each list of the campaign."""

Run = Callable[[Event, Matcher], Verdict]
RUNS: dict[Engine, Run] = {
    Engine.CLOUD_DETECTION: lambda event, matcher: ENGINES[Engine.CLOUD_DETECTION](
        event, matcher, NOW
    ),
    Engine.ENDPOINT_PREVENTION: ENGINES[Engine.ENDPOINT_PREVENTION],
    Engine.AUTOMATED_INVESTIGATION: ENGINES[Engine.AUTOMATED_INVESTIGATION],
}

FILES = {
    IndicatorType.FILE_SHA256,
    IndicatorType.FILE_SHA1,
    IndicatorType.FILE_MD5,
    IndicatorType.CERTIFICATE,
}


def test_every_engine_is_registered_and_run_here() -> None:
    assert set(ENGINES) == set(Engine) == set(RUNS)


@settings(max_examples=300)
@given(engine_worlds.lists(), engine_worlds.events, engine_worlds.choices)
def test_engines_agree_with_precedence(
    rows: list[Indicator], event: Event, choices: Choices
) -> None:
    matches = all_matches(rows, event)
    matcher = Matcher(rows, choices)
    for engine, run in RUNS.items():
        _check(engine, run(event, matcher), event, matches, choices)


@pytest.mark.timeout(3600)
def test_engines_agree_with_precedence_through_a_campaign() -> None:
    random = Random(6)  # noqa: S311 - a campaign that is the same every time
    seen: Counter[tuple[Engine, Word]] = Counter()
    for number in range(CAMPAIGN):
        if number % LIST_EVERY == 0:
            choices = random_choices(random)
            rows = [random_row(random, n) for n in range(random.choice((0, 5, 60)))]
            matcher = Matcher(rows, choices)
        event = random_event(random, number)
        matches = matcher.matches(event)
        if number % 10 == 0:
            assert sorted(row.id for _, row in matches) == sorted(
                row.id for _, row in all_matches(rows, event)
            )
        for engine, run in RUNS.items():
            verdict = run(event, matcher)
            _check(engine, verdict, event, matches, choices)
            seen[engine, verdict.verdict] += 1
    everything = {(engine, word) for engine in Engine for word in Word}
    assert set(seen) == everything - {
        (Engine.CLOUD_DETECTION, Word.BLOCKED),
        (Engine.CLOUD_DETECTION, Word.WARNED),
        (Engine.AUTOMATED_INVESTIGATION, Word.ALERTED),
        (Engine.AUTOMATED_INVESTIGATION, Word.WARNED),
    }


@given(engine_worlds.lists(), engine_worlds.events)
def test_a_reason_is_one_short_line(rows: list[Indicator], event: Event) -> None:
    for run in RUNS.values():
        reason = run(event, Matcher(rows)).reason
        assert 0 < len(reason) < 500
        assert reason.isprintable()


@given(engine_worlds.lists(), engine_worlds.events, engine_worlds.choices)
def test_people_read_words_whatever_code_programs_get(
    rows: list[Indicator], event: Event, choices: Choices
) -> None:
    for run in RUNS.values():
        verdict = run(event, Matcher(rows, choices))
        assert " " in verdict.words
        if verdict.reason in CODES:
            assert verdict.reason not in verdict.words
        else:
            assert " " in verdict.reason  # a code without words
            assert verdict.words == verdict.reason


def _check(
    engine: Engine, verdict: Verdict, event: Event, matches: list[Match], choices: Choices
) -> None:
    assert (verdict.event, verdict.engine) == (event.id, engine)
    moment = NOW if engine is Engine.CLOUD_DETECTION else event.at
    decided = _decided(engine, event, matches, moment, choices)
    assert verdict.indicator == decided.indicator
    if decided.indicator is None:
        assert verdict[2:5] == (Word.NO_MATCH, False, None)
        return
    assert verdict[2:5] == EXPECTED[engine](decided.indicator, choices)


def _decided(
    engine: Engine, event: Event, matches: list[Match], moment: datetime, choices: Choices
) -> Effective:
    if engine is Engine.ENDPOINT_PREVENTION and choices.enforcement == "documented":
        matches = [(seen, row) for seen, row in matches if not _invisible(row, event)]
    return effective(matches, event.group, moment, choices)


def _invisible(row: Indicator, event: Event) -> bool:
    """Say whether prevention cannot see what the row names, in this small world."""
    if row.type is IndicatorType.URL:
        beyond_host = row.value.count("/") > 3 or not row.value.endswith("/")
        elsewhere = event.process.lower() not in ("", "msedge.exe")
        return row.value.startswith("https:") and beyond_host and elsewhere
    file = row.type in FILES and row.type is not IndicatorType.CERTIFICATE
    return file and row.context.get("file_name") == ("invoice.pdf",)


Effect = tuple[Word, bool, Alert | None]


def _prevented(row: Indicator, _: Choices) -> Effect:
    own = Alert(row.title, row.severity)
    return {
        Action.ALLOW: (Word.ALLOWED, False, None),
        Action.ALERT_ONLY: (Word.ALERTED, False, own),
        Action.ALERT_AND_BLOCK: (Word.BLOCKED, row.type in FILES, own),
        Action.BLOCK: (Word.BLOCKED, False, None),
        Action.WARN: (Word.WARNED, False, None),
    }[row.action]


def _detected(row: Indicator, choices: Choices) -> Effect:
    own = Alert(row.title, row.severity)
    silent = choices.detected_warn == "silent"
    return {
        Action.ALLOW: (Word.ALLOWED, False, None),
        Action.ALERT_ONLY: (Word.ALERTED, False, own),
        Action.ALERT_AND_BLOCK: (Word.ALERTED, False, own),
        Action.BLOCK: (Word.ALERTED, False, GENERIC),
        Action.WARN: (Word.NO_MATCH, False, None) if silent else (Word.ALERTED, False, GENERIC),
    }[row.action]


def _investigated(row: Indicator, choices: Choices) -> Effect:
    bad = choices.investigated_warn == "bad"
    return {
        Action.ALLOW: (Word.ALLOWED, False, None),
        Action.ALERT_ONLY: (Word.NO_MATCH, False, None),
        Action.ALERT_AND_BLOCK: (Word.BLOCKED, True, None),
        Action.BLOCK: (Word.BLOCKED, True, None),
        Action.WARN: (Word.BLOCKED, True, None) if bad else (Word.NO_MATCH, False, None),
    }[row.action]


EXPECTED: dict[Engine, Callable[[Indicator, Choices], Effect]] = {
    Engine.ENDPOINT_PREVENTION: _prevented,
    Engine.CLOUD_DETECTION: _detected,
    Engine.AUTOMATED_INVESTIGATION: _investigated,
}
