"""An entry covers what it means, however it or the value is spelled, and nothing else."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.value import classify
from tidegate.mapping.warninglist import Form, Warninglist, read_warninglist
from tidegate.mapping.warninglist_match import Hit, Warninglists

EVERYTHING = frozenset(IndicatorType)


def one(form: Form, *entries: str, kinds: frozenset[IndicatorType] = EVERYTHING) -> Warninglists:
    return Warninglists([Warninglist("key", "Name", form, entries, kinds)])


def entry(lists: Warninglists, written: str) -> str:
    """Return the entry that holds a value as people write it; empty when none does."""
    hits = lists.check(*classify(written))
    return hits[0].entry if hits else ""


@pytest.mark.parametrize(
    ("form", "listed", "written", "found"),
    [
        ("string", "A.Example.COM.", "a.example.com", "a.example.com"),
        ("string", "a.example.com", "A.EXAMPLE.com.", "a.example.com"),
        ("string", "a.example.com", "b.a.example.com", ""),
        ("string", "a.example.com", "https://a.example.com:8443/x", "a.example.com"),
        ("string", ".example.com", "b.a.example.com", "example.com"),
        ("string", ".example.com", "example.com", "example.com"),
        ("string", "*.example.com", "a.example.com", "example.com"),
        ("string", "bücher.example.com", "xn--bcher-kva.example.com", "xn--bcher-kva.example.com"),
        ("string", "https://A.example.com/x", "https://a.example.com/x", "https://a.example.com/x"),
        ("string", "https://a.example.com/x", "https://a.example.com/y", ""),
        ("string", "192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("string", "AB" * 16, "ab" * 16, "ab" * 16),
        ("string", "3::", "ab" * 16, ""),
        ("hostname", "example.com", "www.example.com", "example.com"),
        ("hostname", "example.com", "http://www.example.com/x", "example.com"),
        ("hostname", "example.com", "myexample.com", ""),
        ("hostname", "example.com", "example.com.example.net", ""),
        ("hostname", "example.com", "http://a.example.net/example.com", ""),
        ("cidr", "192.0.2.0/24", "192.0.2.255", "192.0.2.0/24"),
        ("cidr", "192.0.2.9/24", "192.0.2.1", "192.0.2.0/24"),
        ("cidr", "192.0.2.0/24", "192.0.3.0", ""),
        ("cidr", "0.0.0.0/0", "192.0.3.0", "0.0.0.0/0"),
        ("cidr", "192.0.2.1", "http://192.0.2.1:8080/x", "192.0.2.1"),
        ("cidr", "192.0.2.0/24", "64:ff9b::192.0.2.1", "192.0.2.0/24"),
        ("cidr", "::ffff:192.0.2.0/120", "192.0.2.1", "192.0.2.0/24"),
        ("cidr", "2001:DB8::/32", "2001:db8:0:0:0:0:0:1", "2001:db8::/32"),
        ("cidr", "2001:db8::0001", "http://[2001:db8::1]/", "2001:db8::1"),
        ("cidr", "2001:db8::/32", "2001:db9::1", ""),
        ("cidr", "2001:db8::/32", "192.0.2.1", ""),
        ("substring", "Evil-", "a.evil-site.example.com", "evil-"),
        ("substring", "evil-", "a.evil.example.com", ""),
        (
            "regex",
            r"/^www[0-9]\.EXAMPLE\.com$/i",
            "WWW1.example.com.",
            r"/^www[0-9]\.EXAMPLE\.com$/i",
        ),
        ("regex", r"^a\.example\.com$", "https://A.example.com:8443/x?y", r"^a\.example\.com$"),
        ("regex", r"^https://a\..*/x$", "https://a.example.com/x", r"^https://a\..*/x$"),
        ("regex", r"^https://a\..*/x$", "a.example.com", ""),
        ("regex", r"^192\.0\.2\.", "192.0.2.7", r"^192\.0\.2\."),
        ("regex", r"^192\.0\.2\.", "http://0xC0000207/", r"^192\.0\.2\."),
        ("regex", "^2001:db8:0:0:0:0:0:1$", "http://[2001:DB8::1]/", "^2001:db8:0:0:0:0:0:1$"),
        ("regex", "^2001:db8:0:0:0:0:0:1$", "2001:DB8::1", "^2001:db8:0:0:0:0:0:1$"),
        ("regex", "^(AB)+$", "ab" * 16, "^(AB)+$"),
    ],
)
def test_entries(form: Form, listed: str, written: str, found: str) -> None:
    assert entry(one(Form(form), listed), written) == found


def test_a_list_speaks_only_of_its_kinds() -> None:
    names = one(Form.STRING, "ab" * 16, kinds=frozenset({IndicatorType.DOMAIN_NAME}))
    assert entry(names, "ab" * 16) == ""
    hashes = one(Form.HOSTNAME, "example.com", kinds=frozenset({IndicatorType.FILE_MD5}))
    assert entry(hashes, "example.com") == ""
    hosts = one(Form.HOSTNAME, "example.com", kinds=frozenset({IndicatorType.DOMAIN_NAME}))
    assert entry(hosts, "https://example.com/") == "example.com"


def test_the_path_of_a_url_is_for_lists_of_urls_only() -> None:
    names, urls = (
        one(Form.REGEX, r"trusted\.example", kinds=frozenset({kind}))
        for kind in (IndicatorType.DOMAIN_NAME, IndicatorType.URL)
    )
    assert entry(names, "https://trusted.example.com/") == r"trusted\.example"
    assert entry(names, "https://a.example.com/trusted.example") == ""
    assert entry(urls, "https://a.example.com/trusted.example") == r"trusted\.example"
    assert entry(urls, "trusted.example.com") == ""


def test_an_expression_that_cannot_be_run_names_its_list() -> None:
    with pytest.raises(ValueError, match=r"^key: '\(a\)\\\\1': RE2 has no such escape"):
        one(Form.REGEX, "a", r"(a)\1")
    assert one(Form.REGEX).check(IndicatorType.DOMAIN_NAME, "a.example.com") == ()


def test_every_list_answers_once() -> None:
    lists = Warninglists(
        Warninglist(key, key.upper(), Form.HOSTNAME, ("a.example.com", "example.com"), EVERYTHING)
        for key in ("one", "two")
    )
    assert lists.check(IndicatorType.DOMAIN_NAME, "b.a.example.com") == (
        Hit("one", "ONE", "a.example.com"),
        Hit("two", "TWO", "a.example.com"),
    )
    assert (len(lists), lists.keys) == (2, ("one", "two"))


@pytest.mark.parametrize("text", ["example.com", "192.0.2.0/33", "192.0.2.0/x", "2001:db8::/129"])
def test_a_network_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"key: .* is no address or network"):
        one(Form.CIDR, text)


networks = st.builds(
    lambda number, length: IPv4Network((number, length), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)


@given(st.lists(networks, max_size=6), st.integers(0, 2**32 - 1))
def test_networks_agree_with_the_standard_library(held: list[IPv4Network], number: int) -> None:
    lists = one(Form.CIDR, *map(str, held))
    for address in (IPv4Address(number), *(network.broadcast_address for network in held)):
        hit = bool(lists.check(IndicatorType.IP_ADDRESS, str(address)))
        assert hit == any(address in network for network in held)


labels = st.lists(st.sampled_from(["a", "b", "com", "net"]), min_size=1, max_size=4)


@given(st.lists(labels.map(".".join), max_size=4), labels.map(".".join))
def test_names_agree_with_the_definition(held: list[str], name: str) -> None:
    hit = bool(one(Form.HOSTNAME, *held).check(IndicatorType.DOMAIN_NAME, name))
    assert hit == any(f".{name}".endswith(f".{entry}") for entry in held)


@pytest.fixture(scope="module")
def _loaded() -> dict[Path, Warninglists]:
    return {}


@pytest.fixture
def real(real_data: Path, _loaded: dict[Path, Warninglists]) -> Warninglists:
    """Return MISP's own lists, read once; the test is skipped on machines without them."""
    folder = real_data.parent / "warninglists"
    if not folder.is_dir():
        pytest.skip("no warninglists beside the real data")
    if folder not in _loaded:
        files = sorted(folder.glob("*.json"))
        lists = [read_warninglist(path.stem, json.loads(path.read_bytes())) for path in files]
        assert len(lists) > 40
        assert all(found.entries for found in lists if found.form is not Form.REGEX)
        _loaded[folder] = Warninglists(lists)
    return _loaded[folder]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        # Exact comparison misses these.
        ("10.1.2.3", "rfc1918"),
        ("MICROSOFT.COM", "microsoft"),
        ("https://www.google.com/x", "google"),
        ("x.aadrm.com", "microsoft"),
        ("FE80::1", "ipv6-linklocal"),
        ("evil.appspot.com", "tranco10k"),
        ("bucket.s3.amazonaws.com", "tranco10k"),
        ("google.com", "alexa"),
        ("discord.com", "cisco_top10k"),
        ("1.1.1.1", "public-dns-v4"),
        ("D41D8CD98F00B204E9800998ECF8427E", "empty-hashes"),
        ("44d88612fea8a8f36de82e1278abb02f", "eicar.com"),
        ("http://104.16.1.1/", "cloudflare"),
        ("104.244.12.9", "sinkholes"),
        ("host.0000004.xyz", "dynamic-dns"),
    ],
)
def test_misps_lists(real: Warninglists, written: str, key: str) -> None:
    assert key in {hit.key for hit in real.check(*classify(written))}


@pytest.mark.parametrize("written", ["notmicrosoft.com", "8.8.8.9", "ab" * 32, "192.0.1.7"])
def test_misps_lists_hold_no_near_miss(real: Warninglists, written: str) -> None:
    assert real.check(*classify(written)) == ()
