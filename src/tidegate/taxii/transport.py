"""HTTP transport whose connections are made by one dialler and whose every read ends at a deadline.

Owns the time of a request. A read timeout alone bounds only the silence between two bytes: a server
that drips one byte at a time, in the headers or in the body, could hold a request for ever. Here
each read gets what is left until the deadline, at most the read timeout, and what is sent gets what
is left, however slowly it is taken. The dialler and the TLS handshake share the connect timeout;
OpenSSL counts a handshake as a whole, however it drips. Refuses nothing else.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

# urllib3 builds connections and responses deep inside, from classes; a context variable is the way
# to hand the deadline of the request under way to a response built there.
_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))

_BUFFER = 1 << 16
"""Bytes; each time it is filled costs a look at the clock."""


class DeadlinePassed(TimeoutError):
    """The request as a whole took longer than it may."""


@contextmanager
def deadline_at(moment: float) -> Iterator[None]:
    """Let every response started inside end at `moment` (seconds of `time.monotonic`)."""
    token = _deadline.set(moment)
    try:
        yield
    finally:
        _deadline.reset(token)


class _DeadlineReader(io.RawIOBase):
    """The raw side of a socket file, giving each read no more than the time that is left."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, deadline: float) -> None:
        self._sock = sock
        self._raw = raw
        self._idle = sock.gettimeout()
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: Any, /) -> int | None:  # noqa: ANN401 - the base class takes any buffer
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed("deadline passed")
        if left != float("inf"):
            self._sock.settimeout(left if self._idle is None else min(left, self._idle))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class DeadlineResponse(http.client.HTTPResponse):
    """A response that reads status line, headers and body under the deadline."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - http.client's own arguments, passed on
        super().__init__(sock, *args, **kwargs)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_DeadlineReader(sock, raw, _deadline.get()), _BUFFER)


def body_begins(raw: Any) -> bool:  # noqa: ANN401 - urllib3's response, whose inside is not typed
    """Wait for the first byte of an answer's body; False when none comes, or none is due."""
    answer = raw._original_response  # noqa: SLF001 - the response above, which urllib3 keeps there
    return answer.fp is not None and answer.length != 0 and bool(answer.fp.peek(1))


Dial = Callable[[str, int, float], socket.socket]
"""From host, port and seconds to a connected socket; tidegate.taxii.way has it."""


def _pools(dial: Dial) -> dict[str, type[HTTPConnectionPool]]:
    """Return urllib3's pools of connections that are made by `dial`: it takes classes only."""

    class Plain(HTTPConnection):
        response_class = DeadlineResponse

        def _new_conn(self) -> socket.socket:
            return _dialled(self, dial)

        def send(self, data: Any) -> None:  # noqa: ANN401 - http.client's own argument, passed on
            _give_time(self)
            super().send(data)

    class Tls(HTTPSConnection):
        response_class = DeadlineResponse

        def _new_conn(self) -> socket.socket:
            return _dialled(self, dial)

        def send(self, data: Any) -> None:  # noqa: ANN401 - http.client's own argument, passed on
            _give_time(self)
            super().send(data)

        def connect(self) -> None:
            try:
                super().connect()
            except TimeoutError as error:  # the handshake
                raise ConnectTimeoutError(self, "connecting took too long") from error

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}


def _give_time(conn: HTTPConnection) -> None:
    """Give sending the time of the request: the socket keeps what connecting or reading left it."""
    if conn.sock is None:  # as http.client does it, which would come too late
        conn.connect()
    left = _deadline.get() - time.monotonic()
    conn.sock.settimeout(None if left == float("inf") else max(left, _LEAST))


def _dialled(conn: HTTPConnection, dial: Dial) -> socket.socket:
    """Dial, with failures in urllib3's words."""
    seconds = conn.timeout if isinstance(conn.timeout, (int, float)) else _PATIENCE
    try:
        # With the dot that ends a full name: only a resolver needs it.
        return dial(conn._dns_host, conn.port, seconds)  # noqa: SLF001 - what urllib3 connects to itself
    except socket.gaierror as error:
        raise NameResolutionError(conn.host, conn, error) from error
    except TimeoutError as error:
        raise ConnectTimeoutError(conn, "connecting took too long") from error
    except OSError as error:
        raise NewConnectionError(conn, "no connection") from error


_PATIENCE = 60.0
"""Seconds to connect in where nobody says."""

_LEAST = 0.001
"""Seconds; none at all would mean not to wait."""


class DeadlineAdapter(HTTPAdapter):
    """requests' own adapter over connections that `dial` makes and that keep the deadline."""

    def __init__(self, dial: Dial, context: ssl.SSLContext | None = None) -> None:
        self._dial = dial
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - requests' own arguments, passed on
        """Build the pool manager as requests does, then give it our pools."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._dial)

    def cert_verify(self, *_: object) -> None:
        """Add nothing to what the context trusts: requests would add the public authorities."""
