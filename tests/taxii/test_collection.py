"""One collection in both versions: its resource, its alias, its filters, one page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
import pytest

from servers import malice
from servers.loopback_taxii import (
    COLLECTION,
    MEDIA_TYPE,
    Answer,
    LoopbackTaxii,
    Malice,
    Seen,
    indicators,
)
from servers.loopback_taxii20 import STIX_20, TAXII_20, LoopbackTaxii20
from tidegate.errors import FeedRefused
from tidegate.taxii.collection import GuardedCollection
from tidegate.taxii.dialect import V20, V21
from tidegate.taxii.faults import OtherVersion, StatusRefused
from tidegate.taxii.limits import Limits
from tidegate.taxii.paging import RANGE
from tidegate.taxii.session import GuardedSession

Start = Callable[..., LoopbackTaxii]

LIMITS = Limits(read_seconds=2, request_seconds=3)
ABOUT = {"id": COLLECTION, "title": "Everything", "can_read": True, "can_write": False}


def collection_of(
    server: LoopbackTaxii,
    collection: str = COLLECTION,
    match: Mapping[str, Sequence[str]] | None = None,
    dialect: Any = None,  # noqa: ANN401 - None: the server's own
) -> GuardedCollection:
    own = V20 if isinstance(server, LoopbackTaxii20) else V21
    session = GuardedSession(server.url, None, LIMITS)
    return GuardedCollection(server.url, collection, session, "acme", dialect or own, match or {})


def resource(**fields: object) -> Malice:
    """Answer with this collection resource to everything but requests for objects."""

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        if seen.path.endswith("/objects/"):
            return None
        return Answer(orjson.dumps({**ABOUT, **fields}))

    return answer


def test_a_page_in_2_0(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(3), kind=LoopbackTaxii20)
    collection = collection_of(server)
    reply = collection.objects({RANGE: "items=0-1"})
    assert [each["name"] for each in reply.document["objects"]] == ["Sample 0", "Sample 1"]
    assert (reply.partial, reply.content_range) == (True, "items 0-1/3")
    assert (reply.added_last, collection.media_type) == ("2026-01-01T00:00:00.001000Z", STIX_20)
    assert (collection.describe(), collection.describe_root()) == ("Everything", "Loopback")
    assert server.pulls[0].headers["accept"] == STIX_20
    assert server.seen[0].headers["accept"] == TAXII_20
    assert server.pulls[0].query == {}
    assert server.pulls[0].headers["range"] == "items=0-1"


@pytest.mark.parametrize("kind", [LoopbackTaxii, LoopbackTaxii20])
def test_filters_go_with_every_page(loopback_taxii: Start, kind: type[LoopbackTaxii]) -> None:
    server = loopback_taxii(indicators(3), kind=kind)
    match = {"type": ("indicator", "relationship"), "version": ("all",)}
    collection = collection_of(server, match=match)
    collection.objects({"added_after": "2025-01-01T00:00:00Z"})
    collection.objects({})
    for seen in server.pulls:
        assert seen.query["match[type]"] == "indicator,relationship"
        assert seen.query["match[version]"] == "all"
    assert "match[spec_version]" not in server.pulls[0].query
    assert server.pulls[0].query["added_after"] == "2025-01-01T00:00:00Z"


@pytest.mark.parametrize(("match", "named"), [({"type": ["indicator"]}, True), ({}, False)])
def test_a_refused_filter_is_named(
    loopback_taxii: Start, match: dict[str, list[str]], *, named: bool
) -> None:
    server = loopback_taxii(malice=malice.status(400))
    with pytest.raises(StatusRefused, match="answered 400") as refused:
        collection_of(server, match=match).objects({})
    assert ("`match`" in refused.value.hint) == named
    assert ("feeds rewind" in refused.value.hint) != named


def test_an_alias_leads_to_the_id(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(1), malice=resource(alias="everything"), everywhere=True)
    collection = collection_of(server, "everything")
    assert len(collection.objects({}).document["objects"]) == 1
    assert collection.id == COLLECTION
    assert [seen.path for seen in server.seen] == [
        "/api1/collections/everything/",
        f"/api1/collections/{COLLECTION}/objects/",
    ]


def test_another_collection_than_was_asked_for_is_refused(loopback_taxii: Start) -> None:
    server = loopback_taxii(malice=resource(alias="other"), everywhere=True)
    with pytest.raises(FeedRefused, match=r"is not a collection of a TAXII 2\.1 server"):
        collection_of(server, "everything").load()


def test_a_collection_that_may_not_be_read_is_not_asked_for_objects(
    loopback_taxii: Start,
) -> None:
    server = loopback_taxii(malice=resource(can_read=False), everywhere=True)
    for ask in (collection_of(server).describe, lambda: collection_of(server).objects({})):
        with pytest.raises(FeedRefused, match="does not let us read"):
            ask()
    assert server.pulls == []


def test_the_other_version_is_told_with_the_fix(loopback_taxii: Start) -> None:
    for server, dialect, said, kind in (
        (loopback_taxii(kind=LoopbackTaxii20), V21, "answered 406", "taxii20"),
        (loopback_taxii(), V20, "does not speak TAXII 2.0", "taxii21"),
    ):
        with pytest.raises(OtherVersion, match=said) as refused:
            collection_of(server, dialect=dialect).load()
        assert f'`kind = "{kind}"`, or `kind = "taxii"`' in refused.value.hint


def test_only_2_0_gives_parts(loopback_taxii: Start) -> None:
    part = Answer(b'{"objects": []}', status=206, media_type=MEDIA_TYPE)
    server = loopback_taxii(malice=lambda *_: part)
    with pytest.raises(StatusRefused, match="answered 206"):
        collection_of(server).objects({})
