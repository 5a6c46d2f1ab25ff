"""A feed's settings become the bounds and the credential of a session."""

from tidegate.feed import HttpsSource, TaxiiSource
from tidegate.sources.publication import MAX_BYTES
from tidegate.sources.remote import credential_of, limits_of
from tidegate.taxii.session import Credential

SECRET = "s3cr3t-t0ken"
ENVIRON = {"ACME_SECRET": SECRET}


def source_of(url: str, **more: object) -> TaxiiSource:
    return TaxiiSource.model_validate({"kind": "taxii21", "url": url, "collection": "c", **more})


def test_a_user_name_may_be_a_reference() -> None:
    auth = {"kind": "basic", "username": "env:ACME_SECRET", "password": "env:ACME_SECRET"}
    sent = credential_of(source_of("https://taxii.example.com/", auth=auth), ENVIRON)
    assert sent == Credential.basic(SECRET, SECRET)
    assert credential_of(source_of("https://taxii.example.com/"), ENVIRON) is None


def test_a_feed_sets_the_limits() -> None:
    limits = limits_of(source_of("https://taxii.example.com/api1/", timeout=5, deadline=60))
    assert (limits.connect_seconds, limits.read_seconds) == (5, 5)
    assert (limits.request_seconds, limits.pull_seconds) == (60, 60)
    limits = limits_of(source_of("https://taxii.example.com/", timeout=60, deadline=900))
    assert (limits.connect_seconds, limits.request_seconds, limits.pull_seconds) == (10, 300, 900)
    assert limits.page_size == 1000
    assert limits_of(source_of("https://taxii.example.com/", page_size=50)).page_size == 50


def test_one_document_may_take_all_of_the_time() -> None:
    source = HttpsSource.model_validate(
        {"kind": "https", "url": "https://feeds.example.com/b.json", "timeout": 5, "deadline": 900}
    )
    limits = limits_of(source)
    assert (limits.read_seconds, limits.request_seconds, limits.pull_seconds) == (5, 900, 900)
    assert limits.response_bytes == MAX_BYTES
