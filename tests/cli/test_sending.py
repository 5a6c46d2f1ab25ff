"""`export --partner --send` to a TAXII collection, from the first delivery to the withdrawal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from driving.canary import CANARY, VARIABLE, clean
from driving.homes import Cli, Ran, indicator, write_feed
from servers import loopback_inbox as inbox
from servers.loopback_inbox import LoopbackInbox
from servers.loopback_taxii import COLLECTION, Malice
from tidegate.errors import ExitCode
from tidegate.service.demo_server import DemoServer

Start = Callable[..., LoopbackInbox]

COUNT = 25
PROFILE = """
id = "isac"
title = "Sector ISAC"
tlp_max = "green"
identity = "Example Corp SOC"
[delivery]
kind = "taxii21"
url = "{url}"
collection = "{collection}"
auth = {{ kind = "basic", username = "u", password = "env:{variable}" }}
timeout = 9
"""


class Partner:
    """One who gets what a feed says."""

    def __init__(self, cli: Cli, folder: Path) -> None:
        self.cli = cli
        self.folder = folder
        write_feed(folder / "acme", [indicator(n) for n in range(COUNT)])
        cli.subscribe(folder / "acme")
        cli.sync()

    def at(self, url: str) -> None:
        profile = self.folder / "isac.toml"
        profile.write_text(PROFILE.format(url=url, collection=COLLECTION, variable=VARIABLE))
        ran = self.cli("partners", "add", str(profile), "--replace")
        assert ran.code == 0, ran.err

    def send(self, *argv: str) -> Ran:
        return self.cli("export", "--partner", "isac", "--send", "--json", *argv)


@pytest.fixture
def partner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Partner:
    monkeypatch.setenv(VARIABLE, CANARY)
    return Partner(Cli(tmp_path / "home"), tmp_path)


def rows(held: Any) -> dict[str, list[bool]]:  # noqa: ANN401 - what a server holds, however
    """Whether each version of an indicator is revoked, by its pattern, oldest first."""
    found: dict[str, list[bool]] = {}
    for each in sorted(held, key=lambda e: str(e.get("modified"))):
        if each["type"] == "indicator":
            found.setdefault(each["pattern"], []).append(each.get("revoked", False))
    return found


@contextmanager
def medallion() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The reference server with an empty collection that may be written."""
    pytest.importorskip("medallion")
    with DemoServer({COLLECTION: ("Inbox", [])}, "u", CANARY) as server:
        application: Any = server._app
        (collection,) = application.medallion_backend.data["demo"]["collections"]
        collection["can_write"] = True
        yield server.url, collection["objects"]


def test_medallion_gets_all_once_then_what_changed_then_what_is_withdrawn(
    partner: Partner,
) -> None:
    with medallion() as (url, held):
        partner.at(url)
        ran = partner.send()
        assert (ran.code, ran.json["delivery"]["accepted"]) == (0, COUNT), ran.err
        assert list(rows(held).values()) == [[False]] * COUNT
        before = len(held)
        again = partner.send()
        assert (again.code, again.json["delivery"]) == (0, None)
        assert len(held) == before
        partner.cli("edit", "h3.example.com", "--title", "Seen again")
        partner.cli("remove", "h4.example.com")
        ran = partner.send()
        assert (ran.code, ran.json["changed"], ran.json["withdrawn"]) == (0, 1, 1), ran.err
        found = rows(held)
        assert found["[domain-name:value = 'h3.example.com']"] == [False, False]
        assert found["[domain-name:value = 'h4.example.com']"] == [False, True]
        assert sum(map(len, found.values())) == COUNT + 2
        keys = [(each["id"], each.get("modified")) for each in held]
        assert len(keys) == len(set(keys))
        partner.send("--full")
        assert len(held) == len(keys)
    clean(partner.cli.home, ran.out + ran.err)


def test_a_collection_that_may_not_be_written_gets_nothing_and_nothing_is_noted(
    partner: Partner, loopback_taxii: Start
) -> None:
    server = loopback_taxii(kind=LoopbackInbox, can_write=False)
    partner.at(server.url)
    ran = partner.send()
    assert ran.code == ExitCode.EXPORT_REFUSED
    assert "does not let us write" in ran.err
    assert server.posted == []
    server.can_write = True
    assert partner.send().json["delivery"]["accepted"] == COUNT


def test_failures_are_listed_and_only_they_go_next_time(
    partner: Partner, loopback_taxii: Start
) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox, judge=lambda e: "too new" if "h7." in str(e) else None
    )
    partner.at(server.url)
    ran = partner.send()
    assert ran.code == ExitCode.EXPORT_REFUSED
    assert [each["reason"] for each in ran.json["delivery"]["failed"]] == ["too new"]
    assert ran.json["delivery"]["accepted"] == COUNT - 1
    server.judge = lambda _: None
    ran = partner.send()
    assert (ran.code, ran.json["delivery"]["accepted"]) == (0, 1)
    assert list(rows(server.held.values()).values()) == [[False]] * COUNT
    assert partner.send().json["delivery"] is None


@pytest.mark.parametrize("fault", [inbox.dropped, inbox.lost_after, inbox.answered(500)])
@pytest.mark.parametrize("after", [0, 2])
def test_a_server_that_fails_halfway_is_gone_on_with(
    partner: Partner, loopback_taxii: Start, fault: Malice, after: int
) -> None:
    """A delivery in several batches, of which the server takes the first ones only."""
    server = loopback_taxii(
        kind=LoopbackInbox,
        most=3_000,
        malice=inbox.posts(*[None] * after, ever=fault),
        can_read=False,
    )
    partner.at(server.url)
    ran = partner.send()
    assert ran.code == ExitCode.EXPORT_REFUSED
    assert len(ran.err.splitlines()) < 20
    server.malice = None
    ran = partner.send()
    assert ran.code == 0, ran.err
    assert list(rows(server.held.values()).values()) == [[False]] * COUNT
    assert partner.send().json["delivery"] is None


def test_a_partners_check_asks_the_server(partner: Partner, loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox)
    partner.at(server.url)
    ran = partner.cli("partners", "check", "isac")
    assert ran.code == 0
    assert "lets us write" in ran.out
    server.can_write = False
    ran = partner.cli("partners", "check", "isac")
    assert ran.code == ExitCode.EXPORT_REFUSED
    assert server.posted == []


def test_what_may_have_arrived_is_withdrawn_when_its_row_goes(
    partner: Partner, loopback_taxii: Start
) -> None:
    """The server took all of it, and no answer ever came."""
    server = loopback_taxii(
        kind=LoopbackInbox, malice=inbox.posts(ever=inbox.lost_after), can_read=False
    )
    partner.at(server.url)
    ran = partner.send()
    assert ran.code == ExitCode.EXPORT_REFUSED
    assert (ran.json["delivery"]["accepted"], ran.json["delivery"]["failed"]) == (0, [])
    assert "not confirmed" in ran.err
    assert len(rows(server.held.values())) == COUNT
    partner.cli("remove", "h4.example.com")
    server.malice = None
    ran = partner.send()
    assert (ran.code, ran.json["withdrawn"]) == (0, 1)
    found = rows(server.held.values())
    assert found.pop("[domain-name:value = 'h4.example.com']") == [False, True]
    assert list(found.values()) == [[False]] * (COUNT - 1)


def test_many_failures_are_told_in_few_lines(partner: Partner, loopback_taxii: Start) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox, judge=lambda e: "no" if e["type"] == "indicator" else None
    )
    partner.at(server.url)
    ran = partner.send()
    assert ran.code == ExitCode.EXPORT_REFUSED
    assert len(ran.json["delivery"]["failed"]) == COUNT
    assert "and 5 more" in ran.err
    assert len(ran.err.splitlines()) < 30
