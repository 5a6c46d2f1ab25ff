"""The deadline holds where a read timeout does not: headers, handshakes, records that drip."""

import http.client
import socket
import threading
import time
from collections.abc import Callable

import pytest
import requests

from servers.certificates import Authority, server_side
from servers.sockets import Behave, RawServer, dripping_record, mute
from servers.sockets import dripping as drip
from tidegate.errors import FeedError
from tidegate.taxii.limits import Limits
from tidegate.taxii.retry import Retry, Waiting
from tidegate.taxii.session import GuardedSession
from tidegate.taxii.transport import DeadlineAdapter, deadline_at
from tidegate.taxii.way import Way

Raw = Callable[[Behave], RawServer]

ONCE = Waiting(Retry(attempts=1))
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def dripping(raw_server: Raw) -> str:
    """A server whose status line is followed by an endless header, a byte every 20 ms."""
    server = raw_server(drip(b"a", first=b"HTTP/1.1 200 OK\r\nX-Slow: "))
    return f"http://127.0.0.1:{server.port}/"


def test_dripping_headers_end_at_the_deadline(dripping: str) -> None:
    started = time.monotonic()
    limits = Limits(read_seconds=5, request_seconds=0.4)
    with (
        GuardedSession(dripping, None, limits, ONCE) as session,
        pytest.raises(FeedError, match=r"was not done within 0\.4 s"),
    ):
        session.get(dripping)
    assert 0.3 < time.monotonic() - started < 1.5


def test_a_moment_that_has_passed_stops_the_first_read(dripping: str) -> None:
    with requests.Session() as session, deadline_at(time.monotonic() - 1):
        session.mount("http://", DeadlineAdapter(Way().dial))
        with pytest.raises(requests.exceptions.RequestException):
            session.get(dripping, timeout=5)


def test_garbage_instead_of_http(raw_server: Raw) -> None:
    server = raw_server(drip(b"", first=b"\x00\xff not http\r\n\r\n"))
    url = f"http://127.0.0.1:{server.port}/"
    with (
        GuardedSession(url, None, Limits(read_seconds=1), ONCE) as session,
        pytest.raises(FeedError) as failed,
    ):
        session.get(url)
    assert "\n" not in str(failed.value)


SLOW: dict[str, Behave] = {
    "silent after connecting": mute,
    "drips a status line": drip(b"H", hear=True),
    "drips empty interim answers": drip(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.001),
    "drips a chunk size": drip(b"0", first=CHUNKED),
    "drips chunks": drip(b"1\r\na\r\n", first=CHUNKED),
    "drips trailers": drip(b"a: b\r\n", first=CHUNKED + b"0\r\n"),
    "drips a body": drip(b" ", first=b"HTTP/1.1 200 OK\r\n\r\n"),
    "drips a redirect's body": drip(
        b" ", first=b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 9999\r\n\r\n"
    ),
}


@pytest.mark.parametrize("behave", SLOW.values(), ids=SLOW)
def test_whatever_is_dripped_ends_at_the_deadline(raw_server: Raw, behave: Behave) -> None:
    url = f"http://127.0.0.1:{raw_server(behave).port}/"
    assert 0.05 < ends(url, Way()) < 1.5


def test_a_handshake_that_stalls_or_drips_ends_at_the_deadline(
    raw_server: Raw, authority: Authority
) -> None:
    tls = server_side(authority.issue("127.0.0.1"))
    for behave in (
        mute,
        drip(b"\0", first=b"\x16\x03\x03\x3f\xff"),
        dripping_record(tls, handshake=True),
        dripping_record(tls, handshake=False),
    ):
        url = f"https://127.0.0.1:{raw_server(behave).port}/"
        assert 0.1 < ends(url, Way(authority.ca)) < 1.5


def ends(url: str, way: Way) -> float:
    """How long a request takes that cannot succeed within 0.4 s."""
    limits = Limits(connect_seconds=0.3, read_seconds=5, request_seconds=0.4)
    started = time.monotonic()
    with GuardedSession(url, None, limits, ONCE, way) as session, pytest.raises(FeedError):
        session.get(url)
    return time.monotonic() - started


def test_what_is_sent_has_the_time_of_the_request(
    raw_server: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not what connecting, or the answer before on the same connection, left of theirs."""

    def behave(peer: socket.socket, stopping: threading.Event) -> None:
        while peer.recv(65536):
            peer.sendall(ANSWER)

    server = raw_server(behave)
    url = f"http://127.0.0.1:{server.port}/"
    limits = Limits(connect_seconds=3, read_seconds=3, request_seconds=60)
    given: list[float] = []
    sending = http.client.HTTPConnection.send

    def send(conn: http.client.HTTPConnection, data: bytes) -> None:
        given.append(conn.sock.gettimeout() or 0)
        sending(conn, data)

    monkeypatch.setattr(http.client.HTTPConnection, "send", send)
    with GuardedSession(url, None, limits, ONCE) as session:
        for _ in range(2):
            assert session.post(url, data=b"").status_code == 200
    assert len(given) == 2
    assert min(given) > 50
    assert server.connections == 1


def test_a_body_that_is_not_taken_ends_at_the_deadline(raw_server: Raw) -> None:
    server = raw_server(mute)
    url = f"http://127.0.0.1:{server.port}/"
    limits = Limits(connect_seconds=0.2, read_seconds=5, request_seconds=0.5)
    started = time.monotonic()
    with GuardedSession(url, None, limits, ONCE) as session, pytest.raises(FeedError):
        session.post(url, data=b" " * 64 * 1024 * 1024)
    assert 0.4 < time.monotonic() - started < 5
