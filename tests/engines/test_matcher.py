"""The index finds what a look at every row finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import engine_worlds
from strategies.builders import row
from strategies.engine_worlds import NOW, SECOND, VALUES
from strategies.match_model import all_matches
from tidegate.engines.choices import Choices
from tidegate.engines.contest import Match
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.matcher import Matcher
from tidegate.engines.precedence import effective
from tidegate.errors import InvalidValue
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.value import canonical

URL, DOMAIN = IndicatorType.URL, IndicatorType.DOMAIN_NAME


def _event(*seen: Observable, group: str = "") -> Event:
    return Event("e", NOW, "pc1", group, "ConnectionSuccess", seen)


def _found(matches: list[Match]) -> list[tuple[str, str, str]]:
    return sorted((seen.role.value, seen.value, row.id) for seen, row in matches)


def test_the_small_world_holds_canonical_values() -> None:
    for kind, values in VALUES.items():
        assert [canonical(kind, value) for value in values] == list(values)


@settings(max_examples=300)
@given(
    rows=engine_worlds.lists(),
    events=st.lists(engine_worlds.events, min_size=3, max_size=20),
    aliases=st.booleans(),
)
def test_every_match_and_nothing_else(
    rows: list[Indicator], events: list[Event], *, aliases: bool
) -> None:
    matcher = Matcher(rows, aliases=aliases)
    for event in events:
        wanted = all_matches(rows, event, aliases=aliases)
        assert _found(matcher.matches(event)) == _found(wanted)


@given(engine_worlds.lists(), engine_worlds.events, engine_worlds.choices)
def test_it_decides_at_the_time_of_the_event(
    rows: list[Indicator], event: Event, choices: Choices
) -> None:
    wanted = effective(all_matches(rows, event), event.group, event.at, choices)
    assert Matcher(rows, choices).decide(event) == wanted


@pytest.mark.parametrize(
    ("value", "url", "covered"),
    [
        ("http://example.com/a", "http://example.com/a", True),
        ("http://example.com/a", "http://example.com/a/", True),
        ("http://example.com/a", "http://example.com/a/b/c?d=e", True),
        ("http://example.com/a", "http://example.com/a?d=/e", True),
        ("http://example.com/a", "http://example.com/ab", False),
        ("http://example.com/a", "http://example.com/", False),
        ("http://example.com/a/", "http://example.com/a", False),
        ("http://example.com/a/", "http://example.com/a/b", True),
        ("http://example.com/a?d=e", "http://example.com/a?d=f", True),
        ("http://example.com/", "http://example.com/a", True),
        ("http://example.com/", "http://www.example.com/", False),
        ("http://example.com/", "https://example.com/", False),
        ("http://example.com/", "http://example.com:8080/", False),
        ("http://example.com:8080/", "http://example.com:8080/a", True),
        ("http://example.com/?q=/a/", "http://example.com/b", True),
        ("http://[2001:db8::1]/", "http://[2001:db8::1]/a", True),
    ],
)
def test_a_url_covers_what_is_beneath_its_path(value: str, url: str, *, covered: bool) -> None:
    matcher = Matcher([row(1, type=URL, value=value)])
    found = matcher.matches(_event(Observable(Role.REMOTE_URL, URL, url)))
    assert bool(found) is covered


def test_no_row_names_fewer_than_two_labels() -> None:
    """The index asks for the last two labels first."""
    with pytest.raises(InvalidValue, match="one label"):
        canonical(DOMAIN, "com")


@pytest.mark.parametrize(
    ("seen", "covered"),
    [
        ("example.com", True),
        ("www.example.com", True),
        ("badexample.com", False),
        ("com", False),
        ("example.com.example.net", False),
    ],
)
def test_a_domain_covers_itself_and_all_below(seen: str, *, covered: bool) -> None:
    matcher = Matcher([row(1, value="example.com")])
    host = Observable(Role.REMOTE_URL, DOMAIN, seen)
    url = Observable(Role.REMOTE_URL, URL, f"https://{seen}:8443/x?host=example.com")
    assert bool(matcher.matches(_event(host))) is covered
    assert bool(matcher.matches(_event(url))) is covered


@pytest.mark.parametrize(
    ("value", "covered"),
    [
        ("http://example.com/", True),
        ("https://example.com/", True),
        ("https://example.com/?from=mail", True),
        ("https://example.com/a", False),
        ("https://example.com:8443/", False),
        ("https://www.example.com/", False),
    ],
)
def test_a_host_alone_is_named_by_a_url_that_covers_all_of_it(value: str, *, covered: bool) -> None:
    matcher = Matcher([row(1, type=URL, value=value)])
    host = Observable(Role.REMOTE_URL, DOMAIN, "example.com")
    assert bool(matcher.matches(_event(host))) is covered


def test_a_file_is_known_by_its_weaker_hashes_too() -> None:
    listed = row(
        1,
        type=IndicatorType.FILE_SHA256,
        value="a" * 64,
        aliases=(f"FileSha1:{'b' * 40}", f"FileMd5:{'c' * 32}"),
    )
    weak = _event(Observable(Role.FILE, IndicatorType.FILE_MD5, "c" * 32))
    assert [found for _, found in Matcher([listed]).matches(weak)] == [listed]
    assert Matcher([listed], aliases=False).matches(weak) == []


def test_a_thumbprint_is_no_hash_of_a_file() -> None:
    listed = row(1, type=IndicatorType.CERTIFICATE, value="a" * 40)
    file = Observable(Role.FILE, IndicatorType.FILE_SHA1, "a" * 40)
    assert Matcher([listed]).matches(_event(file)) == []


def test_matches_are_found_whatever_scope_and_expiry() -> None:
    listed = row(1, value="example.com", groups=("Servers",), expires=NOW - SECOND)
    host = _event(Observable(Role.REMOTE_URL, DOMAIN, "example.com"))
    assert len(Matcher([listed]).matches(host)) == 1
    assert Matcher([listed]).decide(host).indicator is None
