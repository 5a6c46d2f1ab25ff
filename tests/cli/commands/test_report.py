"""`feeds report`, and the card in `feeds show`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import Cli, FeedFolder, indicator
from tidegate.cli import output

Subscribe = Callable[..., FeedFolder]
FIELDS = {
    *("id", "trust", "candidates", "values", "unique_share", "overlap", "held", "waiting"),
    *("guards", "rejected_share", "newest", "median", "sightings", "slots_per_sighting"),
}


@pytest.fixture(name="filled")
def _filled(cli: Cli, subscribe: Subscribe) -> Cli:
    subscribe("acme", [indicator(1), indicator(2), indicator(9, "[ipv4-addr:value = '10.0.0.1']")])
    subscribe("beta", [indicator(2)])
    cli.sync()
    return cli


def test_the_report_lists_the_feeds_that_are_on(
    filled: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme, beta = filled("feeds", "report", "--json").lines
    assert set(acme) == set(beta) == FIELDS
    assert (acme["held"], beta["held"], beta["unique_share"]) == (2, 0, 0)
    told = filled("feeds", "report").out.splitlines()
    assert told[0].split()[:4] == ["ID", "TRUST", "HELD", "WAITING"]
    assert "beta 50%" in told[1]
    monkeypatch.setattr(output, "_width", lambda: 80)
    assert max(map(len, filled("feeds", "report").out.splitlines())) <= 80


def test_no_feed_that_is_on_is_said(cli: Cli) -> None:
    ran = cli("feeds", "report")
    assert (ran.code, ran.out) == (0, "")
    assert "no feed is on" in ran.err


def test_show_has_the_card_of_a_feed_that_is_on(filled: Cli) -> None:
    card = filled("feeds", "show", "acme", "--json").json["report"]
    assert card == filled("feeds", "report", "--json").lines[0]
    told = filled("feeds", "show", "acme").out
    assert "2, of which 50% no other feed has" in told
    assert "beta 50%" in told
    assert "refused by guards" in told
    filled("feeds", "disable", "acme")
    assert filled("feeds", "show", "acme", "--json").json["report"] is None
    assert "slots held" not in filled("feeds", "show", "acme").out
