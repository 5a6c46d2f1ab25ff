"""A name is resolved once, its address checked, and that very address contacted."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from servers.certificates import Authority, server_side
from servers.loopback_taxii import LoopbackTaxii
from tidegate.errors import FeedRefused, FeedUnavailable
from tidegate.mapping.guard_ranges import special_range
from tidegate.taxii import dial
from tidegate.taxii.credential import Credential
from tidegate.taxii.limits import Limits
from tidegate.taxii.retry import Retry, Waiting
from tidegate.taxii.session import GuardedSession
from tidegate.taxii.way import Way

Start = Callable[..., LoopbackTaxii]

NAME = "taxii.example.com"
LIMITS = Limits(connect_seconds=1, read_seconds=1, request_seconds=2)
ONCE = Waiting(Retry(attempts=1))


def answers(monkeypatch: pytest.MonkeyPatch, *rounds: tuple[str, ...], port: int = 9) -> list[str]:
    """Let the resolver say so, the last round for ever; returns the names that it was asked."""
    asked: list[str] = []

    def lookup(host: str, _: int) -> dial.Found:
        asked.append(host)
        found = rounds[min(len(asked), len(rounds)) - 1]
        family = {False: socket.AF_INET, True: socket.AF_INET6}
        return [(family[":" in each], socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(dial, "lookup", lookup)
    return asked


def get(url: str, way: Way) -> bytes:
    with GuardedSession(url, Credential.bearer("s3cr3t-t0ken"), LIMITS, ONCE, way) as session:
        return session.get(url).content


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("10.1.2.3", "private use"),
        ("192.168.0.1", "private use"),
        ("172.31.0.1", "private use"),
        ("100.64.0.1", "shared address space"),
        ("169.254.169.254", "link local"),
        ("224.0.0.1", "multicast"),
        ("0.0.0.1", "this network"),
        ("192.0.2.1", "documentation"),
        ("240.0.0.1", "reserved"),
        ("::1", "loopback"),
        ("fe80::1%lo", "link local"),
        ("fd00::1", "unique local"),
        ("ff02::1", "multicast"),
        ("::ffff:10.0.0.1", "private use"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:a9fe:a9fe::1", "link local"),
    ],
)
def test_a_name_that_leads_to_a_special_address_is_refused_before_it_is_contacted(
    monkeypatch: pytest.MonkeyPatch, address: str, kind: str
) -> None:
    answers(monkeypatch, (address,))
    with pytest.raises(FeedRefused) as refused:
        get(f"https://{NAME}/api1/", Way())
    assert f"the name {NAME} leads to {address}, {kind}" in refused.value.message
    assert "`allow_private = true`" in refused.value.hint


def test_one_special_address_among_others_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ("1.1.1.1", "10.0.0.1"))
    with pytest.raises(FeedRefused, match=r"leads to 10\.0\.0\.1"):
        dial.dial(NAME, 443, 1, allow_private=False)


def test_the_address_that_was_checked_is_the_one_that_is_contacted(
    monkeypatch: pytest.MonkeyPatch, loopback_taxii: Start
) -> None:
    server = loopback_taxii()
    asked = answers(monkeypatch, ("127.0.0.1",), ("127.0.0.2",), port=server.port)
    monkeypatch.setattr(dial, "special_range", lambda _: None)
    sock = dial.dial(NAME, 443, 1, allow_private=False)
    assert sock.getpeername()[:2] == ("127.0.0.1", server.port)
    sock.close()
    assert asked == [NAME]


def test_a_name_that_is_bound_anew_is_checked_anew(
    monkeypatch: pytest.MonkeyPatch, loopback_taxii: Start, authority: Authority
) -> None:
    server = loopback_taxii(tls=server_side(authority.issue(NAME)))
    url = f"https://{NAME}:{server.port}/api1/"
    asked = answers(monkeypatch, ("127.0.0.1",), ("127.0.0.2",), port=server.port)
    real = special_range
    monkeypatch.setattr(dial, "special_range", lambda a: None if a == "127.0.0.1" else real(a))
    assert b"Loopback" in get(url, Way(authority.ca))
    with pytest.raises(FeedRefused, match=r"leads to 127\.0\.0\.2, loopback"):
        get(url, Way(authority.ca))
    assert asked == [NAME, NAME]
    assert len(server.seen) == 1


def test_a_feed_may_allow_private_addresses(
    monkeypatch: pytest.MonkeyPatch, loopback_taxii: Start, authority: Authority
) -> None:
    server = loopback_taxii(tls=server_side(authority.issue(NAME)))
    answers(monkeypatch, ("127.0.0.1",), port=server.port)
    way = Way(authority.ca, allow_private=True)
    assert b"Loopback" in get(f"https://{NAME}:{server.port}/api1/", way)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_an_address_and_localhost_are_the_operators_own_word(
    loopback_taxii: Start, host: str
) -> None:
    server = loopback_taxii()
    assert b"Loopback" in get(f"http://{host}:{server.port}/api1/", Way())


def test_the_next_address_is_tried_when_one_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, loopback_taxii: Start
) -> None:
    server = loopback_taxii()
    answers(monkeypatch, ("::1", "127.0.0.1"), port=server.port)
    dial.dial(NAME, 443, 1, allow_private=True).close()
    for found in ((), ("127.0.0.1",)):
        answers(monkeypatch, found, port=1)
        with pytest.raises(OSError, match=r"no address|refused"):
            dial.dial(NAME, 443, 1, allow_private=True)


def test_an_address_that_swallows_packets_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch, loopback_taxii: Start
) -> None:
    server = loopback_taxii()
    answers(monkeypatch, ("::1", "127.0.0.1"), port=server.port)
    given: list[float] = []
    connect = socket.socket.connect

    def swallow(sock: socket.socket, address: tuple[object, ...]) -> None:
        given.append(sock.gettimeout() or 0)
        if address[0] == "::1":
            raise TimeoutError
        connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", swallow)
    dial.dial(NAME, 443, 10, allow_private=True).close()
    assert given == pytest.approx([5, 10], abs=0.5)


def test_a_resolver_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    def hang(*_: object) -> dial.Found:
        let_go.wait(20)
        return []

    monkeypatch.setattr(dial, "lookup", hang)
    limits = Limits(connect_seconds=0.2, request_seconds=2)
    started = time.monotonic()
    with (
        GuardedSession(f"https://{NAME}/", None, limits, ONCE) as session,
        pytest.raises(FeedUnavailable, match=r"did not accept a connection within 0\.2 s"),
    ):
        session.get(f"https://{NAME}/")
    assert time.monotonic() - started < 1.5
    let_go.set()


@pytest.mark.parametrize("host", ["taxii.invalid", "a" * 70 + ".invalid"])
def test_a_name_that_nobody_knows(host: str) -> None:
    with pytest.raises(FeedUnavailable, match="its name is not known here") as failed:
        get(f"https://{host}/", Way())
    assert "`url`" in failed.value.hint
