"""Previews: every thing that was asked for has its line."""

from __future__ import annotations

from strategies.builders import create, plan, row
from tidegate.indicators.kinds import IndicatorType
from tidegate.service.preview import Asked, Line, Preview


def test_an_answer_repeats_what_was_asked() -> None:
    item = Asked("h1[.]example[.]com", IndicatorType.DOMAIN_NAME, "h1.example.com", line=3)
    assert item.answer("add", "why", ("w",), "h") == Line(
        item.text, item.type, item.value, "add", "why", 3, ("w",), "h"
    )


def test_refused_lines_are_those_that_cannot_be_done() -> None:
    lines = tuple(Line(str(n), None, "", word) for n, word in enumerate(("add", "refused", "ours")))
    assert Preview(plan(create(row(1)), serial=0), lines).refused == (lines[1],)
