"""Which version an answer is in, and which versions a kind of source allows."""

import pytest

from tidegate.feed.source import Match
from tidegate.taxii.dialect import DIALECTS, V20, V21, spoken


@pytest.mark.parametrize(
    ("content_type", "version"),
    [
        ("application/taxii+json;version=2.1", "2.1"),
        ('Application/TAXII+JSON; charset=utf-8; Version="2.1"', "2.1"),
        ("application/taxii+json", "2.1"),
        ("application/taxii+json; version=2.0", "2.0"),
        ("application/vnd.oasis.taxii+json; version=2.0", "2.0"),
        ("application/vnd.oasis.stix+json", "2.0"),
        ("application/stix+json; version=2.1", ""),
        ("application/json", ""),
        ("text/html", None),
        ("", None),
    ],
)
def test_media_types_tell_the_version(content_type: str, version: str | None) -> None:
    assert spoken(content_type) == version


def test_kinds_stand_for_versions() -> None:
    assert {V21.kind: (V21,), V20.kind: (V20,), "taxii": (V21, V20)} == DIALECTS


def test_filters_are_those_that_feed_toml_knows() -> None:
    assert set(Match.model_fields) == V21.filters
    assert V20.filters < V21.filters
