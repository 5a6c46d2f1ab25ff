"""A document is fetched when it changed; a 304 answers only what was asked."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from servers import malice
from servers.loopback_taxii import Answer, LoopbackTaxii
from servers.publisher import Publisher
from tidegate.errors import FeedRefused, FeedUnavailable
from tidegate.taxii.download import Answer as Downloaded
from tidegate.taxii.download import Validators, download
from tidegate.taxii.limits import Limits
from tidegate.taxii.session import GuardedSession

Start = Callable[..., LoopbackTaxii]

MONDAY = "Mon, 01 Jun 2026 10:00:00 GMT"
LIMITS = Limits(read_seconds=2, request_seconds=3)


def fetch(server: LoopbackTaxii, known: Validators | None = None) -> Downloaded:
    url = Publisher.url(server)
    with GuardedSession(url, None, LIMITS) as session:
        return download(session, url, "acme", known or Validators())


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [('"one"', MONDAY), ('W/"one"', ""), ("unquoted", ""), ("", MONDAY), ("", "yesterday")],
)
def test_validators_come_back_as_they_were_given(
    loopback_taxii: Start, etag: str, last_modified: str
) -> None:
    publisher = Publisher(b"{}", etag, last_modified)
    server = loopback_taxii(malice=publisher, everywhere=True)
    first = fetch(server)
    assert first.body == b"{}"
    assert first.validators == Validators(etag or None, last_modified or None)
    moment = datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert first.changed == (moment if last_modified == MONDAY else None)
    again = fetch(server, first.validators)
    assert again == Downloaded(None, first.validators, first.changed)
    assert publisher.statuses == [200, 304]
    asked = server.seen[1].headers
    assert asked.get("if-none-match", "") == etag
    assert asked.get("if-modified-since", "") == last_modified
    assert asked["user-agent"] == "tidegate"
    publisher.etag, publisher.last_modified, publisher.body = '"two"', "", b"[]"
    assert fetch(server, first.validators).body == b"[]"


@pytest.mark.parametrize("odd", ["a" * 2000, "\xe9tat", "\x1b[31m", "a\tb"])
def test_a_validator_that_cannot_be_sent_back_is_none(loopback_taxii: Start, odd: str) -> None:
    server = loopback_taxii(malice=Publisher(b"{}", odd), everywhere=True)
    assert fetch(server).validators == Validators()


def test_a_304_that_nobody_asked_for_is_no_answer(loopback_taxii: Start) -> None:
    server = loopback_taxii(malice=lambda *_: Answer(status=304), everywhere=True)
    with pytest.raises(FeedRefused, match="answered 304"):
        fetch(server)


@pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 410])
def test_another_status_is_refused_at_once_and_says_what_to_do(
    loopback_taxii: Start, status: int
) -> None:
    server = loopback_taxii(malice=malice.status(status), everywhere=True)
    with pytest.raises(FeedRefused, match=f"answered {status}") as refused:
        fetch(server)
    assert "`url`" in refused.value.hint or "`auth`" in refused.value.hint
    assert "hostile" not in str(refused.value)
    assert len(server.seen) == 1


def test_a_busy_server_is_asked_again(loopback_taxii: Start) -> None:
    publisher = Publisher(b"{}", instead=malice.failing(2, 503))
    assert fetch(loopback_taxii(malice=publisher, everywhere=True)).body == b"{}"
    publisher.instead = malice.status(500)
    with pytest.raises(FeedUnavailable, match="answered 500"):
        fetch(loopback_taxii(malice=publisher, everywhere=True))


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "Application/XHTML+xml"])
def test_a_web_page_is_no_document(loopback_taxii: Start, kind: str) -> None:
    publisher = Publisher(b"<form>Sign in</form>", media_type=kind)
    with pytest.raises(FeedRefused, match="a web page, not with STIX"):
        fetch(loopback_taxii(malice=publisher, everywhere=True))


@pytest.mark.parametrize("kind", [None, "text/plain", "application/octet-stream"])
def test_file_servers_may_call_it_what_they_like(loopback_taxii: Start, kind: str | None) -> None:
    publisher = Publisher(b"{}", media_type=kind)
    assert fetch(loopback_taxii(malice=publisher, everywhere=True)).body == b"{}"
