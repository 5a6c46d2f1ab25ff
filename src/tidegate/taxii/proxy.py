"""The proxy that a feed names: a tunnel through it, so that it sees the server's name alone.

Owns CONNECT (RFC 9110 §9.3.6) and the proxy's own credential, which goes to the proxy and nowhere
else; the feed's credential travels inside TLS and is never shown to the proxy. Refuses everything
but 200, and blames the proxy for it, not the server. The proxy resolves the server's name, so no
address is checked here.
"""

from __future__ import annotations

import http.client
import socket
import time
from contextlib import closing
from dataclasses import dataclass, field

from tidegate.errors import FeedRefused
from tidegate.taxii.dial import dial
from tidegate.taxii.faults import LATER, Unanswered
from tidegate.taxii.transport import DeadlineResponse, deadline_at

_CHECK = "check `proxy` beside `url`"


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy is; `authorization` is its Proxy-Authorization."""

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    def dial(self, host: str, port: int, seconds: float) -> socket.socket:
        """Return a socket that leads through the proxy to a server.

        Raises FeedRefused, or Unanswered for what may pass by itself.
        """
        ends = time.monotonic() + seconds
        try:
            # A proxy is the operator's word, and most are in a private network.
            sock = dial(self.host, self.port, seconds, allow_private=True)
        except TimeoutError:
            raise self._unanswered(f"did not accept a connection within {seconds:.2g} s") from None
        except OSError:
            raise Unanswered(f"{self} cannot be reached", _CHECK, served=False) from None
        try:
            self._tunnel(sock, host, port, ends)
            sock.settimeout(max(ends - time.monotonic(), 0.001))
        except TimeoutError:
            sock.close()
            raise self._unanswered(f"made no connection within {seconds:.2g} s") from None
        except http.client.HTTPException:
            sock.close()
            raise FeedRefused(f"{self} does not answer in HTTP that can be read", _CHECK) from None
        except OSError:
            sock.close()
            raise self._unanswered("broke off the connection") from None
        except BaseException:
            sock.close()
            raise
        return sock

    def _tunnel(self, sock: socket.socket, host: str, port: int, ends: float) -> None:
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", "User-Agent: tidegate"]
        if self.authorization:
            lines.append(f"Proxy-Authorization: {self.authorization}")
        sock.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode("ascii"))
        # A server waits for our first word of TLS: nothing of its own is lost in the reader.
        with deadline_at(ends), closing(DeadlineResponse(sock, method="CONNECT")) as answer:
            answer.begin()
        self._check(answer.status, target)

    def _check(self, status: int, target: str) -> None:
        if status == http.HTTPStatus.OK:
            return
        said = f"{self} answered {status}"
        if status == http.HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            given = self.authorization is not None
            raise FeedRefused(
                f"{said}: it wants to know who asks",
                "check `proxy_auth` and the secret it names" if given else "give it `proxy_auth`",
            )
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise self._unanswered(f"answered {status} for {target}")
        raise FeedRefused(f"{said} for {target}", f"ask who runs the proxy, or {_CHECK}")

    def _unanswered(self, what: str) -> Unanswered:
        return Unanswered(f"{self} {what}", LATER, served=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"the proxy http://{host}:{self.port}"
