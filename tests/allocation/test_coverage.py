"""What covers what, proved by the engines: with and without a covered row they say the same."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings

from strategies.builders import NOW, row
from strategies.covering_worlds import FILES, lost, random_event, random_world
from strategies.engine_worlds import random_choices, randoms
from tidegate.allocation.coverage import Known, coverage
from tidegate.allocation.places import Row
from tidegate.engines.choices import Choices
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.observing import connection
from tidegate.indicators.enforceability import NOT_PE, notes_of
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Severity

T = IndicatorType
FULL, ALERT, ALLOW = Action.ALERT_AND_BLOCK, Action.ALERT_ONLY, Action.ALLOW
LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH
SHA256, SHA1, MD5 = (FILES[0][kind] for kind in (T.FILE_SHA256, T.FILE_SHA1, T.FILE_MD5))
ALIASES = (f"FileSha1:{SHA1}", f"FileMd5:{MD5}")
PDF = {"file_name": ("invoice.pdf",)}


def enforced(item: Row) -> bool:
    return isinstance(item, Indicator) and all(note.code != NOT_PE for note in notes_of(item))


@settings(max_examples=20_000 if os.environ.get("TIDEGATE_SOAK") else 200, deadline=None)
@given(randoms)
def test_no_engine_misses_a_covered_row_whatever_else_is_listed(random: Random) -> None:
    world = random_world(random)
    wanted, standing = world.wanted, world.standing
    known = Known(standing, world.witnesses, enforced=enforced)
    rows = [*wanted, *standing]
    for child, parents in coverage(wanted, known).items():
        for parent in parents:
            apart = {id(wanted[child]), id(rows[parent])}
            rest = [r for r in (*wanted, *world.witnesses) if id(r) not in apart]
            after = [*(r for r in rest if random.random() < 0.7), *standing]
            after += [rows[parent]] if parent < len(wanted) else []
            whole = random.random() < 0.5
            events = [random_event(random, world.palette, n, whole=whole) for n in range(25)]
            for aliases in (True, False) if whole else (True,):
                choices = random_choices(random)
                before = [*after, wanted[child]]
                assert lost(before, after, events, choices, aliases=aliases) == []


def item(value: str, number: int = 0, **fields: object) -> Indicator:
    kind = {64: T.FILE_SHA256, 40: T.FILE_SHA1, 32: T.FILE_MD5}.get(len(value), T.DOMAIN_NAME)
    kind = T.URL if "://" in value else T.IP_ADDRESS if value[0] == "1" else kind
    return row(number, id=f"{number:012}", type=kind, value=value, **fields)


def covered(*rows: Indicator, **known: Sequence[Indicator]) -> set[tuple[str, str]]:
    """Pairs of child and parent, by value and scope."""
    every = [*rows, *known.get("standing", ())]
    found = coverage(rows, Known(**known))  # type: ignore[arg-type]
    return {
        ("|".join((every[c].value, *every[c].groups)), "|".join((every[p].value, *every[p].groups)))
        for c, parents in found.items()
        for p in parents
    }


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("a.example.com", "example.com"),
        ("c.b.a.example.com", "example.com"),
        ("http://a.example.com/b?c", "example.com"),
        ("https://example.com:8443/b", "example.com"),
        ("http://example.com/a/b", "http://example.com/a"),
        ("http://example.com/a/b", "http://example.com/"),
        ("https://example.com/a/b", "https://example.com/a/"),
        ("http://example.com/a/", "http://example.com/a"),
        ("http://example.com/a?q", "http://example.com/a"),
    ],
)
def test_what_is_wider_covers(child: str, parent: str) -> None:
    assert covered(item(child), item(parent, 1)) == {(child, parent)}
    one = item(child, groups=("Servers",))
    assert covered(one, item(parent, 1)) == {(f"{child}|Servers", parent)}
    assert covered(item(child), standing=[item(parent, 1)]) == {(child, parent)}


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("ba.example.com", "a.example.com"),
        ("a.example.com", "http://a.example.com/"),
        ("http://example.com/ab", "http://example.com/a"),
        ("http://example.com/a", "http://example.com/a/"),
        ("http://example.com/a/b", "https://example.com/a"),
        ("http://example.com/a/b", "http://example.com:8080/a"),
        ("http://192.0.2.1/a", "192.0.2.1"),
        ("192.0.2.1", "2.1"),
    ],
)
def test_what_is_not_wider_does_not(child: str, parent: str) -> None:
    assert (child, parent) not in covered(item(child), item(parent, 1))


def test_hashes_and_scopes() -> None:
    strong = item(SHA256, aliases=ALIASES)
    assert covered(item(MD5, 1), item(SHA1, 2), strong) == {(MD5, SHA256), (SHA1, SHA256)}
    assert covered(item(MD5, 1), item(SHA256)) == set()
    # What the child is found by, its parent must be, too.
    half = item(SHA256, aliases=ALIASES[:1])
    assert covered(item(SHA1, 2, aliases=ALIASES[1:]), half) == set()
    assert covered(item(SHA1, 2, aliases=ALIASES[1:]), item(MD5, 1), strong) == {
        (MD5, SHA256),
        (MD5, SHA1),
        (SHA1, SHA256),
    }
    narrow = item("192.0.2.1", 1, groups=("Servers",))
    wide = item("192.0.2.1", 2, groups=("Clients", "Servers"))
    assert covered(narrow, wide) == {("192.0.2.1|Servers", "192.0.2.1|Clients|Servers")}
    assert covered(narrow, item("192.0.2.1", 3, groups=("Clients",))) == set()


LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ({"severity": HIGH}, {"severity": MEDIUM}),
        ({"action": FULL}, {"action": ALERT}),
        ({"action": FULL}, {"action": Action.BLOCK}),
        ({}, {"expires": LATER}),
        ({"expires": LATER + timedelta(seconds=1)}, {"expires": LATER}),
        ({}, {"groups": ("Servers",)}),
        ({"groups": ("Servers",)}, {"groups": ("Clients",)}),
    ],
)
def test_a_parent_does_at_least_as_much(
    child: dict[str, object], parent: dict[str, object]
) -> None:
    for values in (("a.example.com", "example.com"), (MD5, SHA256)):
        rows = item(values[0], 1, **child), item(values[1], 2, **({"aliases": ALIASES} | parent))
        assert covered(*rows) == set()


URLS = ("http://a.example.com/b/c", "example.com")


@pytest.mark.parametrize(
    ("between", "stands"),
    [
        (item("http://a.example.com/b", 3, action=ALLOW), True),
        (item("http://a.example.com/b", 3, severity=LOW), True),
        (item("a.example.com", 3, action=ALERT), True),
        (item("example.com", 3, action=ALLOW, groups=("Servers",)), True),
        (item(URLS[0], 3, action=ALLOW, groups=("Servers",)), True),
        (item(f"{URLS[0]}?q", 3, severity=HIGH), True),
        (item("https://a.example.com/b", 3, action=ALLOW), True),
        (item("http://a.example.com/b/c/d", 3, action=ALLOW), False),
        (item("b.a.example.com", 3, action=ALLOW), False),
        (item("c.example.com", 3, action=ALLOW), False),
        (item("a.example.com", 3, severity=HIGH), False),
    ],
)
def test_nobody_steps_between(between: Indicator, *, stands: bool) -> None:
    child, parent = item(URLS[0], 1), item(URLS[1], 2)
    pair = (URLS[0], URLS[1])
    assert (pair in covered(child, parent, between)) is not stands
    assert (pair in covered(child, parent, witnesses=[between])) is not stands
    assert (pair in covered(child, standing=[parent, between])) is not stands


@pytest.mark.parametrize("value", [MD5, SHA256])
def test_nobody_steps_between_hashes(value: str) -> None:
    rows = item(MD5, 1), item(SHA256, 2, aliases=ALIASES)
    assert covered(*rows, item(value, 3, action=ALLOW, groups=("Servers",))) == set()
    assert covered(*rows, item("b" * 64, 3, action=ALLOW, aliases=ALIASES)) == set()


def test_another_scope_means_nothing_to_a_child_it_does_not_meet() -> None:
    child = item("a.example.com", 1, groups=("Clients",))
    other = item("a.example.com", 2, groups=("Servers",), action=ALLOW)
    assert covered(child, item("example.com"), other) == {("a.example.com|Clients", "example.com")}


def _events(*seen: Observable) -> list[Event]:
    return [Event("e", NOW, "pc1", "Servers", "x", seen)]


FILE = tuple(Observable(Role.FILE, kind, value) for kind, value in FILES[0].items())


def test_a_hash_that_the_parent_loses_would_be_missed() -> None:
    """The parent's own hash is another row's in the group; the child's block would be gone."""
    child, parent = item(MD5, 1), item(SHA256, 2, aliases=ALIASES)
    other = item(SHA256, 3, action=ALERT, groups=("Servers",))
    strict = Choices(hash_order="strictest")
    after = [parent, other]
    assert lost([child, *after], after, _events(*FILE), strict, aliases=False)
    assert covered(child, parent, other) == set()


def test_a_hash_beside_the_childs_own_would_be_missed() -> None:
    """The child is found by another hash of its file, too, and holds that one against a row."""
    child = item(SHA1, 1, aliases=ALIASES[1:], groups=("Servers",))
    parent = item(SHA256, 2, aliases=ALIASES)
    other = item(MD5, 3, action=ALLOW, groups=("Servers",))
    after = [parent, other]
    assert lost([child, *after], after, _events(FILE[2]), Choices(), aliases=True)
    assert covered(child, parent, other) == set()


def test_urls_of_one_place_that_differ_in_severity_are_left() -> None:
    """The child keeps an older and milder row of its value from speaking before a severe one."""
    url = "http://example.com/a"
    older = item(f"{url}?q", 1, severity=MEDIUM, created=NOW - timedelta(days=2))
    severe = item(f"{url}?r", 2, severity=HIGH, created=NOW - timedelta(days=1))
    child = item(f"{url}?q", 3, severity=LOW, groups=("Servers",), created=NOW)
    after = [older, severe]
    events = _events(*connection(url))
    assert lost([child, *after], after, events, Choices(), aliases=True)
    assert covered(child, *after) == set()


def test_what_prevention_passes_over_covers_nothing_it_enforces() -> None:
    document = item(SHA256, 2, aliases=ALIASES, context=PDF)
    rows = [item(MD5, 1), document]
    assert coverage(rows, Known(enforced=enforced)) == {}
    assert coverage(rows, Known()) == {0: (1,)}
    assert covered(item("https://example.com/", 1), item("https://example.com/?q", 2)) == {
        ("https://example.com/?q", "https://example.com/")
    }
    # Chrome shows a host, and no path.
    host = item("https://example.com/", 1, expires=LATER)
    assert covered(host, item("https://example.com/?q", 2)) == set()


def test_a_url_that_ends_in_a_slash_leaves_out_what_does_not() -> None:
    rows = item("http://example.com/a", 1, expires=LATER), item("http://example.com/a/", 2)
    assert covered(*rows) == set()


def test_pinned_and_decided_rows_stay_as_they_are() -> None:
    rows = [item("a.example.com", 1), item("example.com", 2)]
    child, parent = rows[0].key, rows[1].key
    assert coverage(rows, Known(pinned={child})) == {}
    assert coverage(rows, Known(pinned={parent})) == {0: (1,)}
    assert coverage(rows, Known(fixed={child})) == {}
    assert coverage(rows, Known(fixed={parent})) == {}


def test_an_alias_is_only_as_good_as_who_says_so() -> None:
    def found(**child: object) -> dict[int, tuple[int, ...]]:
        strong = item(SHA256, 2, aliases=ALIASES, score=50.0, feeds=("a", "b"))
        return coverage([item(MD5, 1, **child), strong], Known(apart={"z"}))

    assert found(score=60.0, feeds=("a",))
    assert found(score=50.0, feeds=("c",))
    assert not found(score=60.0, feeds=("a", "c"))
    assert not found(score=40.0, feeds=("a", "z"))


def test_a_row_that_surely_holds_a_slot_is_preferred_then_the_widest() -> None:
    rows = [item(name, n) for n, name in enumerate(("b.a.example.com", "a.example.com"))]
    top = item("example.com", 9)
    assert coverage([*rows, top], Known())[0] == (2, 1)
    assert coverage([*rows, top], Known(pinned={rows[1].key}))[0] == (1,)
    assert coverage(rows, Known(standing=[top]))[0] == (2,)


def test_a_hostile_crowd_costs_no_more_than_its_size() -> None:
    """Were it quadratic, this would take minutes."""
    size = 5_000
    beneath = [item(f"http://example.com/{n}", n) for n in range(size)]
    alike = [item(f"http://example.com/a?{n}", n) for n in range(size)]
    deep = [
        item(".".join(("a",) * (n % 60) + (f"n{n // 60}.example.com",)), n) for n in range(size)
    ]
    found = coverage([*beneath, *alike, *deep, item("http://example.com/")], Known())
    assert len(found) >= 2 * size
    assert max(map(len, found.values())) < 20
