"""Conditions: what meets them, what does not, and words that are nearly right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from tidegate.feed import FeedDefinition, When

Read = Callable[[Mapping[str, object]], FeedDefinition]
Said = Callable[[Mapping[str, object]], str]


@pytest.mark.parametrize(
    ("condition", "met", "unmet"),
    [
        (">=80", (80, 100), (79, None)),
        ("<= 20", (0, 20), (21, None)),
        (">80", (81,), (80, None)),
        ("<50", (0, 49), (50, None)),
        ("=50", (50,), (49, 51, None)),
        ("absent", (None,), (0, 50)),
        ("present", (0, 50), (None,)),
        (None, (0, 100, None), ()),
    ],
)
def test_confidence_conditions(
    condition: str | None, met: tuple[int | None, ...], unmet: tuple[int | None, ...]
) -> None:
    when = When(confidence=condition)
    assert all(when.confident(confidence) for confidence in met)
    assert not any(when.confident(confidence) for confidence in unmet)


def test_values_are_read_in_any_spelling(read: Read) -> None:
    written = ["hxxp://A[.]example[.]com", "2001:DB8::1", "AB" * 16]
    assert read({"rule.0.when.value": written}).rules[0].when.value == {
        "http://a.example.com/",
        "2001:db8:0:0:0:0:0:1",
        "ab" * 16,
    }
    assert read({"rule.0.when.value": "B.example.com"}).rules[0].when.value == {"b.example.com"}


def test_context_is_read_as_people_write_it(read: Read) -> None:
    when = (
        read(
            {
                "rule.0.when.kill_chain": "Command-and-Control",
                "rule.0.when.creator": "identity--acme",
                "rule.0.when.tlp": ["TLP:WHITE", "Amber"],
                "rule.0.when.age": "< 4W",
            }
        )
        .rules[0]
        .when
    )
    assert when.kill_chain == ("command-and-control",)
    assert when.creator == ("identity--acme",)
    assert when.tlp == ("clear", "amber")
    assert when.age == "<4w"


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("kilchain", "x", "unknown key `kilchain` – did you mean `kill_chain`?"),
        ("creators", "x", "unknown key `creators` – did you mean `creator`?"),
        ("tpl", "red", "unknown key `tpl` – did you mean `tlp`?"),
        ("kill_chain", "lockheed:delivery", "write its name alone"),
        ("kill_chain", [""], "is no phase"),
        ("creator", "Acme", 'it begins with "identity--"'),
        ("tlp", ["ambre"], 'unknown TLP level "ambre" – did you mean "amber"?'),
        ("tlp", 3, "must be a list in brackets"),
        ("age", "30d", '"30d" is no age such as "<30d"'),
        ("age", "=30d", "is no age"),
        ("age", "<never", "is no age"),
        ("age", ">0d", "is no age"),
    ],
)
def test_a_wrong_word_of_context_is_named(
    said: Said, key: str, value: object, sentence: str
) -> None:
    assert sentence in said({f"rule.0.when.{key}": value})


@pytest.mark.parametrize(
    ("condition", "met", "unmet"),
    [
        ("<30d", (0, 29.9), (30, None)),
        ("<=30d", (30,), (30.1, None)),
        (">12h", (0.6, 900), (0.5, 0, None)),
        (">=12h", (0.5,), (0.4, None)),
        (None, (0, 900, None), ()),
    ],
)
def test_conditions_on_age(
    condition: str | None, met: tuple[float | None, ...], unmet: tuple[float | None, ...]
) -> None:
    when = When(age=condition)
    assert all(when.old(None if days is None else timedelta(days=days)) for days in met)
    assert not any(when.old(None if days is None else timedelta(days=days)) for days in unmet)


@pytest.mark.parametrize(
    "key", [("kill_chain", "x"), ("creator", "identity--1"), ("tlp", "red"), ("age", "<1d")]
)
def test_what_is_known_once_makes_no_other_condition(key: tuple[str, str]) -> None:
    when = When.model_validate(dict([key]))
    assert when.by_context
    assert when == When.model_validate(dict([key]))
    plain = When(labels=("x",))
    assert not plain.by_context
    assert plain == When(labels=("x",))
    assert "by_context" not in plain.model_dump()


def test_a_path_beside_is_known_with_and_without_quotes(read: Read) -> None:
    written = ["file:hashes.'SHA-1'", "file:name", " nothing "]
    when = read({"rule.0.when.beside": written}).rules[0].when
    assert when.beside == ("file:hashes.SHA-1", "file:name", "nothing")
