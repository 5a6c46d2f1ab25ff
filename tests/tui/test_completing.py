from __future__ import annotations

import dataclasses
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.filter import FilterError, parse
from tidegate.indicators.filter_fields import FIELDS
from tidegate.tui.completing import STATIC, completed, unfinished, words_of
from tui.stage import make_row

ROWS = [
    dataclasses.replace(make_row(n), groups=("Servers", "two words"), category="Malware")
    for n in range(6)
]
KNOWN = {**STATIC, **words_of(ROWS)}


def options(text: str) -> tuple[str, ...]:
    return completed(text, len(text), KNOWN).options


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("", "type:"),
        ("ty", "type:"),
        ("type:ip -se", "sev:"),
        ("type:", "sha256"),
        ("type:d", "domain"),
        ("type:ip,do", "domain"),
        ("sev>=m", "medium"),
        ("expires<", "1d"),
        ("feed:ac", "acme-c2"),
        ("feed:c2", "acme-c2"),
        ("scope:tw", '"two words"'),
        ('scope:"tw', '"two words"'),
        ("severty:high", "severity:high"),
        ("-tlp:a", "amber"),
        ("type:domian", "domain"),
        ("category:m", "Malware"),
        ("is:p", "pinned"),
        ("(ty", "type:"),
        ("x OR -(", "type:"),
        ("-(-type:d", "domain"),
        ("NOT(type:ip,d", "domain"),
        ("(x OR feed:ac", "acme-c2"),
    ],
)
def test_the_likeliest_comes_first(text: str, first: str) -> None:
    assert options(text)[0] == first


@pytest.mark.parametrize(
    "text",
    [
        "type:domain",
        "203.0",
        "x:/",
        "http://a",
        '"apt 2',
        "zzz:",
        "(type:ip)",
        "value:/a",
        "category:/m",
        "/ty",
    ],
)
def test_nothing_is_offered_where_nothing_is_known(text: str) -> None:
    assert options(text) == ()


def test_what_is_chosen_already_is_not_offered_again() -> None:
    assert "ip" not in options("type:ip,")
    assert "never" in options("expires:")
    assert "never" not in options("expires<")


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("s", True),
        ("sev", True),
        ("type:ip -Sever", True),
        ("type:ip AN", True),
        ("AND(sev", True),
        ("an", False),
        ("NOT", True),
        ("/beac", True),
        ("/beac/", False),
        ("title:/beac", True),
        ("title:x,/beac", True),
        ("url:/beac", False),
        ("feed:noi", True),
        ("feed:noisy", False),
        ("feed:noisy,noi", True),
        ("feed:nowhere", False),
        ("loader", False),
        ("title:ti", False),
        ('"sev"', False),
        ("sev ", False),
        ("conf:9", False),
        ("", False),
    ],
)
def test_what_may_become_something_else_is_half_typed(text: str, half: bool) -> None:  # noqa: FBT001 - a column
    known = {**KNOWN, "feed": ("noisy", "none")}
    assert unfinished(text, len(text), known) is half
    assert not unfinished(f"{text} x", len(text) + 2, known)
    assert not unfinished(f"{text}x", len(text), known)


def test_only_the_piece_at_the_cursor_is_replaced() -> None:
    found = completed("ty feed:noisy", 2, KNOWN)
    assert found.applied("ty feed:noisy", 0) == ("type: feed:noisy", 5)
    found = completed("type:ip,d x", 9, KNOWN)
    assert found.applied("type:ip,d x", 0) == ("type:ip,domain x", 14)


def test_every_value_that_is_offered_is_one_that_the_filter_takes() -> None:
    assert set(STATIC) == set(FIELDS)
    for name, words in KNOWN.items():
        for word in words:
            parse(f"{name}:{word}")


@given(st.text(max_size=30), st.integers(0, 30))
def test_any_text_is_completed_or_left_alone(text: str, cursor: int) -> None:
    found = completed(text, min(cursor, len(text)), KNOWN)
    assert 0 <= found.start <= found.end <= len(text)
    for choice in range(len(found.options)):
        after, place = found.applied(text, choice)
        assert 0 <= place <= len(after)


def test_a_long_text_is_completed_in_bounded_time() -> None:
    began = process_time()
    for text in ("-" * 8_000 + " ", "(" * 8_000, "a" * 8_000 + " x", '"' * 7_999):
        completed(text, len(text), KNOWN)
    assert process_time() - began < 0.2  # 3 ms on a calm machine


@pytest.mark.parametrize("text", ["hxxps[:]//evil[.]example[.]com/x", "198[.]51[.]100[.]7"])
def test_pasted_text_is_refanged_before_it_is_looked_for(text: str) -> None:
    row = dataclasses.replace(
        make_row(1), value=text.replace("hxxps", "https").replace("[", "").replace("]", "")
    )
    try:
        assert parse(text).matches(row, row.created)
    except FilterError as error:
        pytest.fail(str(error))
