"""Where a feed comes from, and what may not be written there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from tidegate.feed import (
    BasicAuth,
    BearerAuth,
    BundleSource,
    FeedDefinition,
    HeaderAuth,
    HttpsSource,
    TaxiiSource,
)

PROXY_AUTH = {"kind": "basic", "username": "tidegate", "password": "env:PROXY_PASSWORD"}

Read = Callable[[Mapping[str, object]], FeedDefinition]
Said = Callable[[Mapping[str, object]], str]


def test_taxii_source_is_read(read: Read) -> None:
    source = read({}).source
    assert isinstance(source, TaxiiSource)
    assert source.auth == BasicAuth(kind="basic", username="tidegate", password="env:ACME_PASSWORD")
    assert (source.timeout, source.page_size, source.sweep) == (30, None, timedelta(days=7))


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ({"kind": "bundle", "path": "a/b.json"}, BundleSource),
        ({"kind": "https", "url": "https://example.com/x.json"}, HttpsSource),
        (
            {"kind": "taxii20", "url": "http://127.0.0.1:1/", "collection": "c"},
            TaxiiSource,
        ),
        (
            {"kind": "taxii", "url": "https://taxii.example.com/taxii2/", "collection": "c"},
            TaxiiSource,
        ),
    ],
)
def test_source_kinds(read: Read, source: dict[str, str], kind: type) -> None:
    assert isinstance(read({"source": source}).source, kind)


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ({"kind": "bearer", "token": "keyring:acme"}, BearerAuth),
        ({"kind": "header", "name": "X-API-Key", "value": "file:~/key"}, HeaderAuth),
    ],
)
def test_auth_kinds(read: Read, auth: dict[str, str], expected: type) -> None:
    source = read({"source.auth": auth}).source
    assert isinstance(source, TaxiiSource)
    assert isinstance(source.auth, expected)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("source.auth.pasword", "x", "`source.auth`: unknown key `pasword` – did you mean"),
        ("source.collection", ..., "`source.collection` is missing"),
        ("source.match", {"typ": ["x"]}, "`source.match`: unknown key `typ` – did you mean `type`"),
        ("source.match", {"type": "indicator"}, "`source.match.type`: must be a list in brackets"),
        ("source.match", {"type": []}, "`source.match.type`: must not be empty"),
        ("source.match", {"type": ["a,b"]}, "`source.match.type`: must have the form"),
        ("source.url", "ftp://example.com/", "`source.url`: is not an address"),
        ("source.url", "https://example.com:99999/", "`source.url`: is not an address"),
        ("source.url", "http://example.com/", "would send the credentials in clear"),
        ("source.url", "https://example.com/api1/?a=b", "an API root has not"),
        ("source.ca", "../ca.pem", "`source.ca`: leaves the folder of this file"),
        (
            "source.client_cert",
            "client.pem",
            "a table of keys (certificate, key, password)",
        ),
        ("source.client_cert", {"key": "k.pem"}, "`source.client_cert.certificate` is missing"),
        ("source.client_cert", {"certificate": "c", "key": "env:K"}, "must be a file"),
        (
            "source.client_cert",
            {"certificate": "c", "key": "file:../k"},
            "leaves the folder of this",
        ),
        ("source.proxy", "https://proxy.example.com:3128", "is not a proxy such as"),
        ("source.proxy", "http://proxy.example.com", "is not a proxy such as"),
        ("source.proxy", "http://[::1", "is not a proxy such as"),
        ("source.proxy", "http://proxy.example.com:1/?a", "is not a proxy such as"),
        ("source.proxy_auth", PROXY_AUTH, "`proxy_auth` without `proxy`"),
        ("source.allow_private", "yes", "`source.allow_private`: must be true or false"),
        ("source.path", "x", "unknown key `path` – did you mean `url`?"),
        ("source.token", "x", "unknown key `token` – did you mean `auth`?"),
        ("source", {"kind": "bundle", "url": "x"}, "unknown key `url` – did you mean `path`?"),
        ("source.auth.kind", "basci", 'unknown kind "basci" – did you mean "basic"?'),
        ("source", {"kind": "bundle", "path": "../x.json"}, "leaves the folder of this file"),
        ("source", {"kind": "folder", "path": "./"}, "must name a file, or a folder inside"),
    ],
)
def test_every_fault_is_one_line_naming_the_key(
    said: Said, path: str, value: object, sentence: str
) -> None:
    assert sentence in said({path: value})


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("7d", timedelta(days=7)),
        ("1h", timedelta(hours=1)),
        (" 2W ", timedelta(weeks=2)),
        ("never", None),
    ],
)
def test_how_often_a_collection_is_read_from_its_beginning(
    read: Read, text: str, every: timedelta | None
) -> None:
    source = read({"source.sweep": text}).source
    assert isinstance(source, TaxiiSource)
    assert source.sweep == every


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("59m", "`source.sweep`: must be one hour or more, or "),
        ("0d", "`source.sweep`: '0d' is a term of no length"),
        ("7 days", "`source.sweep`: '7 days' is not a term: write a number and m, h, d or w"),
        ("-7d", "`source.sweep`: '-7d' is not a term"),
        ("", "`source.sweep`: '' is not a term"),
        (7, "`source.sweep`: must be a term in quotes"),
        (True, "`source.sweep`: must be a term in quotes"),
        (["7d"], "`source.sweep`: must be a term in quotes"),
    ],
)
def test_a_sweep_that_is_no_term_is_told_what_one_is(
    said: Said, value: object, sentence: str
) -> None:
    assert sentence in said({"source.sweep": value})


def test_a_publication_has_no_sweep(said: Said) -> None:
    source = {"kind": "https", "url": "https://example.com/x.json", "sweep": "7d"}
    assert "`source`: unknown key `sweep`" in said({"source": source})


def test_filters_are_read(read: Read) -> None:
    source = read({"source.match": {"type": ["indicator"], "spec_version": ["2.1"]}}).source
    assert isinstance(source, TaxiiSource)
    assert source.match is not None
    assert source.match.model_dump(exclude_none=True) == {
        "type": ("indicator",),
        "spec_version": ("2.1",),
    }


def test_a_filter_that_the_version_does_not_know_is_an_error(said: Said) -> None:
    source = {"kind": "taxii20", "url": "https://taxii.example.com/", "collection": "c"}
    assert "`match.spec_version` is a filter of TAXII 2.1" in said(
        {"source": {**source, "match": {"spec_version": ["2.1"]}}}
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("source.auth.password", "hunter2"),
        ("source.auth.password", ["hunter2"]),
        ("source.url", "https://u:hunter2@example.com/"),
        ("source.url", "https://example.com/?apikey=hunter2"),
        ("source.proxy", "http://u:hunter2@proxy.example.com:3128"),
        ("source.proxy_auth", {"kind": "basic", "username": "u", "password": "hunter2"}),
        ("source.client_cert", {"certificate": "c", "password": "hunter2"}),
        ("source.client_cert", {"certificate": "c", "password": ["hunter2"]}),
    ],
)
def test_secrets_written_as_values_are_refused_and_not_repeated(
    said: Said, key: str, value: object
) -> None:
    assert "hunter2" not in said({key: value})


def test_the_way_to_a_server_is_said_per_feed(read: Read) -> None:
    source = read(
        {
            "source.ca": "ca.pem",
            "source.client_cert": {
                "certificate": "/etc/tidegate/client.pem",
                "key": "file:client.key",
                "password": "keyring:client-key",
            },
            "source.proxy": "http://proxy.example.com:3128",
            "source.proxy_auth": PROXY_AUTH,
            "source.allow_private": True,
        }
    ).source
    assert isinstance(source, TaxiiSource)
    assert source.client_cert
    assert source.client_cert.key == "client.key"
    assert source.proxy_auth
    assert source.allow_private


@pytest.mark.parametrize("key", ["ca", "proxy", "client_cert"])
def test_what_is_for_tls_does_not_pretend_to_work_without(said: Said, key: str) -> None:
    value = {"ca": "ca.pem", "proxy": "http://192.0.2.1:3128", "client_cert": {"certificate": "c"}}
    source = {"kind": "https", "url": "http://127.0.0.1:1/x.json", key: value[key]}
    assert f"`{key}` is for https://" in said({"source": source})


@pytest.mark.parametrize(
    "query",
    ["key=x", "apikey=x", "API-KEY=x", "api_key=", "access_token=x", "auth=x", "a=b&sig=x",
     "client_secret=x", "password=x", "X-Amz-Signature=x", "user=x", "subscription-key=x"],
)  # fmt: skip
def test_a_query_that_signs_in_is_refused_and_not_shown(said: Said, query: str) -> None:
    source = {"kind": "https", "url": f"https://example.com/b.json?{query}hunter2"}
    text = said({"source": source})
    assert "give that as `auth`" in text
    assert query not in text


@pytest.mark.parametrize(
    "query", ["format=stix", "a=b&page=1", "days=30&keyword=x", "v", "tlp=white"]
)
def test_another_query_is_part_of_a_documents_address(read: Read, query: str) -> None:
    source = read(
        {"source": {"kind": "https", "url": f"https://example.com/b.json?{query}"}}
    ).source
    assert isinstance(source, HttpsSource)
    assert source.url.endswith(query)
