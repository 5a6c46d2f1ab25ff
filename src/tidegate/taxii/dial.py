"""A connection to a name or an address: resolved once, checked, and made to that very address.

Owns the time of it all, a resolver that hangs included, and the rule that a *name* must not lead to
this machine, a private network or another special-purpose block, unless the feed says so: whoever
holds the name's DNS could else point us at services that only we can reach (DNS rebinding). Refuses
a name as soon as one of its addresses is such. What the operator wrote as an address, and
`localhost`, is his own word. Which blocks are special is IANA's to say: `mapping.guard_ranges`.
"""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import Future
from ipaddress import ip_address
from typing import Any

from tidegate.errors import FeedRefused
from tidegate.mapping.guard_ranges import special_range

Found = list[tuple[Any, ...]]
"""What getaddrinfo gives."""


def dial(host: str, port: int, seconds: float, *, allow_private: bool) -> socket.socket:
    """Return a connected socket whose timeout is what is left of `seconds`.

    Raises FeedRefused for a name that leads where it must not, and OSError: gaierror for a name
    that is not known, TimeoutError after `seconds`.
    """
    ends = time.monotonic() + seconds
    if _is_own_word(host):
        found = lookup(host, port)
    else:
        found = _resolved(host, port, seconds)
        if not allow_private:
            _check(host, [str(entry[4][0]) for entry in found])
    return _connected(found, ends)


def lookup(host: str, port: int) -> Found:
    """Ask the system's resolver, which may take its time."""
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def _is_own_word(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _resolved(host: str, port: int, seconds: float) -> Found:
    """Resolve in a thread that is left behind when it hangs: nothing can interrupt a resolver."""
    answer: Future[Found] = Future()

    def ask() -> None:
        try:
            answer.set_result(lookup(host, port))
        except BaseException as error:  # noqa: BLE001 - raised again where the answer is waited for
            answer.set_exception(error)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        return answer.result(max(seconds, 0))
    except UnicodeError:
        raise socket.gaierror(socket.EAI_NONAME, "no such name") from None


def _check(host: str, addresses: list[str]) -> None:
    for address in addresses:
        block = special_range(address)
        if block is not None:
            raise FeedRefused(
                f"the name {host} leads to {address}, {block.name}, which was not contacted",
                "if that is meant, write `allow_private = true` beside `url`",
            )


def _connected(found: Found, ends: float) -> socket.socket:
    last: OSError = OSError("no address")
    for tried, (family, kind, protocol, _, address) in enumerate(found):
        # A share of the time: an address that swallows packets leaves some for the next.
        share = (ends - time.monotonic()) / (len(found) - tried)
        if share <= 0:
            raise TimeoutError("connecting took too long")
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(share)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
            sock.settimeout(max(ends - time.monotonic(), 0.001))
        except OSError as error:
            sock.close()
            last = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise last
