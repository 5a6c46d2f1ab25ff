"""A feed's settings become the bounds and the credential of a session."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servers.loopback_taxii import LoopbackTaxii
from tidegate.errors import ConfigError
from tidegate.feed import HttpsSource, TaxiiSource
from tidegate.sources.publication import MAX_BYTES
from tidegate.sources.remote import (
    ask_time,
    credential_of,
    introduced,
    limits_of,
    session_of,
    way_of,
)
from tidegate.taxii.credential import Credential
from tidegate.taxii.proxy import Proxy
from tidegate.taxii.retry import Waiting
from tidegate.taxii.tls import ClientCertificate
from tidegate.taxii.way import Way

SECRET = "s3cr3t-t0ken"
ENVIRON = {"ACME_SECRET": SECRET}


def source_of(url: str, **more: object) -> TaxiiSource:
    return TaxiiSource.model_validate({"kind": "taxii21", "url": url, "collection": "c", **more})


def test_a_user_name_may_be_a_reference() -> None:
    auth = {"kind": "basic", "username": "env:ACME_SECRET", "password": "env:ACME_SECRET"}
    source = source_of("https://taxii.example.com/", auth=auth)
    assert introduced(source) == "basic credential"
    sent = credential_of(source, ENVIRON)
    assert sent == Credential.basic(SECRET, SECRET)
    assert credential_of(source_of("https://taxii.example.com/"), ENVIRON) is None


def test_a_feed_says_which_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    source = source_of(
        "https://taxii.example.com/",
        ca="trust/ca.pem",
        client_cert={
            "certificate": "/etc/c.pem",
            "key": "file:~/k.pem",
            "password": "env:ACME_SECRET",
        },
        proxy="http://proxy.example.com:3128",
        proxy_auth={"kind": "basic", "username": "u", "password": "env:ACME_SECRET"},
    )
    assert introduced(source) == (
        "no credential, client certificate, own authority, through http://proxy.example.com:3128"
    )
    way = way_of(source, Path("feed"), ENVIRON)
    assert way.ca == Path("feed/trust/ca.pem")
    assert way.client == ClientCertificate(Path("/etc/c.pem"), tmp_path / "k.pem", SECRET)
    sent = Credential.basic("u", SECRET).value
    assert way.proxy == Proxy("proxy.example.com", 3128, sent)
    assert SECRET not in repr(way)
    assert not way.allow_private
    assert way_of(source_of("https://taxii.example.com/"), Path(), {}) == Way()
    with pytest.raises(ConfigError, match=r"`ca`: feed/trust/ca\.pem: no such file"):
        session_of(source, Path("feed"), ENVIRON, limits_of(source), Waiting())


@pytest.mark.parametrize("missing", ["proxy_auth", "client_cert"])
def test_a_secret_on_the_way_that_is_not_there(missing: str) -> None:
    more: dict[str, object] = {
        "proxy_auth": {"kind": "basic", "username": "u", "password": "env:GONE"},
        "client_cert": {"certificate": "c.pem", "password": "env:GONE"},
    }
    proxy = {"proxy": "http://proxy.example.com:3128"} if missing == "proxy_auth" else {}
    source = source_of("https://taxii.example.com/", **proxy, **{missing: more[missing]})
    with pytest.raises(ConfigError, match="GONE is not set"):
        way_of(source, Path(), {})


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


def test_who_asks_the_time_shows_no_secret_and_takes_any_answer(
    loopback_taxii: Callable[..., LoopbackTaxii],
) -> None:
    said = datetime(2026, 6, 1, tzinfo=UTC)
    server = loopback_taxii(says=said)
    auth = {"kind": "bearer", "token": "env:ACME_SECRET"}
    heard: list[tuple[str, datetime]] = []
    source = source_of(server.url, auth=auth)
    ask_time(source, Path(), {}, lambda *word: heard.append(word))
    assert heard == [("127.0.0.1", said)]
    server.__exit__()
    ask_time(source, Path(), {}, lambda *word: heard.append(word))
    assert len(heard) == 1
