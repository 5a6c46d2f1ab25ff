"""A TAXII collection as a feed: complete, incremental, and careful with its secret."""

from collections.abc import Callable
from pathlib import Path

import pytest

from servers import malice
from servers.loopback_taxii import COLLECTION, LoopbackTaxii, Malice, added, indicators
from tidegate.errors import ConfigError, FeedRefused, FeedUnavailable, TidegateError
from tidegate.feed import TaxiiSource
from tidegate.service.demo_server import DemoServer
from tidegate.sources.base import FeedPage, FeedSource, check_steps
from tidegate.sources.remote import credential_of
from tidegate.sources.taxii_collection import TaxiiCollection

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
        ("API root", True, "Loopback"),
        ("collection", True, "Everything"),
        ("objects", True, "gives objects"),
    ]
    assert list(check_steps(feed_of(loopback_taxii().url)))[-1].detail == "is empty"


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
