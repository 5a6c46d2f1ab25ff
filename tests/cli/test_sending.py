"""`export --partner --send` to a TAXII collection, from the first delivery to the withdrawal."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from driving.canary import CANARY, VARIABLE, clean
from driving.homes import Cli, Ran, indicator, write_feed
from running import Tidegate
from servers import loopback_inbox as inbox
from servers.loopback_inbox import LoopbackInbox
from servers.loopback_taxii import COLLECTION, Answer, LoopbackTaxii, Malice, Seen
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


class Silence:
    """Takes in what is sent, and answers to nobody until it is ended."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def __call__(self, server: LoopbackTaxii, seen: Seen) -> Answer | None:
        answer = server.honest(seen)
        self.ended.wait(60)
        return answer


def interrupted(
    partner: Partner, server: LoopbackInbox, posts: int, signum: signal.Signals
) -> tuple[int, dict[str, Any] | None, str]:
    """Send in a process of its own, and end it after so many POSTs."""
    with Tidegate(partner.cli.home).start(
        "export", "--partner", "isac", "--send", "--json"
    ) as process:
        until = time.monotonic() + 30
        while len(server.posted) < posts and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signum)
        out, err = process.communicate(timeout=20)
    assert "Traceback" not in err
    return process.returncode, orjson.loads(out) if out else None, err


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_amid_a_push_loses_nothing_and_sends_nothing_twice(
    partner: Partner, loopback_taxii: Start, signum: signal.Signals
) -> None:
    """The server took the third batch, and was silent when the end came."""
    silence = Silence()
    server = loopback_taxii(
        kind=LoopbackInbox, most=3_000, malice=inbox.posts(None, None, silence), can_read=False
    )
    partner.at(server.url)
    code, record, err = interrupted(partner, server, 3, signum)
    assert not silence.ended.is_set()
    silence.ended.set()
    assert code == 128 + signum
    assert record is not None
    delivery = record["delivery"]
    first, second, third = server.posted
    confirmed = [ident for ident, _ in (*first, *second) if ident.startswith("indicator--")]
    assert (delivery["accepted"], delivery["done"]) == (len(confirmed), False)
    assert delivery["failed"] == []
    assert f"{len(third):,} were sent and not confirmed" in delivery["note"]
    assert "interrupted" in err
    server.malice = None
    before = len(server.posted)
    ran = partner.send()
    assert (ran.code, ran.json["delivery"]["accepted"]) == (0, COUNT - len(confirmed)), ran.err
    again = {ident for batch in server.posted[before:] for ident, _ in batch}
    assert not again & set(confirmed)
    assert list(rows(server.held.values()).values()) == [[False]] * COUNT
    assert partner.send().json["delivery"] is None


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_signal_before_anything_was_sent_leaves_nothing_behind(
    partner: Partner, loopback_taxii: Start
) -> None:
    silence = Silence()
    server = loopback_taxii(
        kind=LoopbackInbox, malice=inbox.asked(silence, f"/collections/{COLLECTION}/")
    )
    partner.at(server.url)
    noted = list(partner.cli.home.glob("tenants/*/partners/*"))
    with Tidegate(partner.cli.home).start("export", "--partner", "isac", "--send") as process:
        until = time.monotonic() + 30
        while not server.seen and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    silence.ended.set()
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[0] == "tidegate: interrupted"
    assert (server.posted, noted) == ([], [])
    partner.cli("remove", "h4.example.com")
    server.malice = None
    ran = partner.send()
    assert (ran.json["delivery"]["accepted"], ran.json["withdrawn"]) == (COUNT - 1, 0)
