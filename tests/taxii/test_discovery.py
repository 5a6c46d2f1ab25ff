"""From an address to a collection: versions, roots, aliases, and servers that are not asked."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from servers import malice
from servers.loopback_taxii import COLLECTION, MEDIA_TYPE, Answer, LoopbackTaxii, Malice, Seen
from servers.loopback_taxii20 import TAXII_20, LoopbackTaxii20
from tidegate.errors import FeedError, FeedRefused, FeedUnavailable
from tidegate.taxii.credential import Credential
from tidegate.taxii.dialect import DIALECTS
from tidegate.taxii.discovery import Finder
from tidegate.taxii.faults import OtherVersion, StatusRefused
from tidegate.taxii.limits import Limits
from tidegate.taxii.retry import Retry, Waiting
from tidegate.taxii.session import GuardedSession

Start = Callable[..., LoopbackTaxii]

SECRET = "s3cr3t-t0ken"
KINDS = [LoopbackTaxii, LoopbackTaxii20]


def finder(
    url: str, kind: str = "taxii", collection: str = COLLECTION, **match: list[str]
) -> Finder:
    limits, waiting = Limits(read_seconds=2, request_seconds=3), Waiting(Retry(attempts=1))
    session = GuardedSession(url, Credential("X-API-Key", SECRET), limits, waiting)
    return Finder(session, url, collection, "acme", DIALECTS[kind], match)


def listing(*roots: object, **more: object) -> dict[str, Any]:
    return {"title": "Discovery", "api_roots": list(roots), **more}


def paths(server: LoopbackTaxii) -> list[str]:
    return [seen.path for seen in server.seen]


@pytest.mark.parametrize("kind", KINDS)
def test_an_api_root_is_taken_as_it_is(loopback_taxii: Start, kind: type[LoopbackTaxii]) -> None:
    server = loopback_taxii(kind=kind)
    for url in (server.url, server.url.rstrip("/")):
        own = "taxii20" if kind is LoopbackTaxii20 else "taxii21"
        found = finder(url, own)
        assert found.server().title == "Loopback"
        assert found.server().media_type == server.media_type
        assert not found.server().listed
        assert (found.collection().root, found.collection().id) == (server.url, COLLECTION)
    assert paths(server)[:2] == ["/api1/", f"/api1/collections/{COLLECTION}/"]
    assert len(server.seen) == 4, "each thing is asked once"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "root", ["/api1/", "../api1", "{origin}/api1/", "{origin}/api1", " /api1 "]
)
def test_the_collection_is_found_through_discovery(
    loopback_taxii: Start, kind: type[LoopbackTaxii], root: str
) -> None:
    server = loopback_taxii(kind=kind)
    server.discovery = listing(root.format(origin=server.origin))
    for url in (server.discovery_url, server.discovery_url.rstrip("/")):
        found = finder(url)
        assert found.collection().root == server.url
        assert found.collection().dialect.version == ("2.0" if kind is LoopbackTaxii20 else "2.1")
        assert found.server().listed
        assert found.server().media_type == server.media_type


def test_the_default_root_is_asked_first_and_none_twice(loopback_taxii: Start) -> None:
    server = loopback_taxii()
    server.discovery = listing("/none/", "/api1/", "/api1", default="/api1/")
    finder(server.discovery_url).collection()
    assert paths(server) == ["/taxii2/", f"/api1/collections/{COLLECTION}/"]
    server.discovery = listing("/none/", "/api1/", default="/none/")
    server.seen.clear()
    assert finder(server.discovery_url).collection().root == server.url
    assert paths(server) == [
        "/taxii2/",
        f"/none/collections/{COLLECTION}/",
        "/none/collections/",
        f"/api1/collections/{COLLECTION}/",
    ]


def test_roots_on_other_servers_are_never_contacted(loopback_taxii: Start) -> None:
    other = loopback_taxii()
    server = loopback_taxii()
    strange = [
        "http://169.254.169.254/latest/",
        other.url,
        f"//127.0.0.1:{other.origin.rpartition(':')[2]}/api1/",
        server.url.replace("http:", "https:"),
        server.url.replace("://", "://user:pw@"),
        f"{server.url}?next=1",
        "http://[",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "\x1b[31m",
        7,
        None,
        "",
        {"a": 1},
    ]
    server.discovery = listing(*strange, default="http://169.254.169.254/")
    found = finder(server.discovery_url)
    with pytest.raises(StatusRefused, match=r"collection .* is not there") as refused:
        found.collection()
    assert "API roots on other servers are not contacted" in refused.value.hint
    assert "http://169.254.169.254:80" in refused.value.hint
    assert other.origin in refused.value.hint
    assert str(refused.value).isprintable()
    assert other.seen == []
    assert all(seen.path.startswith("/taxii2/") for seen in server.seen)
    server.discovery = listing(*strange, "/api1/")
    found = finder(server.discovery_url)
    assert found.collection().root == server.url
    assert other.seen == []


def test_a_server_with_a_great_many_roots_is_not_asked_for_all(loopback_taxii: Start) -> None:
    server = loopback_taxii(discovery=listing(*(f"/r{number}/" for number in range(500))))
    with pytest.raises(StatusRefused, match="is not there"):
        finder(server.discovery_url, "taxii21").collection()
    assert len(server.seen) == 1 + 2 * 50


@pytest.mark.parametrize("through_discovery", [False, True])
def test_a_collection_is_found_by_its_alias(
    loopback_taxii: Start, *, through_discovery: bool
) -> None:
    server = loopback_taxii(alias="everything", discovery=listing("/none/", "/api1/"))
    url = server.discovery_url if through_discovery else server.url
    found = finder(url, collection="everything").collection()
    assert (found.root, found.id) == (server.url, COLLECTION)


def test_what_is_not_there_names_what_is(loopback_taxii: Start) -> None:
    server = loopback_taxii(discovery=listing("/api1/"))
    for url in (server.url, server.discovery_url):
        with pytest.raises(StatusRefused, match="collection nowhere is not there at") as refused:
            finder(url, "taxii21", "nowhere").collection()
        assert f"there are: {COLLECTION}" in refused.value.hint
        assert refused.value.status == 404


def other_than(version: str, answer: Answer) -> Malice:
    """Answer so to whoever accepts another version than this."""

    def answered(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        spoken = "2.0" if "vnd.oasis" in seen.headers["accept"] else "2.1"
        return None if spoken == version else answer

    return answered


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"{}", status=406),
        Answer(b"{}", status=415),
        Answer(b'{"title": "x"}', media_type=TAXII_20),
        Answer(b"<html>", status=406, media_type="text/html"),
    ],
)
def test_a_server_that_is_not_2_1_is_asked_in_2_0(loopback_taxii: Start, answer: Answer) -> None:
    class Lenient(LoopbackTaxii20):
        def answer(self, seen: Seen) -> Answer:
            return LoopbackTaxii.answer(self, seen)

    server = loopback_taxii(kind=Lenient, malice=other_than("2.0", answer), everywhere=True)
    found = finder(server.url)
    assert found.collection().dialect.version == "2.0"
    assert len(server.seen) == 3
    with pytest.raises(OtherVersion) as refused:
        finder(server.url, "taxii21").collection()
    assert 'kind = "taxii20"' in refused.value.hint
    assert 'kind = "taxii"' in refused.value.hint


def test_a_version_may_show_with_the_collection_only(loopback_taxii: Start) -> None:
    class Undescribed(LoopbackTaxii20):
        def answer(self, seen: Seen) -> Answer:
            if seen.path == "/api1/":
                return Answer(b"{}", status=404)
            return super().answer(seen)

    server = loopback_taxii(kind=Undescribed)
    found = finder(server.url)
    assert isinstance(found.server().fault, StatusRefused)
    assert found.collection().dialect.version == "2.0"


def test_neither_version(loopback_taxii: Start) -> None:
    server = loopback_taxii(malice=malice.status(406), everywhere=True)
    with pytest.raises(FeedRefused, match=r"speaks neither TAXII 2\.1 nor 2\.0"):
        finder(server.url).collection()
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("bad", "error", "said"),
    [
        (malice.status(401), StatusRefused, "answered 401"),
        (malice.status(403), StatusRefused, "answered 403"),
        (malice.status(503), FeedUnavailable, "answered 503"),
        (malice.login_page(), FeedRefused, "answers with text/html"),
        (malice.body(b"[]"), FeedRefused, "JSON that is not TAXII"),
        (malice.status(404), StatusRefused, "is not there"),
    ],
)
def test_what_is_no_server_is_told_and_not_taken_for_another_version(
    loopback_taxii: Start, bad: Malice, error: type[FeedError], said: str
) -> None:
    server = loopback_taxii(malice=bad, everywhere=True)
    with pytest.raises(error, match=said) as refused:
        finder(server.url).collection()
    assert SECRET not in str(refused.value)
    assert not isinstance(refused.value, OtherVersion)
    assert len(server.seen) <= 3


def test_a_root_that_is_down_is_told_when_no_other_has_the_collection(
    loopback_taxii: Start,
) -> None:
    def down(_: LoopbackTaxii, seen: Seen) -> Answer | None:
        return Answer(status=503) if seen.path.startswith("/down/") else None

    roots = listing("/down/", "/api1/")
    server = loopback_taxii(malice=down, everywhere=True, discovery=roots)
    assert finder(server.discovery_url).collection().root == server.url
    with pytest.raises(FeedUnavailable, match="503"):
        finder(server.discovery_url, collection="nowhere").collection()


def test_a_filter_that_the_spoken_version_does_not_know(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackTaxii20)
    with pytest.raises(FeedRefused, match=r"TAXII 2\.0, which has no filter `match.spec_version`"):
        finder(server.url, spec_version=["2.1"]).collection()
    server = loopback_taxii()
    assert finder(server.url, spec_version=["2.1"]).collection().id == COLLECTION


@pytest.mark.parametrize("text", ["\x1b[31mred", "a" * 500])
def test_texts_of_the_server_are_made_safe(loopback_taxii: Start, text: str) -> None:
    listed = Answer(orjson.dumps({"collections": [{"id": text}, {"title": 1}, 7]}))

    def answer(_: LoopbackTaxii, seen: Seen) -> Answer | None:
        return listed if seen.path.endswith("/collections/") else None

    server = loopback_taxii(malice=answer, everywhere=True)
    with pytest.raises(StatusRefused) as refused:
        finder(server.url, collection="nowhere").collection()
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 300
    assert server.media_type == MEDIA_TYPE
