"""Every folder in feeds/: a definition that loads and a sample that is strict STIX and safe.

A new feed is a folder; these tests find it by themselves.
"""

from __future__ import annotations

import ipaddress
import json
import re
import uuid
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stix2

from tidegate.feed import FeedDefinition, TaxiiSource
from tidegate.indicators.kinds import Dialect
from tidegate.mapping.candidate import Outcome, Standing
from tidegate.mapping.guard import Guards, GuardSettings, Verdict
from tidegate.mapping.policy_lint import lint
from tidegate.mapping.translate import reject_object, translate
from tidegate.sources.base import FeedPage
from tidegate.sources.bundle_file import BundleFile
from tidegate.sources.catalogue import Catalogue, CatalogueEntry, sample_of, shipped_folder
from tidegate.stix.objects import Defect, read_indicator

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LONG_AFTER = datetime(2034, 1, 1, tzinfo=UTC)
SAMPLES = ("sample-c2", "sample-malware", "sample-noisy")
ENTRIES = Catalogue(Path("nowhere"), shipped_folder()).entries()
GUARDS = Guards(GuardSettings(documentation=Verdict.WARN))

DOCUMENTATION = [
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
TO_BE_REFUSED = {
    *("microsoft.com", "login.microsoftonline.com", "windowsupdate.com", "google.com"),
    *("www.google.com", "github.com", "co.uk", "github.io", "localhost"),
    *("10.0.0.1", "127.0.0.1", "0.0.0.0", "169.254.169.254", "::1"),  # noqa: S104 - a feed's value
}

each = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)


def definition(entry: CatalogueEntry) -> FeedDefinition:
    assert entry.definition is not None, str(entry.error)
    return entry.definition


def named(ident: str) -> CatalogueEntry:
    return next(entry for entry in ENTRIES if entry.id == ident)


def objects(entry: CatalogueEntry) -> list[dict[str, Any]]:
    found = json.loads(sample_of(entry).read_text(encoding="utf-8"))["objects"]
    assert isinstance(found, list)
    return found


def outcomes(
    entry: CatalogueEntry, now: datetime = NOW, guards: Guards = GUARDS
) -> list[tuple[str, Outcome]]:
    """Every indicator of the sample, published now and translated, with its name."""
    feed = definition(entry)
    found = []
    for raw in objects(entry):
        if raw["type"] != "indicator":
            continue
        read = read_indicator(raw)
        outcome = (
            reject_object(read, raw["id"], feed.id)
            if isinstance(read, Defect)
            else translate(read, feed, guards, Dialect.TODAY, now, now)
        )
        found.append((raw["name"], outcome))
    return found


def codes(entry: CatalogueEntry) -> Counter[str]:
    return Counter(
        rejection.code for _, outcome in outcomes(entry) for rejection in outcome.rejections
    )


@each
def test_definition_loads_and_its_folder_bears_its_id(entry: CatalogueEntry) -> None:
    assert definition(entry).id == entry.folder.name


@each
def test_sample_is_strict_stix_with_ids_of_its_own(entry: CatalogueEntry) -> None:
    bundle = stix2.parse(sample_of(entry).read_text(encoding="utf-8"), allow_custom=False)
    ids = [item["id"] for item in bundle["objects"]]
    assert len(ids) == len(set(ids))
    for item in bundle["objects"]:
        if item["type"] != "marking-definition":
            assert uuid.UUID(item["id"].partition("--")[2]).version == 4


@each
def test_sample_refers_only_to_what_it_holds(entry: CatalogueEntry) -> None:
    found = objects(entry)
    ids = {item["id"] for item in found}
    for item in found:
        refs = [item[key] for key in item if key.endswith("_ref")]
        assert ids.issuperset([*refs, *item.get("object_marking_refs", ())])


@each
def test_sample_holds_documentation_values_only(entry: CatalogueEntry) -> None:
    for item in objects(entry):
        for value in re.findall(r"value (?:=|IN) \(?('[^)\]]*')", item.get("pattern", "")):
            for part in re.findall(r"'([^']*)'", value):
                assert harmless(host(part)), part


def host(value: str) -> str:
    inside = re.fullmatch(r"(?i)https?://([^/:]+)(?::\d+)?(?:/.*)?", value)
    return (inside[1] if inside else value).rstrip(".").lower()


def harmless(name: str) -> bool:
    if name in TO_BE_REFUSED or name == "198.51.100.0/24":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name.endswith((".example.com", ".example.net", ".example.org"))
    return any(address in network for network in DOCUMENTATION)


@each
def test_sample_comes_through_the_file_source_whole(entry: CatalogueEntry) -> None:
    pages: list[FeedPage] = list(BundleFile(sample_of(entry)).pages(None))
    assert sum(len(page.objects) for page in pages) == len(objects(entry))
    assert sum(page.junk for page in pages) == 0


@each
def test_counts_add_up_and_something_gets_through(entry: CatalogueEntry) -> None:
    found = [outcome for _, outcome in outcomes(entry)]
    standings = Counter(outcome.standing for outcome in found)
    assert sum(standings.values()) == len(found)
    assert standings[Standing.MAPPED] > 0
    for outcome in found:
        assert bool(outcome.candidates) == (outcome.standing is Standing.MAPPED)


@each
def test_every_rule_is_reached_by_the_sample(entry: CatalogueEntry) -> None:
    reasons = [
        rejection.detail for _, outcome in outcomes(entry) for rejection in outcome.rejections
    ]
    used = {c.rule for _, outcome in outcomes(entry) for c in outcome.candidates}
    for rule in definition(entry).rules:
        assert rule.name in used or any(rule.name in reason for reason in reasons), rule.name


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.id not in SAMPLES], ids=lambda e: e.id)
def test_templates_are_off_until_somebody_enters_credentials(entry: CatalogueEntry) -> None:
    feed = definition(entry)
    assert not feed.enabled
    assert isinstance(feed.source, TaxiiSource)
    assert feed.source.auth is not None
    assert feed.source.url.startswith("https://")
    assert "enabled = false" in (entry.folder / "feed.toml").read_text(encoding="utf-8")


def test_templates_are_there_to_choose_from() -> None:
    assert 5 <= len(ENTRIES) - len(SAMPLES) <= 9


def test_samples_differ_in_nature() -> None:
    feeds = [definition(named(ident)) for ident in SAMPLES]
    assert len({feed.trust for feed in feeds}) == 3
    assert len({feed.tlp_default for feed in feeds}) == 3
    assert len({feed.share for feed in feeds}) == 3
    assert all(feed.source.kind == "bundle" and feed.enabled for feed in feeds)


@pytest.mark.parametrize("ident", SAMPLES)
def test_a_sample_published_later_shows_the_same(ident: str) -> None:
    now, later = (
        [outcome.standing for _, outcome in outcomes(named(ident), moment)]
        for moment in (NOW, LONG_AFTER)
    )
    assert now == later


@pytest.mark.parametrize("ident", SAMPLES)
def test_documentation_guard_refuses_the_names_and_addresses_of_samples(ident: str) -> None:
    strict = Guards(GuardSettings())
    for _, outcome in outcomes(named(ident), guards=strict):
        for candidate in outcome.candidates:
            assert candidate.type.value.startswith(("File", "Certificate"))


def test_c2_sample_shows_what_ends_and_what_cannot_be_mapped() -> None:
    ends = Counter(o.detail for _, o in outcomes(named("sample-c2")) if o.detail)
    assert ends["revoked"] == 1
    assert ends["expired"] == 1
    found = codes(named("sample-c2"))
    assert (found["and_across"], found["benign"], found["policy_skip"]) == (1, 1, 1)


def test_malware_sample_takes_several_hashes_as_one_file() -> None:
    found = dict(outcomes(named("sample-malware")))
    for name in ("Kelprunner payload 1", "Saltmarsh dropper 9", "Saltmarsh loader 14"):
        (candidate,) = found[name].candidates
        assert candidate.type.value == "FileSha256"
        assert len(candidate.aliases) == 2
    (alone,) = found["Kelprunner by hash and name"].candidates
    assert alone.aliases == ()
    assert codes(named("sample-malware"))["pattern_type_yara"] == 1


def test_noisy_sample_is_refused_where_blocking_would_hurt() -> None:
    found = codes(named("sample-noisy"))
    for guard in ("protected", "special_purpose", "public_suffix", "empty_file"):
        assert found[f"guard_{guard}"] >= 2


def test_noisy_sample_repeats_values_of_the_c2_sample() -> None:
    keys = [
        {candidate.key for _, outcome in outcomes(named(ident)) for candidate in outcome.candidates}
        for ident in ("sample-c2", "sample-noisy")
    ]
    assert len(keys[0] & keys[1]) >= 8


@each
def test_a_shipped_policy_has_nothing_odd(entry: CatalogueEntry) -> None:
    """Monotone in confidence, and every rule of it decides for some object."""
    assert lint(definition(entry)) == ()
