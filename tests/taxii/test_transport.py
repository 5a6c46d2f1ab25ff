"""The deadline holds where a read timeout does not: in a dripping header."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from tidegate.errors import FeedError
from tidegate.taxii.limits import Limits
from tidegate.taxii.retry import Retry, Waiting
from tidegate.taxii.session import GuardedSession
from tidegate.taxii.transport import DeadlineAdapter, deadline_at

ONCE = Waiting(Retry(attempts=1))


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server whose status line is followed by an endless header, a byte every 20 ms."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def serve() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            try:
                while not stop.wait(0.02):
                    peer.sendall(b"a")
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    stop.set()
    thread.join()
    listener.close()


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
        session.mount("http://", DeadlineAdapter())
        with pytest.raises(requests.exceptions.RequestException):
            session.get(dripping, timeout=5)


def test_garbage_instead_of_http() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(b"\x00\xff not http\r\n\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with (
        GuardedSession(url, None, Limits(read_seconds=1)) as session,
        pytest.raises(FeedError) as failed,
    ):
        session.get(url)
    thread.join()
    listener.close()
    assert "\n" not in str(failed.value)
