"""When what servers say of the time is evidence, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.clock import Uptime
from tidegate.service.testimony import (
    SLACK,
    Agreement,
    Word,
    agreed,
    elsewhere,
    parse,
    render,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BOOT = Uptime("one", HOUR)


def words(*days: float) -> list[Word]:
    """Hosts by which our clock is so many days ahead."""
    return [Word(f"h{n}.example.com", NOW - off * DAY, NOW) for n, off in enumerate(days)]


@pytest.mark.parametrize(
    ("ahead", "off"),
    [
        ((), None),
        ((0,), None),
        ((3650,), None),
        ((0, 0), 0),
        ((3650, 3650.5), 3650.5),
        ((0, 3650), None),
        ((0, 0.5, 3650), 0.5),
        ((3650, 3650, 0), 3650),
        ((0, 0, 3650, 3650), None),
        ((0, 5, 10), None),
        ((0, 0, 0, 3650, -3650), 0),
        ((0, 0, 50, 3650, -3650), None),
    ],
)
def test_most_of_those_heard_must_agree_and_two_at_least(
    ahead: tuple[float, ...], off: float | None
) -> None:
    found = agreed(words(*ahead))
    assert (None if found is None else found.off / DAY) == off


def test_a_host_that_says_it_twice_is_one_host() -> None:
    assert agreed([*words(0), *words(0)]) is None


@given(st.permutations(words(0, 0.2, 0.4, 90)), st.integers(0, 3))
def test_the_order_makes_no_difference(order: list[Word], lies: int) -> None:
    order = [word for n, word in enumerate(order) if n != lies]
    found, again = agreed(order), agreed(sorted(order))
    assert found == again
    assert found is not None
    assert abs(found.off) < SLACK


def made(off: timedelta, uptime: Uptime | None = None) -> Agreement:
    return Agreement(("a", "b"), off, NOW, uptime)


def test_the_uptime_carries_it_on_whatever_people_set() -> None:
    later = Uptime("one", 5 * HOUR)
    for now in (NOW - 900 * DAY, NOW, NOW + 900 * DAY):
        assert made(3 * DAY, BOOT).time(now, later) == NOW - 3 * DAY + 4 * HOUR


@pytest.mark.parametrize("uptime", [None, Uptime("two", HOUR)])
def test_without_it_an_hour_and_a_wrong_clock_until_it_may_be_right(uptime: Uptime | None) -> None:
    assert made(0 * DAY, BOOT).time(NOW + HOUR, uptime) == NOW + HOUR
    assert made(0 * DAY, BOOT).time(NOW + 2 * HOUR, uptime) is None
    assert made(0 * DAY, BOOT).time(NOW - 2 * HOUR, uptime) is None
    ahead = made(200 * DAY, BOOT)
    assert ahead.time(NOW + 2 * DAY, uptime) == NOW - 198 * DAY
    assert ahead.time(NOW - 200 * DAY, uptime) is None
    behind = made(-200 * DAY, BOOT)
    assert behind.time(NOW + 2 * DAY, uptime) == NOW + 200 * DAY
    assert behind.time(NOW + 200 * DAY, uptime) is None


def test_hosts_are_named_of_many_the_first_few() -> None:
    assert made(DAY).named == "a and b"
    many = Agreement(("a", "b", "c", "d", "e"), DAY, NOW)
    assert many.named == "a, b, c and 2 more"


@pytest.mark.parametrize(
    ("host", "counts"),
    [
        ("taxii.example.com", True),
        ("192.0.2.1", True),
        ("2001:db8::1", True),
        ("localhost", False),
        ("LOCALHOST.", False),
        ("a.localhost", False),
        ("127.0.0.2", False),
        ("::1", False),
        ("0.0.0.0", False),  # noqa: S104 - not bound to
    ],
)
def test_this_machine_has_no_clock_but_ours(host: str, counts: bool) -> None:  # noqa: FBT001 - of the table
    assert elsewhere(host) is counts


def test_it_reads_back_as_written_and_nothing_else_does() -> None:
    for found in (made(-DAY), made(3 * DAY, BOOT)):
        assert parse(render(found)) == found
    whole = render(made(DAY))
    for bad in (b"", b"null", b"{}", whole.replace(b'["a","b"]', b'["a"]'), whole[:-9]):
        with pytest.raises(ValueError, match=r"."):
            parse(bad)
