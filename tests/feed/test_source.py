"""Where a feed comes from, and what may not be written there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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

Read = Callable[[Mapping[str, object]], FeedDefinition]
Said = Callable[[Mapping[str, object]], str]


def test_taxii_source_is_read(read: Read) -> None:
    source = read({}).source
    assert isinstance(source, TaxiiSource)
    assert source.auth == BasicAuth(kind="basic", username="tidegate", password="env:ACME_PASSWORD")
    assert (source.timeout, source.page_size) == (30, None)


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
        ("source.auth.kind", "basci", 'unknown kind "basci" – did you mean "basic"?'),
        ("source", {"kind": "bundle", "path": "../x.json"}, "leaves the feed's folder"),
        ("source", {"kind": "folder", "path": "./"}, "must name a file, or a folder inside"),
    ],
)
def test_every_fault_is_one_line_naming_the_key(
    said: Said, path: str, value: object, sentence: str
) -> None:
    assert sentence in said({path: value})


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
    ],
)
def test_secrets_written_as_values_are_refused_and_not_repeated(
    said: Said, key: str, value: object
) -> None:
    assert "hunter2" not in said({key: value})
