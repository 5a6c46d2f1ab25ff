"""Answers that are TAXII, answers that are not, and what is said about those."""

from collections.abc import Callable

import pytest

from servers import malice
from servers.loopback_taxii import COLLECTION, MEDIA_TYPE, LoopbackTaxii, Malice, indicators
from tidegate.errors import FeedError, FeedRefused, FeedUnavailable
from tidegate.taxii.collection import GuardedCollection
from tidegate.taxii.credential import Credential
from tidegate.taxii.limits import Limits
from tidegate.taxii.session import GuardedSession

Start = Callable[..., LoopbackTaxii]

SECRET = "s3cr3t-t0ken"
LIMITS = Limits(read_seconds=2, request_seconds=3)


def collection_of(server: LoopbackTaxii, collection: str = COLLECTION) -> GuardedCollection:
    session = GuardedSession(server.url, Credential("X-API-Key", SECRET), LIMITS)
    return GuardedCollection(server.url, collection, session, "acme")


def test_library_asks_and_headers_come_along(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(3))
    collection = collection_of(server)
    reply = collection.objects({"limit": 2, "added_after": "2025-01-01T00:00:00Z"})
    assert [each["name"] for each in reply.document["objects"]] == ["Sample 0", "Sample 1"]
    assert reply.added_last == "2026-01-01T00:00:00.001000Z"
    assert collection.describe() == "Everything"
    assert collection.describe_root() == "Loopback"
    assert [each["id"] for each in collection.offered()] == [COLLECTION]
    asked = server.pulls[0]
    assert asked.query == {"limit": "2", "added_after": "2025-01-01T00:00:00Z"}
    assert asked.headers["accept"] == MEDIA_TYPE
    assert asked.headers["user-agent"].startswith("tidegate")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/taxii+json",
        "application/taxii+json;version=2.1",
        'Application/TAXII+JSON; Version="2.1"',
        "application/taxii+json; charset=utf-8; version = 2.1",
        "application/stix+json;version=2.1",
        "application/json",
    ],
)
def test_media_types_that_servers_use(loopback_taxii: Start, media_type: str) -> None:
    server = loopback_taxii(indicators(1), malice=malice.media_type(media_type))
    assert len(collection_of(server).objects({}).document["objects"]) == 1


@pytest.mark.parametrize(
    ("media_type", "said"),
    [
        ("text/html; charset=utf-8", "answers with text/html, not with TAXII"),
        ("application/vnd.oasis.taxii+json; version=2.0", "does not speak TAXII 2.1"),
        ("application/taxii+json; version=2.0", "does not speak TAXII 2.1"),
        ("\x1b[31mhostile/type", "answers with 31mhostile/type, not"),
        (None, "answers with no media type"),
    ],
)
def test_media_types_that_are_not_taxii(
    loopback_taxii: Start, media_type: str | None, said: str
) -> None:
    server = loopback_taxii(indicators(1), malice=malice.media_type(media_type))
    with pytest.raises(FeedRefused, match=said) as refused:
        collection_of(server).objects({})
    assert refused.value.hint


@pytest.mark.parametrize(
    ("status", "error", "fix"),
    [
        (400, FeedRefused, "tidegate feeds rewind acme"),
        (401, FeedRefused, "`auth`"),
        (403, FeedRefused, "`auth`"),
        (404, FeedRefused, "tidegate feeds check acme"),
        (406, FeedRefused, '`kind = "taxii20"`, or `kind = "taxii"`'),
        (415, FeedRefused, '`kind = "taxii20"`, or `kind = "taxii"`'),
        (418, FeedRefused, "tidegate feeds check acme"),
        (204, FeedRefused, "tidegate feeds check acme"),
        (429, FeedUnavailable, "later"),
        (500, FeedUnavailable, "later"),
        (503, FeedUnavailable, "later"),
    ],
)
def test_statuses_name_the_fix(
    loopback_taxii: Start, status: int, error: type[FeedError], fix: str
) -> None:
    server = loopback_taxii(malice=malice.status(status))
    with pytest.raises(error) as failed:
        collection_of(server).objects({"next": "opaque"})
    text = str(failed.value)
    assert str(status) in text
    assert fix in text
    assert text.isprintable()
    for kept_back in (SECRET, "hostile", "opaque"):
        assert kept_back not in text


def test_a_collection_that_is_not_there(loopback_taxii: Start) -> None:
    server = loopback_taxii()
    with pytest.raises(FeedRefused, match="collection nowhere is not there at http://") as refused:
        collection_of(server, "nowhere").objects({})
    assert "tidegate feeds check acme" in refused.value.hint


def test_an_id_cannot_climb_the_path(loopback_taxii: Start) -> None:
    server = loopback_taxii()
    with pytest.raises(FeedRefused):
        collection_of(server, "../../admin").objects({})
    assert server.seen[0].path == "/api1/collections/..%2F..%2Fadmin/"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"not json",
        b"[]",
        b'"text"',
        b"null",
        b"[" * 100_000,
        b'{"a": NaN, "b": }',
    ],
)
def test_bodies_that_are_no_json_object(loopback_taxii: Start, data: bytes) -> None:
    server = loopback_taxii(malice=malice.body(data))
    with pytest.raises(FeedRefused, match="answers with"):
        collection_of(server).objects({})


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"a": NaN}',
        b'{"a": "\xff"}',
        b'{"id": "x", "title": NaN}',
        b'{"self": 1, "id": "x"}',
        b'{"id": 7, "title": "t", "can_read": true, "can_write": false}',
        b'{"id": "another", "title": "t", "can_read": true, "can_write": false}',
        b'{"id": "%s", "title": "t", "can_read": false, "can_write": false}' % COLLECTION.encode(),
    ],
)
def test_resources_that_are_not_what_they_should_be(loopback_taxii: Start, data: bytes) -> None:
    server = loopback_taxii(malice=malice.body(data), everywhere=True)
    with pytest.raises(FeedRefused):
        collection_of(server).objects({})
    if b"can_read" not in data:
        with pytest.raises(FeedRefused, match="not an API root"):
            collection_of(server).describe_root()


@pytest.mark.parametrize("bad", [malice.login_page(), malice.status(401)])
def test_bad_from_the_first_request_on(loopback_taxii: Start, bad: Malice) -> None:
    server = loopback_taxii(malice=bad, everywhere=True)
    with pytest.raises(FeedRefused):
        collection_of(server).objects({})
    assert len(server.seen) == 1
