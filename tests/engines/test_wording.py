"""Reasons are short, name the rows, and are safe to show."""

from __future__ import annotations

from datetime import UTC, datetime

from strategies.builders import NOW, row
from tidegate.engines.event import Observable, Role
from tidegate.engines.wording import alone, named, not_here, silent, unenforced, wins
from tidegate.indicators.kinds import Action, IndicatorType, Origin

LISTED = row(1, value="example.com")


def test_a_row_is_named_by_action_owner_and_value() -> None:
    assert named(LISTED) == "Alert and block of a person (example.com)"
    fed = row(1, origin=Origin.FEED, feeds=("acme", "bolt", "crow"), action=Action.BLOCK)
    assert named(fed) == "Block of acme and 2 more (h1.example.com)"
    foreign = row(1, origin=Origin.FOREIGN, type=IndicatorType.FILE_MD5, value="a" * 32)
    assert named(foreign) == "Alert and block of another source (aaaaaaaaaaaa…)"


def test_what_a_row_won_against() -> None:
    other = row(2, action=Action.ALLOW)
    assert wins(LISTED, other, "network, because", 0) == (
        "Alert and block of a person (example.com) wins over "
        "Allow of a person (h2.example.com): network, because"
    )
    assert " and 3 more: " in wins(LISTED, other, "because", 3)


def test_a_row_alone_names_or_covers() -> None:
    seen = Observable(Role.REMOTE_URL, IndicatorType.DOMAIN_NAME, "example.com")
    assert alone(LISTED, seen) == "Alert and block of a person (example.com) names it"
    assert alone(LISTED, seen._replace(value="www.example.com")).endswith("covers www.example.com")


def test_a_row_that_does_not_apply_says_why() -> None:
    gone = row(1, expires=datetime(2026, 1, 10, 12, 0, 0, tzinfo=UTC))
    assert not_here(gone, "", NOW).endswith("expired on 2026-01-10 at 12:00:00 UTC")
    scoped = row(1, groups=("Clients", "Servers"))
    assert not_here(scoped, "", NOW).endswith(
        "is for Clients, Servers and the device is in no group"
    )
    assert not_here(scoped, "Labs", NOW).endswith("the device is in the group Labs")


def test_what_is_not_done_is_said() -> None:
    assert unenforced(LISTED, "not here", "a.exe").endswith("matches, but not here; this is a.exe")
    assert unenforced(LISTED, "not here", "").endswith("matches, but not here")
    assert "raises nothing for Warn" in silent(row(1, action=Action.WARN))


def test_text_from_outside_is_made_safe() -> None:
    said = not_here(row(1, value="\x1b[31m\u202e", groups=("\x07",)), "\x9b", NOW)
    assert said.isprintable()
    assert unenforced(LISTED, "no", "\x1b]0;x\x07" * 100).isprintable()
    assert len(unenforced(LISTED, "no", "x" * 10_000)) < 300
