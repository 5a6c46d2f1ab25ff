"""The guarded session: origin, credentials, deadlines, sizes."""

import contextlib
import gzip
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from servers import malice
from servers.loopback_taxii import Answer, LoopbackTaxii, Malice, Seen
from tidegate.errors import ConfigError, FeedError, FeedRefused, FeedUnavailable
from tidegate.taxii.address import shown
from tidegate.taxii.credential import Credential
from tidegate.taxii.limits import Limits
from tidegate.taxii.retry import Retry, Waiting
from tidegate.taxii.session import GuardedSession
from tidegate.taxii.transport import DeadlineAdapter

Start = Callable[..., LoopbackTaxii]

SECRET = "s3cr3t-t0ken"
SHORT = Limits(connect_seconds=1, read_seconds=0.3, request_seconds=0.6, response_bytes=1024 * 1024)
CREDENTIALS = [
    Credential.basic("tidegate", SECRET),
    Credential.bearer(SECRET),
    Credential("X-API-Key", SECRET),
]


def ask(server: LoopbackTaxii, credential: Credential | None = None) -> bytes:
    with GuardedSession(server.url, credential, SHORT) as session:
        return session.get(server.url).content


@pytest.mark.parametrize("credential", CREDENTIALS, ids=lambda each: each.header)
def test_the_configured_origin_gets_the_credential(
    loopback_taxii: Start, credential: Credential
) -> None:
    server = loopback_taxii()
    ask(server, credential)
    assert server.seen[0].headers[credential.header.lower()] == credential.value


@pytest.mark.parametrize("credential", CREDENTIALS, ids=lambda each: each.header)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_port_is_refused_before_it_is_asked(
    loopback_taxii: Start, credential: Credential, status: int
) -> None:
    other = loopback_taxii()
    server = loopback_taxii(malice=malice.redirect(other.url, status), everywhere=True)
    with pytest.raises(FeedRefused, match="another server") as refused:
        ask(server, credential)
    assert other.seen == []
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost:{port}/api1/",
        "https://127.0.0.1:{port}/api1/",
        "//198.51.100.7/api1/",
        "http://tidegate@127.0.0.2:{port}/",
        "file:///etc/hostname",
        "http://[::1/",
    ],
)
def test_another_host_or_scheme_is_another_server(loopback_taxii: Start, target: str) -> None:
    server = loopback_taxii(everywhere=True)
    port = server.origin.rpartition(":")[2]
    server.malice = malice.redirect(target.format(port=port))
    with pytest.raises(FeedRefused):
        ask(server, CREDENTIALS[0])
    assert len(server.seen) == 1


def test_redirects_within_the_origin_are_followed_three_times_at_most(
    loopback_taxii: Start,
) -> None:
    server = loopback_taxii(malice=malice.redirect_within, everywhere=True)
    assert b"Loopback" in ask(server, CREDENTIALS[2])
    assert [seen.headers["x-api-key"] for seen in server.seen] == [SECRET, SECRET]
    server = loopback_taxii(malice=malice.redirect_for_ever, everywhere=True)
    with pytest.raises(FeedRefused, match="more than 3 times"):
        ask(server)
    assert len(server.seen) == 4


def test_direct_requests_to_another_origin_are_refused(loopback_taxii: Start) -> None:
    server, other = loopback_taxii(), loopback_taxii()
    with GuardedSession(server.url, CREDENTIALS[2], SHORT) as session:
        with pytest.raises(FeedRefused):
            session.get(other.url)
        with pytest.raises(FeedRefused):
            session.post(other.url, data=b"{}")
    assert other.seen == []


def test_environment_gives_neither_proxy_nor_credentials(
    loopback_taxii: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, proxy = loopback_taxii(), loopback_taxii()
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password stolen\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.origin)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    ask(server)
    assert proxy.seen == []
    assert "authorization" not in server.seen[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "http://taxii.example.com/api1/",
        "http://198.51.100.7/",
        "http://localhost.example.com/",
        "ftp://taxii.example.com/",
        "https://user:" + SECRET + "@taxii.example.com/",
        "https://taxii.example.com/#" + SECRET,
        "https://",
        "https://[::1/",
        "not an address",
    ],
)
def test_an_address_that_may_not_be_used(url: str) -> None:
    with pytest.raises(FeedRefused) as refused:
        GuardedSession(url)
    assert refused.value.hint
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["http://localhost/", "http://[::1]:8080/", "http://127.9.9.9/", "https://bücher.example/"],
)
def test_an_address_that_may_be_used(url: str) -> None:
    GuardedSession(url).close()


@pytest.mark.parametrize("bad", [malice.silent, malice.slow_body(0.02)], ids=["silent", "drip"])
def test_slow_servers_end_at_the_deadline(loopback_taxii: Start, bad: Malice) -> None:
    server = loopback_taxii(malice=bad, everywhere=True)
    started = time.monotonic()
    with pytest.raises(FeedUnavailable):
        ask(server)
    assert time.monotonic() - started < 2


def test_the_pull_has_a_deadline_of_its_own(loopback_taxii: Start) -> None:
    server = loopback_taxii(malice=malice.slow_body(0.02), everywhere=True)
    limits = Limits(read_seconds=1, request_seconds=0.3, pull_seconds=0.4)
    started = time.monotonic()
    with GuardedSession(server.url, None, limits) as session:
        for said in ("0.3 s", "0.4 s", "0.4 s"):
            with pytest.raises(FeedUnavailable, match=said):
                session.get(server.url)
    assert time.monotonic() - started < 1
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    "bad",
    [
        malice.giant_body(announced=True),
        malice.giant_body(announced=False),
        malice.gzip_bomb(),
        malice.endless_gzip_name(),
    ],
    ids=["announced", "unannounced", "gzip", "gzip header"],
)
def test_bodies_stop_at_the_cap(loopback_taxii: Start, bad: Malice) -> None:
    server = loopback_taxii(malice=bad, everywhere=True)
    with pytest.raises(FeedRefused, match="more than 1 MiB"):
        ask(server)


def test_a_bomb_takes_no_memory(loopback_taxii: Start) -> None:
    server = loopback_taxii(malice=malice.gzip_bomb(), everywhere=True)
    tracemalloc.start()
    with pytest.raises(FeedRefused):
        ask(server)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024**2


def test_compressed_answers_are_read(loopback_taxii: Start) -> None:
    server = loopback_taxii([{"id": "a"}], malice=malice.zipped(), everywhere=True)
    assert b'"id":"a"' in ask(server)
    assert server.seen[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (malice.zipped(keep=0.7), FeedUnavailable),
        (malice.many_members(), FeedUnavailable),
        (malice.zipped("gzip, gzip"), FeedRefused),
        (malice.zipped("br"), FeedRefused),
        (malice.truncated, FeedUnavailable),
    ],
    ids=["cut gzip", "many members", "nested", "unasked", "truncated"],
)
def test_bodies_that_cannot_be_read(
    loopback_taxii: Start, bad: Malice, error: type[FeedError]
) -> None:
    server = loopback_taxii([{"id": "a"}], malice=bad, everywhere=True)
    with pytest.raises(error):
        ask(server)


def test_certificates_are_checked_whatever_is_set(
    monkeypatch: pytest.MonkeyPatch, loopback_taxii: Start
) -> None:
    server = loopback_taxii()
    checked: list[object] = []
    send = DeadlineAdapter.send

    def noted(adapter: DeadlineAdapter, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - passed on
        checked.append(kwargs["verify"])
        return send(adapter, *args, **kwargs)

    monkeypatch.setattr(DeadlineAdapter, "send", noted)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    monkeypatch.setenv("CURL_CA_BUNDLE", "/nowhere")
    with GuardedSession(server.url, None, SHORT) as session:
        session.verify = False
        session.get(server.url)
        session.get(server.url, verify=False)
    assert checked == [True, True]


def test_a_server_without_tls_is_not_believed(loopback_taxii: Start) -> None:
    url = loopback_taxii().url.replace("http:", "https:")
    with (
        GuardedSession(url, CREDENTIALS[0], SHORT) as session,
        pytest.raises(FeedRefused, match="does not offer TLS"),
    ):
        session.get(url)


def test_nobody_there() -> None:
    with LoopbackTaxii() as server:
        url = server.url
    with (
        GuardedSession(url, CREDENTIALS[0], SHORT) as session,
        pytest.raises(FeedUnavailable, match="cannot be reached") as failed,
    ):
        session.get(url)
    assert failed.value.hint
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__


@pytest.mark.parametrize("secret", ["", "two\nlines", "tab\there", "“quoted”"])
def test_a_secret_that_no_header_can_carry(secret: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Credential.bearer(secret) if secret else Credential("X-API-Key", secret)
    assert not secret or secret not in str(refused.value)


@pytest.mark.parametrize("credential", CREDENTIALS, ids=lambda each: each.header)
@pytest.mark.parametrize("place", ["body", "gzip", "ETag", "X-TAXII-Date-Added-Last", "Location"])
def test_an_answer_that_holds_the_credential_is_refused(
    loopback_taxii: Start, credential: Credential, place: str
) -> None:
    def echo(_: LoopbackTaxii, seen: Seen) -> Answer:
        sent = seen.headers[credential.header.lower()]
        body = b'{"id": "' + sent.encode() + b'"}'
        if place == "body":
            return Answer(body)
        if place == "gzip":
            return Answer(gzip.compress(body), headers={"Content-Encoding": "gzip"})
        status = 302 if place == "Location" else 200
        return Answer(b"{}", status=status, headers={place: f"/{sent}"})

    server = loopback_taxii(malice=echo, everywhere=True)
    with pytest.raises(FeedRefused, match="sends our own credential back") as refused:
        ask(server, credential)
    assert all(form.decode() not in str(refused.value) for form in credential.forms())
    assert len(server.seen) == 1
    assert not isinstance(refused.value, FeedUnavailable)


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_status_says_more_than_the_echo_in_its_page(loopback_taxii: Start, status: int) -> None:
    server = loopback_taxii(
        malice=lambda *_: Answer(SECRET.encode(), status=status), everywhere=True
    )
    with GuardedSession(server.url, CREDENTIALS[1], SHORT) as session:
        assert session.get(server.url).status_code == status


def test_credentials_do_not_show() -> None:
    assert SECRET not in repr(CREDENTIALS)
    assert shown(f"https://me:{SECRET}@taxii.example.com:8443/a/b?k={SECRET}#f") == (
        "https://taxii.example.com:8443/a/b"
    )


SAID = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "age", "later"),
    [(200, None, 0), (200, "90", 90), (401, None, 0), (503, None, 0), (200, "soon", None)],
)
def test_every_answer_says_what_time_it_is(
    loopback_taxii: Start, status: int, age: str | None, later: int | None
) -> None:
    headers = {} if age is None else {"Age": age}
    server = loopback_taxii(
        malice=lambda *_: Answer(b"{}", status, headers), everywhere=True, says=SAID
    )
    heard: list[tuple[str, datetime]] = []
    with (
        GuardedSession(server.url, None, SHORT, heard=lambda *word: heard.append(word)) as session,
        contextlib.suppress(FeedError),
    ):
        session.get(server.url)
    expected = [] if later is None else [("127.0.0.1", SAID + timedelta(seconds=later))]
    assert heard[:1] == expected
    assert set(heard) == set(expected)


def test_rest_between_questions_counts_and_ends_with_the_time() -> None:
    slept: list[float] = []
    waiting = Waiting(sleep=slept.append, chance=lambda: 0.5)
    policy = Retry(attempts=9, first=4, cap=30)
    with GuardedSession("http://127.0.0.1/", None, Limits(pull_seconds=40), waiting) as session:
        assert session.rest(1, None, policy, 100) == 3
        assert session.rest(1, 20, policy, 100) == 21
        assert session.left == 16
        assert session.rest(1, 20, policy, 100) is None
        assert session.rest(1, None, policy, 2) is None
        assert session.rest(9, None, policy, 100) is None
    assert slept == [3, 21]
