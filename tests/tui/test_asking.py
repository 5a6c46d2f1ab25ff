from __future__ import annotations

from datetime import timedelta

import pytest

from tidegate.indicators.filter import FilterError, parse
from tidegate.service.history import Wanted
from tidegate.service.trail import Span
from tidegate.tui.asking import WORDS, asked, words
from tidegate.tui.completing import STATIC, completed
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


def test_and_between_words_and_filter_is_a_blank() -> None:
    rest, wanted = asked("by:ana AND type:ip AND door:sync AND evil", NOW)
    assert rest.split() == ["type:ip", "evil"]
    assert (wanted.by, wanted.door) == ("ana", "sync")
    assert asked("by:ana AND since:7d", NOW)[0] == ""
    for text, place in (("by:ana AND", 7), ("AND by:ana", 0), ("by:ana AND AND type:ip", 7)):
        with pytest.raises(FilterError, match="AND needs") as found:
            asked(text, NOW)
        assert found.value.position == place


def test_every_example_of_the_help_can_be_read() -> None:
    for example, _ in WORDS:
        rest, wanted = asked(example, NOW)
        assert rest == ""
        assert wanted != Wanted()


def test_words_count_beside_a_group() -> None:
    rest, wanted = asked('by:"ana b" (type:ip OR type:url) DOOR:sync', NOW)
    assert rest.split() == ["(type:ip", "OR", "type:url)"]
    assert wanted == Wanted(by="ana b", door="sync")
    assert asked('"x by:ana y"', NOW) == ('"x by:ana y"', Wanted())


@pytest.mark.parametrize(
    ("text", "message", "position", "length"),
    [
        ("by:ana OR type:ip", "by: counts for the whole filter", 0, 6),
        ("type:ip (x OR since:7d)", "since: counts for the whole", 14, 8),
        ("x -by:ana", "cannot be negated", 2, 7),
        ("NOT door:sync x", "cannot be negated", 4, 9),
        ("by:ana (x", "never closed", 7, 1),
    ],
)
def test_words_are_refused_where_they_would_count_for_a_part(
    text: str, message: str, position: int, length: int
) -> None:
    with pytest.raises(FilterError, match=message) as found:
        asked(text, NOW)
    assert (found.value.position, found.value.length) == (position, length)


def test_words_are_completed() -> None:
    known = {**words({"bob", "ana b"}, {"sync", "edit"}), **STATIC}
    assert completed("", 0, known).options[:2] == ("by:", "door:")
    assert completed("by:a", 4, known).options == ('"ana b"',)
    assert completed("x door:", 7, known).options == ("edit", "sync")
    assert completed("si", 2, known).options == ("since:",)
    assert "by:" not in completed("", 0, STATIC).options
