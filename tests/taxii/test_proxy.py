"""A feed's own proxy: it sees a name and its own credential, and answers for its own faults."""

import time
from base64 import b64encode
from collections.abc import Callable

import pytest

from servers.certificates import Authority, server_side
from servers.loopback_taxii import LoopbackTaxii
from servers.sockets import Behave, Proxy, RawServer, dripping, mute
from tidegate.errors import FeedError, FeedRefused, FeedUnavailable
from tidegate.taxii import proxy
from tidegate.taxii.credential import Credential
from tidegate.taxii.limits import Limits
from tidegate.taxii.retry import Retry, Waiting
from tidegate.taxii.session import GuardedSession
from tidegate.taxii.way import Way

Start = Callable[..., LoopbackTaxii]
Raw = Callable[[Behave], RawServer]

NAME = "taxii.example.com"
TOKEN, PASSWORD = "t0ken-of-the-feed", "passw0rd-of-the-proxy"
AUTHORIZATION = Credential.basic("tidegate", PASSWORD).value
LIMITS = Limits(connect_seconds=1, read_seconds=1, request_seconds=2)


def get(way: Way, port: int = 443, *, attempts: int = 1) -> bytes:
    url = f"https://{NAME}:{port}/api1/"
    waiting = Waiting(Retry(attempts=attempts))
    with GuardedSession(url, Credential.bearer(TOKEN), LIMITS, waiting, way) as session:
        return session.get(url).content


def through(server: RawServer, authorization: str | None = None) -> Way:
    return Way(proxy=proxy.Proxy("127.0.0.1", server.port, authorization))


def test_each_credential_goes_to_the_one_that_it_is_for(
    loopback_taxii: Start, raw_server: Raw, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = loopback_taxii(tls=server_side(authority.issue(NAME)))
    relay = Proxy(server.port)
    at = proxy.Proxy("127.0.0.1", raw_server(relay).port, AUTHORIZATION)
    # The server's name is the proxy's to resolve: here nobody is asked for it.
    monkeypatch.setattr("tidegate.taxii.dial._resolved", lambda *_: pytest.fail("resolved"))
    assert b"Loopback" in get(Way(authority.ca, proxy=at), server.port)
    (head,) = relay.heads
    assert head.startswith(f"CONNECT {NAME}:{server.port} HTTP/1.1\r\n")
    assert f"Proxy-Authorization: {AUTHORIZATION}\r\n" in head
    for secret in (TOKEN.encode(), b64encode(TOKEN.encode())):
        assert secret not in head.encode() + relay.seen
    (seen,) = server.seen
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
    assert "proxy-authorization" not in seen.headers
    assert PASSWORD not in repr(at)


def test_the_environment_names_no_way_around(
    loopback_taxii: Start, raw_server: Raw, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = loopback_taxii(tls=server_side(authority.issue(NAME)))
    relay, other = Proxy(server.port), Proxy(server.port)
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{raw_server(other).port}")
    monkeypatch.setenv("no_proxy", "*")
    at = proxy.Proxy("127.0.0.1", raw_server(relay).port)
    get(Way(authority.ca, proxy=at), server.port)
    assert (len(relay.heads), len(other.heads)) == (1, 0)


@pytest.mark.parametrize(
    ("status", "error", "said", "fix"),
    [
        (407, FeedRefused, "answered 407: it wants to know who asks", "`proxy_auth`"),
        (403, FeedRefused, f"answered 403 for {NAME}:443", "`proxy`"),
        (302, FeedRefused, "answered 302", "`proxy`"),
        (204, FeedRefused, "answered 204", "`proxy`"),
        (502, FeedUnavailable, f"answered 502 for {NAME}:443", "later"),
        (503, FeedUnavailable, "answered 503", "later"),
    ],
)
@pytest.mark.parametrize("authorization", [None, AUTHORIZATION], ids=["unknown", "known"])
def test_a_proxy_that_says_no_is_named_and_not_the_server(
    raw_server: Raw,
    status: int,
    error: type[FeedError],
    said: str,
    fix: str,
    authorization: str | None,
) -> None:
    relay = Proxy(1, status, head=f"X-Echo: {AUTHORIZATION}\r\nLocation: https://192.0.2.1/\r\n")
    server = raw_server(relay)
    with pytest.raises(error) as failed:
        get(through(server, authorization))
    text = str(failed.value)
    assert f"the proxy http://127.0.0.1:{server.port} {said}" in text
    assert fix in failed.value.hint
    assert AUTHORIZATION not in text
    assert PASSWORD not in text
    assert f"https://{NAME}" not in text
    assert not relay.seen


def test_a_proxy_that_is_down_is_tried_again_and_then_named() -> None:
    with RawServer(mute) as gone:
        port = gone.port
    way = Way(proxy=proxy.Proxy("127.0.0.1", port))
    with pytest.raises(FeedUnavailable, match=r"the proxy .* cannot be reached, at the last of 3"):
        get(way, attempts=3)
    with pytest.raises(FeedUnavailable, match=r"the proxy http://proxy\.invalid:3128 cannot be"):
        get(Way(proxy=proxy.Proxy("proxy.invalid", 3128)))


@pytest.mark.parametrize(
    "behave",
    [
        mute,
        dripping(b"a", first=b"HTTP/1.1 200 OK\r\nX-Slow: "),
        dripping(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.005),
        dripping(b"x", first=b"HTTP/1.1 200 OK\r\n\r\n"),
    ],
    ids=["silent", "dripping header", "continues for ever", "drips no TLS"],
)
def test_a_proxy_that_takes_its_time_ends_in_time(raw_server: Raw, behave: Behave) -> None:
    started = time.monotonic()
    with pytest.raises(FeedError):
        get(through(raw_server(behave)))
    assert time.monotonic() - started < 2.5


@pytest.mark.parametrize(
    "said", [b"", b"\x00\xff not http\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200]
)
def test_a_proxy_that_talks_nonsense(raw_server: Raw, said: bytes) -> None:
    def behave(peer: object, _: object) -> None:
        peer.recv(65536)  # type: ignore[attr-defined]
        peer.sendall(said)  # type: ignore[attr-defined]

    with pytest.raises(FeedError, match="the proxy ") as failed:
        get(through(raw_server(behave)))
    assert str(failed.value).isprintable()
