"""A list is read as MISP writes it; what is not as the format has it is named."""

from __future__ import annotations

import pytest

from tidegate.indicators.kinds import IndicatorType
from tidegate.mapping.warninglist import Form, read_warninglist

GOOD: dict[str, object] = {
    "name": " Busy names ",
    "type": "hostname",
    "version": 3,
    "description": "",
    "list": ["a.example.com", " ", " b.example.com "],
    "matching_attributes": ["domain|ip", "uri", "email-src", "filename|sha1"],
}


def test_a_list() -> None:
    found = read_warninglist("busy", GOOD)
    assert (found.key, found.name, found.form) == ("busy", "Busy names", Form.HOSTNAME)
    assert found.entries == ("a.example.com", "b.example.com")
    assert found.kinds == {
        IndicatorType.DOMAIN_NAME,
        IndicatorType.IP_ADDRESS,
        IndicatorType.URL,
        IndicatorType.FILE_SHA1,
    }


def test_a_list_that_names_no_attributes_speaks_of_everything() -> None:
    bare = {key: value for key, value in GOOD.items() if key != "matching_attributes"}
    assert read_warninglist("busy", bare).kinds == frozenset(IndicatorType)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "`name` is missing"),
        ({"type": "glob"}, "`type` is 'glob', not one of string, substring, hostname"),
        ({"type": None}, "`type` is missing: one of string, substring"),
        ({"list": "a.example.com"}, "`list` is no list of strings"),
        ({"list": ["a.example.com", 3]}, "`list` is no list of strings"),
        ({"list": None}, "`list` is no list of strings"),
        ({"matching_attributes": [None]}, "`matching_attributes` is no list of strings"),
        ({"type": "substring", "list": ["ab"]}, "'ab' is too short to look for inside values"),
    ],
)
def test_faults_are_named(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_warninglist("busy", GOOD | change)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("document", [None, [], "x", 3])
def test_what_is_no_object(document: object) -> None:
    with pytest.raises(ValueError, match="no JSON object"):
        read_warninglist("busy", document)


def test_regular_expressions_for_what_defender_does_not_know_read_as_nothing() -> None:
    mails = {"type": "regex", "list": [r"/^soc\@.*$/i"], "matching_attributes": ["email-dst"]}
    found = read_warninglist("mails", GOOD | mails)
    assert (found.entries, found.kinds) == ((), frozenset())
    names = mails | {"matching_attributes": ["email-dst", "domain"]}
    assert read_warninglist("names", GOOD | names).entries == (r"/^soc\@.*$/i",)
