"""A TAXII collection as a feed: complete, incremental, and careful with its secret."""

from collections.abc import Callable
from pathlib import Path

import pytest

from servers import malice
from servers.loopback_taxii import (
    COLLECTION,
    MEDIA_TYPE,
    Answer,
    LoopbackTaxii,
    Malice,
    Seen,
    added,
    indicators,
)
from servers.loopback_taxii20 import STIX_20, TAXII_20, LoopbackTaxii20
from tidegate.errors import ConfigError, FeedRefused, FeedUnavailable, TidegateError
from tidegate.feed import TaxiiSource
from tidegate.service.demo_server import DemoServer
from tidegate.sources.base import FeedPage, FeedSource, check_steps
from tidegate.sources.remote import credential_of
from tidegate.sources.taxii_collection import TaxiiCollection
from tidegate.taxii.faults import OtherVersion

Start = Callable[..., LoopbackTaxii]

SECRET = "s3cr3t-t0ken"
ENVIRON = {"ACME_SECRET": SECRET}
AUTHS: list[dict[str, str]] = [
    {"kind": "basic", "username": "tidegate", "password": "env:ACME_SECRET"},
    {"kind": "bearer", "token": "env:ACME_SECRET"},
    {"kind": "header", "name": "X-API-Key", "value": "env:ACME_SECRET"},
]


def source_of(url: str, **more: object) -> TaxiiSource:
    fields = {"kind": "taxii21", "url": url, "collection": COLLECTION, "timeout": 1, "deadline": 5}
    return TaxiiSource.model_validate({**fields, **more})


def feed_of(url: str, **more: object) -> FeedSource:
    return TaxiiCollection("acme", source_of(url, **more), ENVIRON)


def names(read: list[FeedPage]) -> list[object]:
    return [each["name"] for page in read for each in page.objects]


@pytest.mark.parametrize("page_size", [None, 7, 100])
def test_medallion_arrives_complete_and_then_has_nothing_new(page_size: int | None) -> None:
    objects = indicators(60)
    with DemoServer({COLLECTION: ("Everything", objects)}, "tidegate", SECRET) as server:
        feed = feed_of(server.url, auth=AUTHS[0], page_size=page_size)
        read = list(feed.pages(None))
        assert sorted(map(str, names(read))) == sorted(each["name"] for each in objects)
        again = list(feed.pages(read[-1].cursor))
    assert len(read) == (9 if page_size == 7 else 1)
    assert read[-1].cursor
    assert names(again) == []
    assert not feed.whole


def test_medallion_goes_on_from_any_page() -> None:
    with DemoServer({COLLECTION: ("Everything", indicators(40))}, "tidegate", SECRET) as server:
        feed = feed_of(server.url, auth=AUTHS[0], page_size=10)
        read = list(feed.pages(None))
        cursor = next(page.cursor for page in read if page.cursor)
        later = list(feed.pages(cursor))
    assert set(names(read)) == set(names(later)) | set(names(read[:1]))
    assert len(names(later)) == 30


def test_medallion_asks_for_the_password() -> None:
    with (
        DemoServer({COLLECTION: ("Everything", [])}, "tidegate", "another") as server,
        pytest.raises(FeedRefused, match="answered 401") as refused,
    ):
        list(feed_of(server.url, auth=AUTHS[0]).pages(None))
    assert "`auth`" in refused.value.hint


def test_twenty_thousand_objects_arrive(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(20_000))
    read = list(feed_of(server.url, timeout=10, deadline=60).pages(None))
    assert names(read) == [f"Sample {number}" for number in range(20_000)]
    assert read[-1].cursor == added(19_999)
    assert len(server.pulls) == 20


@pytest.mark.parametrize("auth", AUTHS, ids=lambda auth: auth["kind"])
def test_secrets_go_to_the_origin_only(loopback_taxii: Start, auth: dict[str, str]) -> None:
    other = loopback_taxii(indicators(1))
    server = loopback_taxii(indicators(1))
    assert names(list(feed_of(server.url, auth=auth).pages(None))) == ["Sample 0"]
    sent = credential_of(source_of(server.url, auth=auth), ENVIRON)
    assert sent is not None
    assert {seen.headers[sent.header.lower()] for seen in server.seen} == {sent.value}
    server.malice = malice.redirect(f"{other.url}collections/{COLLECTION}/objects/", 307)
    with pytest.raises(FeedRefused) as refused:
        list(feed_of(server.url, auth=auth).pages(None))
    assert other.seen == []
    assert SECRET not in str(refused.value)


def test_environment_is_not_asked_for_proxies_or_logins(
    loopback_taxii: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, proxy = loopback_taxii(indicators(3)), loopback_taxii()
    (tmp_path / "netrc").write_text("default login thief password stolen\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", proxy.origin)
    monkeypatch.setenv("http_proxy", proxy.origin)
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    assert len(names(list(feed_of(server.url).pages(None)))) == 3
    assert proxy.seen == []
    assert all("authorization" not in seen.headers for seen in server.seen)


def test_a_secret_that_is_not_there(loopback_taxii: Start) -> None:
    server = loopback_taxii()
    feed = feed_of(server.url, auth={"kind": "bearer", "token": "env:ABSENT"})
    with pytest.raises(ConfigError, match="ABSENT"):
        list(feed.pages(None))
    assert server.seen == []


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (malice.silent, FeedUnavailable),
        (malice.truncated, FeedUnavailable),
        (malice.status(503), FeedUnavailable),
        (malice.status(404), FeedRefused),
        (malice.login_page(), FeedRefused),
        (malice.body(b'{"more": '), FeedRefused),
        (malice.redirect_for_ever, FeedRefused),
    ],
    ids=["silent", "truncated", "503", "404", "login", "half JSON", "redirects"],
)
def test_bad_servers_end_in_one_line(
    loopback_taxii: Start, bad: Malice, error: type[TidegateError]
) -> None:
    server = loopback_taxii(indicators(5), malice=bad)
    with pytest.raises(error) as failed:
        list(feed_of(server.url, auth=AUTHS[2]).pages(None))
    text = str(failed.value)
    assert server.origin in text
    assert failed.value.hint
    assert text.isprintable()
    assert SECRET not in text


def test_an_odd_token_costs_its_object_and_no_other(loopback_taxii: Start) -> None:
    good = b'{"type": "indicator", "id": "indicator--1", "name": "good"}'
    odd = b'{"type": "indicator", "id": "indicator--2", "name": %s}'
    tokens = (rb'"\ud800"', b"NaN", b"1e999", b"9" * 5_000, b"[" * 300 + b"]" * 300)
    entries = b", ".join([good, *(odd % token for token in tokens)])
    data = b'{"more": true, "next": "\\ud800", "x": NaN, "objects": [%s]}' % entries
    server = loopback_taxii(malice=malice.body(data))
    # The token for the next page is odd, too, and so is none: the pull ends there and says so.
    (page,) = feed_of(server.url).pages(None)
    assert names([page]) == ["good"]
    assert page.junk == len(tokens)
    assert "not how to ask" in page.note


def test_check_steps_survive_an_odd_title(loopback_taxii: Start) -> None:
    about = b'{"id": "%s", "title": "\\ud800", "can_read": true, "can_write": false}'
    answers = malice.body(about % COLLECTION.encode())
    server = loopback_taxii(malice=answers, everywhere=True)
    for step in check_steps(feed_of(server.url)):
        assert step.detail.encode()


def test_check_steps_walk_to_the_first_page(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(5))
    steps = list(check_steps(feed_of(server.url, auth=AUTHS[1])))
    assert [tuple(step) for step in steps] == [
        ("settings", True, "address, bearer credential"),
        ("API root", True, f"Loopback; TAXII 2.1 as {MEDIA_TYPE}"),
        ("collection", True, "Everything"),
        ("objects", True, f"gives objects; TAXII 2.1 as {MEDIA_TYPE}"),
    ]
    assert list(check_steps(feed_of(loopback_taxii().url)))[-1].detail.startswith("is empty")


def test_check_steps_name_what_is_there_instead(loopback_taxii: Start) -> None:
    server = loopback_taxii()
    last = list(check_steps(feed_of(server.url, collection="nowhere")))[-1]
    assert (last.step, last.ok) == ("collection", False)
    assert f"there are: {COLLECTION}" in last.detail


def test_check_steps_stop_where_it_fails(loopback_taxii: Start) -> None:
    absent = {"kind": "bearer", "token": "env:ABSENT"}
    server = loopback_taxii(malice=malice.status(401), everywhere=True)
    for more, failed in (({"auth": absent}, "settings"), ({"auth": AUTHS[0]}, "API root")):
        steps = list(check_steps(feed_of(server.url, **more)))
        assert (steps[-1].step, steps[-1].ok) == (failed, False)
    server.malice = malice.status(404)
    steps = list(check_steps(feed_of(server.url)))
    assert [(step.step, step.ok) for step in steps[1:]] == [
        ("API root", True),
        ("collection", False),
    ]
    assert "does not describe itself" in steps[1].detail
    steps = list(check_steps(feed_of("http://taxii.example.com/")))
    assert [(step.step, step.ok) for step in steps] == [("settings", False)]


# -- versions, discovery and pins ------------------------------------------------------------------


class Memory:
    """Keeps a pin as the ledger does."""

    def __init__(self) -> None:
        self.kept: tuple[str, str, str] | None = None

    def recall(self) -> tuple[str, str, str] | None:
        return self.kept

    def keep(self, version: str, root: str, collection: str) -> None:
        self.kept = (version, root, collection)


def pinned(url: str, pin: Memory, **more: object) -> FeedSource:
    return TaxiiCollection("acme", source_of(url, **more), ENVIRON, pin=pin)


def discovery(*roots: str) -> dict[str, object]:
    return {"title": "Both", "api_roots": list(roots)}


@pytest.mark.parametrize("kind", ["taxii", "taxii20"])
def test_a_2_0_collection_arrives_complete_and_then_has_nothing_new(
    loopback_taxii: Start, kind: str
) -> None:
    server = loopback_taxii(indicators(2_500), kind=LoopbackTaxii20)
    feed = feed_of(server.url, kind=kind, auth=AUTHS[1], timeout=10, deadline=60)
    read = list(feed.pages(None))
    assert names(read) == [f"Sample {number}" for number in range(2_500)]
    assert (len(read), read[-1].cursor) == (3, added(2_499))
    assert names(list(feed.pages(read[-1].cursor))) == []
    assert {seen.headers["authorization"] for seen in server.seen} == {f"Bearer {SECRET}"}


def test_a_2_0_server_asked_in_2_1_names_the_fix(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(1), kind=LoopbackTaxii20)
    with pytest.raises(OtherVersion) as refused:
        list(feed_of(server.url).pages(None))
    assert 'kind = "taxii20"' in refused.value.hint
    assert server.pulls == []


@pytest.mark.parametrize("server_kind", [LoopbackTaxii, LoopbackTaxii20])
def test_what_was_found_out_is_asked_directly_by_the_next_pull(
    loopback_taxii: Start, server_kind: type[LoopbackTaxii]
) -> None:
    pin = Memory()
    server = loopback_taxii(
        indicators(3), kind=server_kind, discovery=discovery("/none/", "/api1/"), alias="all"
    )
    feed = pinned(server.discovery_url, pin, kind="taxii", collection="all")
    assert len(names(list(feed.pages(None)))) == 3
    assert pin.kept == ("2.0" if server_kind is LoopbackTaxii20 else "2.1", server.url, COLLECTION)
    server.seen.clear()
    assert len(names(list(feed.pages(None)))) == 3
    assert [seen.path for seen in server.seen] == [
        f"/api1/collections/{COLLECTION}/",
        f"/api1/collections/{COLLECTION}/objects/",
    ]


@pytest.mark.parametrize(
    "kept",
    [
        ("2.1", "/old/", COLLECTION),  # the root has moved
        ("2.1", "/api1/", "0"),  # the collection has another id behind its alias
        ("2.0", "/api1/", COLLECTION),  # the server speaks another version now
    ],
)
def test_a_pin_that_no_longer_holds_is_looked_for_afresh_once(
    loopback_taxii: Start, kept: tuple[str, str, str]
) -> None:
    def no_2_0(_: LoopbackTaxii, seen: Seen) -> Answer | None:
        return Answer(status=406) if "vnd.oasis" in seen.headers["accept"] else None

    pin = Memory()
    server = loopback_taxii(
        indicators(25),
        malice=no_2_0,
        everywhere=True,
        discovery=discovery("/api1/"),
        alias="all",
        max_page=10,
    )
    pin.keep(kept[0], server.origin + kept[1], kept[2])
    feed = pinned(server.discovery_url, pin, kind="taxii", collection="all")
    read = list(feed.pages(added(4)))
    assert len(names(read)) == 20
    assert "looked for afresh" in read[-1].aside
    assert read[-1].note == ""
    assert pin.kept == ("2.1", server.url, COLLECTION)
    assert list(feed.pages(added(4)))[-1].aside == ""


def test_a_pin_that_leads_to_the_same_refusal_is_not_asked_twice(loopback_taxii: Start) -> None:
    pin = Memory()
    server = loopback_taxii(indicators(3))
    feed = pinned(server.url, pin)
    list(feed.pages(None))
    kept = pin.kept
    server.malice = malice.status(404)
    pulls = len(server.pulls)
    with pytest.raises(FeedRefused, match="answered 404"):
        list(feed.pages(None))
    assert len(server.pulls) == pulls + 1
    assert pin.kept == kept


@pytest.mark.parametrize("bad", [malice.status(401), malice.status(503), malice.login_page()])
def test_other_faults_are_no_reason_to_look_afresh(loopback_taxii: Start, bad: Malice) -> None:
    pin = Memory()
    server = loopback_taxii(indicators(3), malice=bad, everywhere=True)
    pin.keep("2.1", server.url, COLLECTION)
    with pytest.raises(TidegateError):
        list(pinned(server.url, pin, deadline=1).pages(None))
    assert {seen.path for seen in server.seen} == {f"/api1/collections/{COLLECTION}/"}


def test_a_pin_cannot_lead_to_another_server(loopback_taxii: Start) -> None:
    other, server, pin = loopback_taxii(indicators(1)), loopback_taxii(indicators(1)), Memory()
    pin.keep("2.1", other.url, COLLECTION)
    with pytest.raises(FeedRefused, match="was not contacted"):
        list(pinned(server.url, pin, auth=AUTHS[0]).pages(None))
    assert other.seen == []


def test_a_pull_that_fails_pins_nothing(loopback_taxii: Start) -> None:
    pin, server = Memory(), loopback_taxii(malice=malice.status(403))
    with pytest.raises(FeedRefused):
        list(pinned(server.url, pin).pages(None))
    assert pin.kept is None


def test_medallion_is_found_through_its_discovery() -> None:
    with DemoServer({COLLECTION: ("Everything", indicators(5))}, "tidegate", SECRET) as server:
        url = server.url.replace("/demo/", "/taxii2/")
        feed = feed_of(url, kind="taxii", auth=AUTHS[0])
        assert len(names(list(feed.pages(None)))) == 5
        steps = list(check_steps(feed))
    assert [step.step for step in steps] == [
        *("settings", "discovery", "API root", "collection", "objects"),
    ]
    assert all(step.ok for step in steps)


@pytest.mark.parametrize(
    ("server_kind", "version", "resource", "objects"),
    [
        (LoopbackTaxii, "2.1", MEDIA_TYPE, MEDIA_TYPE),
        (LoopbackTaxii20, "2.0", TAXII_20, STIX_20),
    ],
)
def test_check_steps_walk_from_discovery_in_both_versions(
    loopback_taxii: Start,
    server_kind: type[LoopbackTaxii],
    version: str,
    resource: str,
    objects: str,
) -> None:
    strange = "http://169.254.169.254/latest/"
    told = "API roots on other servers are not contacted: http://169.254.169.254:80"
    server = loopback_taxii(
        indicators(5), kind=server_kind, discovery=discovery(strange, "/api1/", "/none/")
    )
    steps = list(check_steps(feed_of(server.discovery_url, kind="taxii", auth=AUTHS[1])))
    assert [tuple(step) for step in steps] == [
        ("settings", True, "address, bearer credential"),
        ("discovery", True, f"Both; TAXII {version} as {resource}; {told}"),
        ("API root", True, "2 on this server"),
        ("collection", True, f"Everything, id {COLLECTION} at {server.url}"),
        ("objects", True, f"gives objects; TAXII {version} as {objects}"),
    ]


@pytest.mark.parametrize(
    ("roots", "step", "said"),
    [
        (["http://169.254.169.254/latest/"], "API root", "not contacted: http://169.254.169.254"),
        ([], "API root", "names no API root"),
        (["/none/"], "collection", "looked for in every API root"),
    ],
)
def test_check_steps_say_where_discovery_ends(
    loopback_taxii: Start, roots: list[str], step: str, said: str
) -> None:
    server = loopback_taxii(discovery=discovery(*roots))
    last = list(check_steps(feed_of(server.discovery_url)))[-1]
    assert (last.step, last.ok) == (step, False)
    assert said in last.detail


def test_check_steps_name_a_version_and_a_right_that_are_missing(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackTaxii20)
    last = list(check_steps(feed_of(server.url)))[-1]
    assert (last.step, last.ok) == ("API root", False)
    assert 'kind = "taxii20"' in last.detail
    about = b'{"id": "%s", "title": "t", "can_read": false, "can_write": true}'
    body = malice.body(about % COLLECTION.encode())
    server = loopback_taxii(malice=body, everywhere=True)
    last = list(check_steps(feed_of(server.url)))[-1]
    assert (last.step, last.ok) == ("collection", False)
    assert "does not let us read" in last.detail


def test_filters_are_sent_and_a_refused_one_is_named(loopback_taxii: Start) -> None:
    server = loopback_taxii(indicators(25), max_page=10)
    feed = feed_of(server.url, match={"type": ["indicator", "relationship"]})
    assert len(names(list(feed.pages(None)))) == 25
    assert {seen.query.get("match[type]") for seen in server.pulls} == {"indicator,relationship"}
    assert len(server.pulls) == 3
    server.malice = malice.status(400)
    with pytest.raises(FeedRefused, match="answered 400") as refused:
        list(feed.pages(None))
    assert "`match`" in refused.value.hint
