"""Where rows stand, against what the matcher makes of the same rows."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from strategies.builders import row
from strategies.covering_worlds import random_world
from strategies.engine_worlds import NOW, VALUES, randoms
from tidegate.allocation.places import (
    DEEPEST,
    Crowd,
    Places,
    names_above,
    openings,
    place_of,
    plain,
)
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.matcher import Matcher
from tidegate.indicators.kinds import IndicatorType

URL, DOMAIN = IndicatorType.URL, IndicatorType.DOMAIN_NAME


@pytest.mark.parametrize(
    ("url", "places"),
    [
        ("http://a.example.com/", ["http://a.example.com"]),
        (
            "http://a.example.com/a//b/?q=/c",
            [f"http://a.example.com{p}" for p in ("/a//b", "/a", "")],
        ),
    ],
)
def test_a_url_is_beneath_each_opening_of_its_path(url: str, places: list[str]) -> None:
    assert list(openings(url)) == places


def test_a_name_is_beneath_those_above_it() -> None:
    assert list(names_above("a.example.com")) == ["a.example.com", "example.com", "com"]


def test_places_above_a_url_are_those_of_the_rows_that_match_it() -> None:
    rows = [row(n, type=URL, value=value) for n, value in enumerate(VALUES[URL])]
    matcher = Matcher(rows)
    for item in rows:
        # Something beneath it, which every row that covers it names, too.
        beneath = place_of(item.value) + "/x"
        seen = Observable(Role.REMOTE_URL, URL, beneath)
        matched = {r.value for _, r in matcher.matches(Event("e", NOW, "pc", "", "", (seen,)))}
        above = set(openings(item.value))
        assert matched == {r.value for r in rows if place_of(r.value) in above}


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("http://example.com/a", True),
        ("http://example.com/a?q=/", True),
        ("http://example.com/a/", False),
        ("http://example.com/", True),
        ("http://example.com/?q", True),
        ("https://example.com/", True),
        ("https://example.com/?q", False),
        ("http://example.com//", False),
    ],
)
def test_a_row_that_names_less_than_its_place(url: str, *, whole: bool) -> None:
    assert plain(row(1, type=URL, value=url)) is whole


@given(randoms)
def test_what_is_accompanied_has_something_at_its_place_or_above(random: Random) -> None:
    rows = random_world(random).wanted
    places = Places(rows, set(), set())
    accompanied = places.accompanied()
    for number, item in enumerate(rows):
        if item.type in (URL, DOMAIN, IndicatorType.IP_ADDRESS):
            assert (number in accompanied) is (list(places.way(item)) != [number])


def test_a_crowd_is_summed_up() -> None:
    rows = [row(n, type=URL, value=f"http://example.com/a?{n}") for n in range(50)]
    places = Places(rows, {7}, {0})
    (crowd,) = places.urls.values()
    assert isinstance(crowd, Crowd)
    share = crowd.shares[()]
    assert [pick[-1] for pick in share.plain][:2] == [7, 1]
    assert len(share.plain) < 10


def test_a_path_that_is_too_deep_is_left_alone() -> None:
    deep = "http://example.com/" + "a/" * (DEEPEST + 1)
    rows = [row(1, type=URL, value=deep), row(2, value="example.com")]
    assert Places(rows, set(), set()).accompanied() == set()


def test_aliases_are_remembered_where_somebody_may_ask() -> None:
    strong = row(
        1,
        type=IndicatorType.FILE_SHA256,
        value="a" * 64,
        aliases=(f"FileSha1:{'a' * 40}", f"FileMd5:{'a' * 32}"),
    )
    weak = row(2, type=IndicatorType.FILE_MD5, value="a" * 32)
    assert Places([strong, weak], set(), set()).claims == {"a" * 32: 0}
