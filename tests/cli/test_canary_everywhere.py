"""Every kind of secret, from every place, meets every way to fail, and is shown by none.

A seeded slice; all of them with `TIDEGATE_SOAK=1`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from driving.canary import CANARY, REFERENCES, clean, plant, sent
from driving.homes import Cli, FeedFolder
from servers.certificates import Authority, Pair, server_side
from servers.echoes import ECHOES
from servers.loopback_taxii import COLLECTION, LoopbackTaxii, indicators
from servers.sockets import Behave, Proxy, RawServer

Subscribe = Callable[..., FeedFolder]
Server = Callable[..., LoopbackTaxii]
Raw = Callable[[Behave], RawServer]

AUTH = {
    "basic": '{{ kind = "basic", username = "u", password = "{0}" }}',
    "user": '{{ kind = "basic", username = "{0}", password = "{0}" }}',
    "bearer": '{{ kind = "bearer", token = "{0}" }}',
    "header": '{{ kind = "header", name = "X-API-Key", value = "{0}" }}',
}
KINDS = (*AUTH, "key", "proxy")
SOURCES = ("taxii21", "https")

AT_THE_DOOR = ("no TLS", "unknown authority", "nobody there", "secret missing")
"""Failures before there is an answer."""

PROXY_SAYS = ("407", "403", "502", "hangs up")
"""Failures of a proxy, which throws back what it was sent."""

SYNCS: tuple[tuple[str, ...], ...] = (
    ("sync", "--yes", "--verbose"),
    ("sync", "--yes", "--json"),
)

LOOKS: tuple[tuple[str, ...], ...] = (
    ("feeds", "check", "acme", "--verbose"),
    ("list", "--json"),
    ("why", "h1.example.com", "--verbose"),
    ("feeds", "list"),
    ("feeds", "list", "--json"),
    ("feeds", "show", "acme", "--json"),
    ("rejections",),
    ("rejections", "--json"),
    ("held", "list", "--json"),
    ("history", "--json"),
    ("snapshots", "--json"),
    ("doctor", "--json"),
)
"""What people run when a feed fails."""


class Case(NamedTuple):
    kind: str
    reference: str
    source: str
    fault: str


def every_case() -> Iterator[Case]:
    for kind, reference, source in product(KINDS, REFERENCES, SOURCES):
        own = PROXY_SAYS if kind == "proxy" else ()
        for fault in (*ECHOES, *AT_THE_DOOR, *own):
            yield Case(kind, reference, source, fault)


def cases() -> list[Case]:
    """All, or a slice: each failure once, with a canary that it can echo, and each kind often."""
    found = list(every_case())
    if os.environ.get("TIDEGATE_SOAK"):
        return found
    chance = Random(7)  # noqa: S311 - a slice that is the same every time
    chance.shuffle(found)
    chosen = {case.fault: case for case in found if case.kind in AUTH or case.fault in PROXY_SAYS}
    others = {case[:2]: case for case in found if case.kind not in AUTH}
    return list(dict.fromkeys([*chosen.values(), *others.values()]))


class Servers(NamedTuple):
    """What it takes to build the far side of a case."""

    taxii: Server
    raw: Raw
    authority: Authority
    here: Pair
    locked: Pair

    def of(self, case: Case, reference: str) -> tuple[str, LoopbackTaxii, Proxy]:
        """Start what a case needs; return the feed's [source], the server and the proxy."""
        encrypted = case.kind not in AUTH or case.fault == "unknown authority"
        malice = ECHOES.get(case.fault)
        server = self.taxii(
            indicators(3),
            malice=malice,
            everywhere=malice is not None,
            tls=server_side(self.here) if encrypted and case.fault != "no TLS" else None,
        )
        url = server.url
        if case.fault == "nobody there":
            with LoopbackTaxii() as gone:
                url = gone.url
        encrypted = encrypted or case.fault == "no TLS"
        url = url.replace("http:", "https:") if encrypted else url
        relay = Proxy(server.port)
        lines = [f'kind = "{case.source}"\nurl = "{url}"\ntimeout = 1\ndeadline = 1']
        if case.source == "taxii21":
            lines.append(f'collection = "{COLLECTION}"')
        if encrypted and case.fault != "unknown authority":
            lines.append(f'ca = "{self.authority.ca}"')
        if case.kind in AUTH:
            lines.append(f"auth = {AUTH[case.kind].format(reference)}")
        elif case.kind == "key":
            certificate, key = self.locked
            files = f'certificate = "{certificate}", key = "{key}"'
            lines.append(f'client_cert = {{ {files}, password = "{reference}" }}')
        else:
            at = self.raw(_proxy(relay, case.fault))
            lines.append(f'proxy = "http://127.0.0.1:{at.port}"')
            lines.append(f"proxy_auth = {AUTH['basic'].format(reference)}")
        return "\n".join([*lines, ""]), server, relay


@pytest.fixture(scope="module")
def pairs(authority: Authority) -> tuple[Pair, Pair]:
    """The server's certificate, and a client's whose key opens with the canary."""
    return authority.issue("127.0.0.1"), authority.issue("tidegate", password=CANARY)


@pytest.fixture
def servers(
    loopback_taxii: Server, raw_server: Raw, authority: Authority, pairs: tuple[Pair, Pair]
) -> Servers:
    return Servers(loopback_taxii, raw_server, authority, *pairs)


@pytest.mark.parametrize("case", cases(), ids="-".join)
def test_a_canary_is_shown_by_no_failing_path(
    cli: Cli,
    subscribe: Subscribe,
    servers: Servers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    case: Case,
) -> None:
    missing = case.fault == "secret missing"
    reference = plant(monkeypatch, tmp_path, case.reference, missing=missing)
    source, server, relay = servers.of(case, reference)
    subscribe("plain", [{"id": "indicator--1"}, *indicators(2)])
    cli.sync()
    subscribe("acme", source=source)
    told = ""
    codes = []
    for argv in SYNCS + LOOKS:
        ran = cli(*argv)
        told += ran.out + ran.err
        codes += [ran.code] if argv in SYNCS else []
        assert "internal fault" not in ran.err, ran.err
    clean(cli.home, told)
    asked = " ".join(f"{seen.path} {' '.join(seen.headers.values())}" for seen in server.seen)
    if case.fault not in AT_THE_DOOR:
        if case.kind == "key":
            assert asked, "the key was never opened: no test"
        else:
            there = " ".join(relay.heads) if case.kind == "proxy" else asked
            assert sent(there), "the canary was never sent: no test"
    assert case.kind != "proxy" or not sent(asked), "the proxy's credential went to the server"
    # Who was never sent the canary cannot echo it: a few of these servers are honest then.
    assert codes == [7, 7] or (case.kind not in AUTH and set(codes) <= {0, 7})
    assert codes == [0, 0] or "feed acme failed" in told


def _proxy(relay: Proxy, fault: str) -> Behave:
    if fault not in PROXY_SAYS:
        return relay

    def echo(peer: object, _: object) -> None:
        head = peer.recv(65536).decode("latin-1")  # type: ignore[attr-defined]
        relay.heads.append(head)
        text = " ".join(head.split("\r\n"))
        if fault == "hangs up":
            peer.sendall(f"{text}\r\n\r\n".encode())  # type: ignore[attr-defined]
            return
        said = f"HTTP/1.1 {fault} {text}\r\nProxy-Authenticate: {text}\r\n\r\n{text}"
        peer.sendall(said.encode())  # type: ignore[attr-defined]

    return echo
