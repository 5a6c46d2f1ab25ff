"""The demo's server: real TAXII on loopback, several at once, gone when the block ends."""

import sys
import threading
import time

import pytest
import requests

from servers.loopback_taxii import indicators
from tidegate.errors import ConfigError
from tidegate.service.demo_server import DemoServer

USER = ("tidegate", "demo")


def get(url: str, **options: str) -> requests.Response:
    accept = {"Accept": "application/taxii+json;version=2.1"}
    return requests.get(url, auth=USER, headers=accept, params=options, timeout=5)


def test_it_serves_its_collections_on_loopback() -> None:
    with DemoServer({"c2": ("C2", indicators(3)), "empty": ("Empty", [])}, *USER) as server:
        assert server.url.startswith("http://127.0.0.1:")
        assert get(server.url).json()["title"] == "Tidegate demo"
        assert get(server.collection_url("c2")).json()["title"] == "C2"
        page = get(server.collection_url("c2") + "objects/").json()
        assert {each["name"] for each in page["objects"]} == {"Sample 0", "Sample 1", "Sample 2"}
        assert "_date_added" not in page["objects"][0]
        assert get(server.collection_url("empty") + "objects/").json() == {}
        assert requests.get(server.url, timeout=5).status_code == 401


def test_objects_without_version_are_served_too() -> None:
    address = {"type": "ipv4-addr", "id": "ipv4-addr--1", "value": "198.51.100.7"}
    marking = {"type": "marking-definition", "id": "marking-definition--1"}
    marking["created"] = "2026-01-01T00:00:00Z"
    with DemoServer({"mixed": ("Mixed", [address, marking])}, *USER) as server:
        page = get(server.collection_url("mixed") + "objects/").json()
    assert len(page["objects"]) == 2


def test_two_at_once_and_a_clean_end(capfd: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    with (
        DemoServer({"a": ("A", indicators(1))}, *USER) as one,
        DemoServer({"a": ("B", indicators(2))}, *USER) as two,
    ):
        assert get(one.collection_url("a")).json()["title"] == "A"
        assert get(two.collection_url("a")).json()["title"] == "B"
        url = one.url
    with pytest.raises(requests.ConnectionError):
        get(url)
    names = [thread.name for thread in threading.enumerate()]
    assert "demo-taxii-server" not in names
    assert threading.active_count() - before <= 2  # medallion's own timers, which are daemons
    assert capfd.readouterr() == ("", "")


def test_collections_of_demo_size_answer_fast() -> None:
    with DemoServer({"a": ("A", indicators(250))}, *USER) as server:
        started = time.monotonic()
        assert get(server.collection_url("a") + "objects/", limit="100").json()["more"] is True
        assert time.monotonic() - started < 5


def test_without_medallion_the_fix_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "medallion", None)
    with pytest.raises(ConfigError) as refused:
        DemoServer({}, *USER)
    assert "tidegate[demo]" in refused.value.hint
