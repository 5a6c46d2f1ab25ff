"""A bundle behind an address: whole, conditional, and careful with its secret."""

import gzip
import json
from collections.abc import Callable

import pytest

from driving.homes import bundle, indicator
from servers import malice
from servers.loopback_taxii import Answer, LoopbackTaxii, Malice
from servers.publisher import Publisher
from tidegate.errors import BundleError, ConfigError, FeedRefused, FeedUnavailable, TidegateError
from tidegate.feed import HttpsSource
from tidegate.sources.base import FeedPage, check_steps
from tidegate.sources.https_bundle import Held, HttpsBundle
from tidegate.sources.publication import PAGE_OBJECTS
from tidegate.stix.repairs import NOT_A_BUNDLE
from tidegate.taxii.download import Validators
from tidegate.taxii.limits import Limits

Start = Callable[..., LoopbackTaxii]

SECRET = "s3cr3t-t0ken"
BEARER = {"kind": "bearer", "token": "env:ACME_SECRET"}
MONDAY = "Mon, 01 Jun 2026 10:00:00 GMT"
ONE = bundle([indicator(1), 7, indicator(2)])


def feed_of(server: LoopbackTaxii, *unrepaired: str, **more: object) -> HttpsBundle:
    fields = {"kind": "https", "url": Publisher.url(server), "timeout": 1, "deadline": 3}
    source = HttpsSource.model_validate({**fields, **more})
    return HttpsBundle("acme", source, {"ACME_SECRET": SECRET}, unrepaired)


def names(read: list[FeedPage]) -> list[object]:
    return [each["name"] for page in read for each in page.objects]


def test_it_is_read_whole_and_dated_by_its_server(loopback_taxii: Start) -> None:
    publisher = Publisher(ONE, '"one"', MONDAY)
    feed = feed_of(loopback_taxii(malice=publisher, everywhere=True))
    (page,) = feed.pages(None)
    assert feed.whole
    assert names([page]) == ["Sample 1", "Sample 2"]
    assert (page.junk, page.unchanged, page.repairs) == (1, False, ())
    assert page.published is not None
    assert page.published.isoformat() == "2026-06-01T10:00:00+00:00"
    assert json.loads(page.cursor or "") == {
        "etag": '"one"',
        "last_modified": MONDAY,
        "repairs": [],
        "junk": 1,
    }
    (again,) = feed.pages(page.cursor)
    assert again == FeedPage((), 1, None, page.published, unchanged=True)


def test_large_ones_come_in_pages(loopback_taxii: Start) -> None:
    objects = [{"id": f"indicator--{n}", "name": n} for n in range(PAGE_OBJECTS + 1)]
    server = loopback_taxii(malice=Publisher(bundle(objects), '"x"'), everywhere=True)
    read = list(feed_of(server, timeout=10, deadline=60).pages(None))
    assert [len(page.objects) for page in read] == [PAGE_OBJECTS, 1]


def test_without_validators_it_is_fetched_every_time(loopback_taxii: Start) -> None:
    publisher = Publisher(ONE)
    feed = feed_of(loopback_taxii(malice=publisher, everywhere=True))
    for _ in range(2):
        (page,) = feed.pages(None)
        assert (page.cursor, page.published) == (None, None)
    assert publisher.statuses == [200, 200]


@pytest.mark.parametrize(
    "cursor",
    [None, "", "2026-06-01T00:00:00Z", "{", "7", "[]", "null", "{}", '{"etag": null}'],
)
def test_a_cursor_of_another_making_asks_for_everything(cursor: str | None) -> None:
    assert Held.read(cursor) == Held()


def test_a_cursor_is_read_as_it_was_written() -> None:
    for held in (
        Held(Validators('W/"a"', MONDAY), (NOT_A_BUNDLE,)),
        Held(Validators(None, MONDAY)),
        Held(Validators('"a"')),
    ):
        assert Held.read(held.cursor()) == held
    assert Held(repairs=(NOT_A_BUNDLE,)).cursor() is None


def test_a_repair_that_is_switched_off_is_not_hidden_by_a_304(loopback_taxii: Start) -> None:
    publisher = Publisher(json.dumps([indicator(1)]).encode(), '"one"')
    server = loopback_taxii(malice=publisher, everywhere=True)
    (page,) = feed_of(server).pages(None)
    assert page.repairs == (NOT_A_BUNDLE,)
    (again,) = feed_of(server).pages(page.cursor)
    assert (again.unchanged, again.repairs) == (True, (NOT_A_BUNDLE,))
    with pytest.raises(BundleError, match="no STIX bundle"):
        list(feed_of(server, NOT_A_BUNDLE).pages(page.cursor))
    assert publisher.statuses == [200, 304, 200]


def zipped(data: bytes) -> Malice:
    return lambda *_: Answer(data, headers={"Content-Encoding": "gzip"})


def plain(data: bytes) -> Malice:
    return lambda *_: Answer(data, media_type="application/json")


CUT = ONE[: len(ONE) // 2]


@pytest.mark.parametrize(
    ("bad", "error", "said"),
    [
        (malice.login_page(), FeedRefused, "a web page"),
        (plain(b"<html>Sign in</html>"), BundleError, "not JSON"),
        (lambda *_: Answer(CUT, length=len(ONE)), FeedUnavailable, "broke off"),
        (lambda *_: Answer(CUT, length=-1), BundleError, "not JSON"),
        (zipped(gzip.compress(ONE)[:-12]), FeedUnavailable, "broke off"),
        (plain(ONE.decode().encode("utf-16")), BundleError, "not in UTF-8"),
        (malice.zipped("br"), FeedRefused, "encoding that was not asked for"),
        (malice.gzip_bomb(), FeedRefused, "more than 1 MiB"),
        (plain(b""), BundleError, "is empty"),
        (plain(b'{"error": "denied"}'), BundleError, "no STIX object"),
        (malice.status(404), FeedRefused, "answered 404"),
        (malice.status(403), FeedRefused, "answered 403"),
        (malice.status(503), FeedUnavailable, "answered 503, at the last of 4"),
        (malice.status(304), FeedRefused, "answered 304"),
        (malice.redirect("http://192.0.2.1/feed.json"), FeedRefused, "another server"),
        (malice.redirect_for_ever, FeedRefused, "more than 3 times"),
        (malice.slow_body(), FeedUnavailable, "was not done within 1 s"),
    ],
)
def test_what_is_no_bundle_ends_in_one_line(
    loopback_taxii: Start, bad: Malice, error: type[TidegateError], said: str
) -> None:
    server = loopback_taxii(malice=bad, everywhere=True)
    source = HttpsSource.model_validate(
        {"kind": "https", "url": Publisher.url(server), "auth": BEARER}
    )
    limits = Limits(read_seconds=1, request_seconds=1, response_bytes=1024**2)
    feed = HttpsBundle("acme", source, {"ACME_SECRET": SECRET}, limits=limits)
    with pytest.raises(error, match=said) as failed:
        list(feed.pages(None))
    text = str(failed.value)
    assert server.origin in text
    assert failed.value.hint
    assert text.isprintable()
    assert SECRET not in text
    assert all(seen.headers["authorization"] == f"Bearer {SECRET}" for seen in server.seen)


def test_a_redirect_within_the_server_is_followed(loopback_taxii: Start) -> None:
    publisher = Publisher(ONE, '"one"', instead=malice.redirect_within)
    (page,) = feed_of(loopback_taxii(malice=publisher, everywhere=True)).pages(None)
    assert len(page.objects) == 2


def test_check_steps_walk_from_the_address_to_the_objects(loopback_taxii: Start) -> None:
    publisher = Publisher(ONE, '"one"', MONDAY)
    server = loopback_taxii(malice=publisher, everywhere=True)
    url = Publisher.url(server)
    assert [tuple(step) for step in check_steps(feed_of(server, auth=BEARER))] == [
        ("address", True, f"{url}, bearer credential"),
        ("answer", True, f'{len(ONE)} bytes, "one", {MONDAY}'),
        ("objects", True, "2 objects, 1 entries that are none"),
    ]
    publisher.etag = publisher.last_modified = ""
    assert list(check_steps(feed_of(server)))[1].detail.endswith("fetched anew every time")


def test_check_steps_stop_where_it_fails(loopback_taxii: Start) -> None:
    publisher = Publisher(b"{")
    server = loopback_taxii(malice=publisher, everywhere=True)
    assert [step.ok for step in check_steps(feed_of(server))] == [True, True, False]
    publisher.instead = malice.status(401)
    assert [step.ok for step in check_steps(feed_of(server))] == [True, False]
    absent = {"kind": "bearer", "token": "env:ABSENT"}
    assert [step.ok for step in check_steps(feed_of(server, auth=absent))] == [False]
    with pytest.raises(ConfigError, match="ABSENT"):
        list(feed_of(server, auth=absent).pages(None))
    (step,) = check_steps(feed_of(server, url="http://feeds.example.com/b.json"))
    assert "not encrypted" in step.detail


def test_a_query_is_asked_for_and_never_told(loopback_taxii: Start) -> None:
    server = loopback_taxii(malice=Publisher(ONE), everywhere=True)
    feed = feed_of(server, url=Publisher.url(server) + "?view=hunter2")
    assert names(list(feed.pages(None))) == ["Sample 1", "Sample 2"]
    assert server.seen[0].query == {"view": "hunter2"}
    server.malice = malice.status(404)
    told = [step.detail for step in check_steps(feed)]
    assert "answered 404" in told[-1]
    assert "hunter2" not in " ".join(told)
