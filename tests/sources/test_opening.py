"""Each kind of source opens, without touching disk or network; the rest is refused by name."""

from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from tidegate.feed import FeedDefinition, Source, parse_feed
from tidegate.sources.bundle_file import BundleFile, FolderOfBundles
from tidegate.sources.https_bundle import HttpsBundle
from tidegate.sources.opening import OPENERS, fingerprint, open_source, server_of
from tidegate.sources.taxii_collection import TaxiiCollection

TAXII = {"kind": "taxii21", "url": "https://taxii.example.com/api1/", "collection": "c"}
BEFORE_FILTERS = "82bfe89d367bf391feb929a317b23ff4f3b72980c1d58db2e11f7f69d7fa0874"


def feed(source: dict[str, Any]) -> FeedDefinition:
    fields = {"id": "acme", "title": "Acme", "licence": "CC0-1.0", "trust": 50}
    return parse_feed({**fields, "tlp_default": "amber", "source": source}, "feed.toml")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (TAXII, TaxiiCollection),
        ({**TAXII, "kind": "taxii20"}, TaxiiCollection),
        ({**TAXII, "kind": "taxii"}, TaxiiCollection),
        ({"kind": "bundle", "path": "b.json"}, BundleFile),
        ({"kind": "folder", "path": "drop"}, FolderOfBundles),
        ({"kind": "https", "url": "https://feeds.example.com/b.json"}, HttpsBundle),
    ],
)
def test_kinds_that_work(source: dict[str, Any], kind: type) -> None:
    opened = open_source(feed(source), Path("nowhere"), {})
    assert isinstance(opened, kind)
    assert source["kind"] in OPENERS


def test_every_kind_that_may_be_written_has_its_source() -> None:
    models = get_args(get_args(Source)[0])
    kinds = {kind for model in models for kind in get_args(get_type_hints(model)["kind"])}
    assert kinds == set(OPENERS)


def test_paths_start_at_the_feed_folder(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "b.json").write_text('{"objects": [{"id": "indicator--1"}]}')
    for source in ({"kind": "bundle", "path": "drop/b.json"}, {"kind": "folder", "path": "drop"}):
        (page,) = open_source(feed(source), tmp_path, {}).pages(None)
        assert len(page.objects) == 1


def test_a_fingerprint_follows_the_source_and_not_the_way_in() -> None:
    bearer = {"kind": "bearer", "token": "env:TOKEN"}
    same: list[dict[str, Any]] = [
        TAXII,
        {**TAXII, "auth": bearer},
        {**TAXII, "timeout": 5, "page_size": 10},
        {**TAXII, "url": "https://taxii.example.com/api1"},
    ]
    others: list[dict[str, Any]] = [
        {**TAXII, "url": "https://taxii.example.com/api2/"},
        {**TAXII, "url": "https://taxii.example.net/api1/"},
        {**TAXII, "collection": "d"},
        {**TAXII, "kind": "taxii20"},
        {**TAXII, "kind": "taxii"},
        {**TAXII, "match": {"type": ["indicator"]}},
        {**TAXII, "match": {"type": ["indicator", "relationship"]}},
        {"kind": "bundle", "path": "b.json"},
        {"kind": "bundle", "path": "c.json"},
        {"kind": "folder", "path": "b.json"},
    ]
    (one,) = {fingerprint(feed(source)) for source in same}
    assert len({one, *(fingerprint(feed(source)) for source in others)}) == 1 + len(others)
    assert len(one) == 64
    assert "example" not in one


def test_a_fingerprint_is_the_same_for_the_same_filters() -> None:
    words = (["indicator", "relationship"], ["relationship", "indicator"])
    assert len({fingerprint(feed({**TAXII, "match": {"type": each}})) for each in words}) == 1
    # Feeds that were pulled before there were filters are not another source for it.
    assert fingerprint(feed(TAXII)) == BEFORE_FILTERS


def test_feeds_of_one_origin_share_a_server_and_files_share_this_machine() -> None:
    def server(url: str) -> str:
        return server_of(feed({**TAXII, "url": url}))

    assert server("https://taxii.example.com/api1/") == server("https://TAXII.example.com/api2/")
    assert server("https://taxii.example.com/") != server("https://taxii.example.com:8443/")
    assert server("https://taxii.example.com/") != server("https://other.example.com/")
    assert server_of(feed({"kind": "https", "url": "https://taxii.example.com/b.json"})) == server(
        "https://taxii.example.com/api1/"
    )
    files = ({"kind": "bundle", "path": "b.json"}, {"kind": "folder", "path": "drop"})
    assert {server_of(feed(source)) for source in files} == {""}
