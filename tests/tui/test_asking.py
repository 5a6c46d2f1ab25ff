from __future__ import annotations

from datetime import timedelta

import pytest

from tidegate.indicators.filter import FilterError, parse
from tidegate.service.history import Wanted
from tidegate.service.trail import Span
from tidegate.tui.asking import WORDS, asked
from tui.stage import NOW


def test_words_for_who_when_and_how_are_taken_out_of_the_filter() -> None:
    rest, wanted = asked("by:ana type:ip door:sync since:7d change:12..15 evil", NOW)
    assert rest.split() == ["type:ip", "evil"]
    assert wanted == Wanted(by="ana", door="sync", since=NOW - timedelta(days=7), span=Span(12, 15))
    assert asked("", NOW) == ("", Wanted())
    assert asked("by: since: until:", NOW) == ("", Wanted())


def test_places_in_the_rest_stay_true_and_errors_name_theirs() -> None:
    text = "by:ana nosuch:thing"
    with pytest.raises(FilterError) as found:
        parse(asked(text, NOW)[0])
    assert text[found.value.position :].startswith("nosuch")
    with pytest.raises(FilterError, match="no time") as found:
        asked("type:ip since:soon", NOW)
    assert (found.value.position, found.value.length) == (8, 10)


def test_every_example_of_the_help_can_be_read() -> None:
    for example, _ in WORDS:
        rest, wanted = asked(example, NOW)
        assert rest == ""
        assert wanted != Wanted()
