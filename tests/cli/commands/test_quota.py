"""`quota`: the contract, the words for a full, an empty and an overfull list, and what if."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import DOCUMENTATION, Cli, FeedFolder, indicator

Subscribe = Callable[..., FeedFolder]
CONTRACT = {
    *("limit", "used", "foreign", "manual", "pinned", "free", "waiting", "by_feed"),
    *("expiring_7d", "cutoff", "reserve", "feeds", "next_in", "next_out", "forecast"),
    *("covered", "at_risk", "gives_way"),
}


@pytest.fixture
def filled(cli: Cli, subscribe: Subscribe) -> Cli:
    """Five rows of a feed, one waiting, one by hand; the list is full."""
    cli.configure("limit = 6\n" + DOCUMENTATION)
    cli("add", "mine.example.com", "--expires", "3d")
    subscribe("acme", [indicator(n, confidence=50 + n) for n in range(6)])
    assert cli.sync()["plan"]["waiting"] == 1
    return cli


def test_quota_has_the_fields_of_the_contract_and_adds_up(filled: Cli) -> None:
    quota = filled("quota", "--json").json
    assert set(quota) == CONTRACT
    assert quota["used"] == quota["foreign"] + quota["manual"] + sum(quota["by_feed"].values()) == 6
    assert (quota["limit"], quota["free"], quota["waiting"]) == (6, 0, 1)
    assert (quota["manual"], quota["by_feed"], quota["expiring_7d"]) == (1, {"acme": 5}, 1)
    assert isinstance(quota["cutoff"], float)
    acme = {"id": "acme", "held": 5, "floor": 0, "ceiling": None, "waiting": 1}
    assert quota["feeds"] == [acme]
    assert quota["next_in"]["value"] == "h0.example.com"
    assert quota["next_out"] == {
        "value": "h1.example.com",
        "type": "DomainName",
        "score": quota["cutoff"],
        "feed": "acme",
    }
    first, second = quota["forecast"]
    assert (first["freed"], first["promoted"], first["first"]) == (1, 1, ["h0.example.com"])
    assert (second["freed"], second["promoted"], second["first"]) == (5, 0, [])
    assert second["day"] > first["day"]


def test_a_full_list_says_what_comes_next(filled: Cli) -> None:
    told = filled("quota").out
    assert told.startswith("The list is full: what comes in displaces the weakest.\n")
    assert "next in             h0.example.com (domain of acme), score " in told
    assert "next out            h1.example.com (domain of acme), score " in told
    assert "6 rows will end within 30 days, and 1 of those that wait come in" in told
    assert any(line.split() == ["acme", "5", "0", "-", "1"] for line in told.splitlines())


def test_an_empty_list_says_how_it_fills(cli: Cli) -> None:
    told = cli("quota").out
    assert told.startswith("The list is empty; nothing waits: `tidegate sync` fills it")
    assert "nothing that waits could come in" in told
    assert "No row ends within 30 days." in told


def test_an_overfull_list_says_what_happens_to_it(filled: Cli) -> None:
    filled.configure("limit = 4\n" + DOCUMENTATION)
    told = filled("quota").out
    assert told.startswith("The list is 2 over its limit: the next sync takes off the weakest rows")
    filled("add", "a.example.org", "b.example.org", "c.example.org")
    filled.configure("limit = 1\n" + DOCUMENTATION)
    assert "over its limit by people's and foreign rows alone" in filled("quota").out


def test_a_reserve_and_a_ceiling_are_told(cli: Cli, subscribe: Subscribe) -> None:
    cli.configure("limit = 6\nreserve = 2\n" + DOCUMENTATION)
    subscribe("acme", [indicator(n) for n in range(6)])
    cli.sync()
    told = cli("quota").out
    assert told.startswith("The list is full but for its reserve of 2:")
    assert "2, of which feeds leave 2" in told
    cli.configure("limit = 100\n" + DOCUMENTATION)
    assert "rows wait that could come in: `tidegate sync`" in cli("quota").out
    subscribe("acme", [indicator(n) for n in range(6)], rules="[share]\nceiling = 4\n")
    assert "what waits does so at the ceiling of its feed" in cli("quota").out


def test_what_if_tells_who_would_enter_and_leave(filled: Cli) -> None:
    found = filled("quota", "--limit", "4", "--json").json
    assert (found["limit"], found["waiting"], found["entering"]["count"]) == (4, 3, 0)
    assert found["leaving"]["count"] == 2
    assert [row["value"] for row in found["leaving"]["first"]] == [
        "h1.example.com",
        "h2.example.com",
    ]
    assert (found["now"], found["then"]) == ({"acme": 5}, {"acme": 3})
    told = filled("quota", "--limit", "9").out
    assert told.startswith("1 row would come in and 0 go, compared with the list as it is.")
    assert "Nothing was changed" in told
    assert "first in       h0.example.com (domain)" in told
    told = filled("quota", "--reserve", "1", "--floor", "acme=2", "--ceiling", "acme=2").out
    assert "first out" in told
    assert "The brake would hold 2 of the changes" in told
    assert len(filled.rows()) == 6


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--floor", "acme"), "'acme' is not of the form FEED=N"),
        (("--floor", "=3"), "'=3' is not of the form FEED=N"),
        (("--ceiling", "acme=x"), "'x' is no number"),
        (("--floor", "acne=3"), 'no feed "acne" is on'),
        (("--limit", "15001"), "15,001 is not 1 to 15,000"),
    ],
)
def test_what_cannot_be_supposed_is_a_usage_error(
    filled: Cli, argv: tuple[str, ...], message: str
) -> None:
    ran = filled("quota", *argv)
    assert ran.code == 2
    assert message in ran.err
