"""From indicator to outcome: every question in its order, and every count adding up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.feed import FeedDefinition, parse_feed
from tidegate.indicators.kinds import Action, Dialect, IndicatorType, Severity
from tidegate.indicators.limits import DESCRIPTION_LENGTH, TITLE_LENGTH
from tidegate.mapping.candidate import Candidate, Outcome, Rejection, Standing
from tidegate.mapping.guard import Guards, GuardSettings, Verdict
from tidegate.mapping.translate import reject_object, translate
from tidegate.stix.container import objects_in
from tidegate.stix.objects import Defect, StixIndicator, read_indicator

NOW = datetime(2026, 1, 10, tzinfo=UTC)
MODIFIED = datetime(2026, 1, 5, tzinfo=UTC)
ID = "indicator--0620a60f-a7f0-48ed-8fa9-5cb881136f55"
WARNING = Guards(GuardSettings(documentation=Verdict.WARN))
BLOCK: dict[str, object] = {"action": "Alert and block", "severity": "High", "expires": "30d"}


def feed(**changes: object) -> FeedDefinition:
    base: dict[str, object] = {
        "id": "f",
        "title": "Feed",
        "licence": "CC0-1.0",
        "trust": 60,
        "tlp_default": "amber",
        "source": {"kind": "bundle", "path": "f.json"},
        "default": BLOCK,
    }
    return parse_feed({**base, **changes}, "feed.toml")


FEED = feed()


def indicator(
    pattern: str = "[domain-name:value = 'a.example.com']", **changes: object
) -> StixIndicator:
    found = read_indicator(
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": ID,
            "created": MODIFIED.isoformat(),
            "modified": MODIFIED.isoformat(),
            "valid_from": MODIFIED.isoformat(),
            "pattern": pattern,
            "pattern_type": "stix",
            **changes,
        }
    )
    assert isinstance(found, StixIndicator)
    return found


def outcome(
    subject: StixIndicator,
    policy: FeedDefinition = FEED,
    guards: Guards = WARNING,
    dialect: Dialect = Dialect.TODAY,
    published: datetime | None = None,
    now: datetime = NOW,
) -> Outcome:
    found = translate(subject, policy, guards, dialect, published, now)
    if found.standing is Standing.MAPPED:
        assert found.candidates
    elif found.standing is Standing.REJECTED:
        assert not found.candidates
        assert found.rejections
    else:
        assert not found.candidates
        assert not found.rejections
        assert found.detail
    return found


def candidate(
    subject: StixIndicator, policy: FeedDefinition = FEED, published: datetime | None = None
) -> Candidate:
    (found,) = outcome(subject, policy, published=published).candidates
    return found


def rejection(
    subject: StixIndicator, policy: FeedDefinition = FEED, guards: Guards = WARNING
) -> Rejection:
    (found,) = outcome(subject, policy, guards).rejections
    return found


def test_a_candidate_has_everything_a_row_needs() -> None:
    subject = indicator(
        "[domain-name:value = 'A.Example.com']",
        name=" Bad \n name ",
        description="D",
        confidence=70,
        object_marking_refs=["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"],
    )
    policy = feed(default={**BLOCK, "groups": ["b", "a"], "category": "Malware"})
    assert candidate(subject, policy) == Candidate(
        feed="f",
        stix_id=ID,
        rule="default",
        type=IndicatorType.DOMAIN_NAME,
        value="a.example.com",
        action=Action.ALERT_AND_BLOCK,
        severity=Severity.HIGH,
        title="Bad name",
        evidence=MODIFIED,
        trust=60,
        description="D",
        groups=("a", "b"),
        expires=MODIFIED + timedelta(days=30),
        confidence=70,
        tlp="green",
        category="Malware",
        warnings=(
            "guard_documentation: a.example.com lies under example.com, which is for samples",
        ),
        widening=("subdomains",),
    )


def test_defaults_for_what_the_object_does_not_say() -> None:
    found = candidate(indicator())
    assert (found.title, found.tlp, found.confidence) == ("Feed: a.example.com", "amber", None)
    long = candidate(indicator(name="n" * 5_000, description="d" * 5_000))
    assert (len(long.title), len(long.description)) == (TITLE_LENGTH, DESCRIPTION_LENGTH)


def test_what_ended_yields_nothing() -> None:
    assert outcome(indicator(revoked=True)).detail == "revoked"
    assert outcome(indicator("nonsense", revoked=True)).standing is Standing.ENDED
    assert outcome(indicator(valid_until=NOW.isoformat())).detail == "expired"
    late = (NOW + timedelta(seconds=1)).isoformat()
    assert outcome(indicator(valid_until=late)).standing is Standing.MAPPED


def test_expiry_counts_from_the_latest_evidence() -> None:
    published = datetime(2026, 1, 9, tzinfo=UTC)
    assert candidate(indicator(), published=published).expires == published + timedelta(days=30)
    assert candidate(indicator(), published=published).evidence == published
    old = datetime(2025, 1, 1, tzinfo=UTC)
    assert candidate(indicator(), published=old).evidence == MODIFIED
    assert outcome(indicator(), now=MODIFIED + timedelta(days=30)).detail == "expired"


@pytest.mark.parametrize(
    ("begins", "ends", "code", "field"),
    [
        (1, None, "not_yet_valid", "valid_from"),
        (1, 2, "not_yet_valid", "valid_from"),
        (1, 1, "not_yet_valid", "valid_from"),
        (2, 1, "bad_validity", "valid_until"),
    ],
)
def test_a_term_that_has_not_begun(begins: int, ends: int | None, code: str, field: str) -> None:
    def day(number: int) -> str:
        return (NOW + timedelta(days=number)).isoformat()

    more = {} if ends is None else {"valid_until": day(ends)}
    found = rejection(indicator(valid_from=day(begins), **more))
    assert (found.code, found.field, found.atom) == (code, field, None)
    assert "2026-01-1" in found.detail


def test_a_term_that_has_not_begun_comes_by_itself() -> None:
    subject = indicator(valid_from=(NOW + timedelta(days=1)).isoformat())
    assert outcome(subject).standing is Standing.REJECTED
    assert outcome(subject, now=NOW + timedelta(days=1)).standing is Standing.MAPPED
    assert outcome(indicator(valid_from=NOW.isoformat())).standing is Standing.MAPPED


@pytest.mark.parametrize("begins", ["2026-01-04T00:00:00Z", "2026-01-09T00:00:00Z"])
def test_a_term_that_ended_at_its_birth_or_before_is_over(begins: str) -> None:
    subject = indicator(valid_from=begins, valid_until="2026-01-04T00:00:00Z")
    assert outcome(subject).detail == "expired"


def test_a_revocation_counts_before_its_term_does() -> None:
    subject = indicator(valid_from=(NOW + timedelta(days=1)).isoformat(), revoked=True)
    assert outcome(subject).detail == "revoked"


def test_expiry_never_passes_valid_until() -> None:
    until = NOW + timedelta(days=1)
    never = feed(default={**BLOCK, "expires": "never"})
    bounded = indicator(valid_until=until.isoformat())
    assert candidate(bounded).expires == until
    assert candidate(bounded, never).expires == until
    assert candidate(indicator(), never).expires is None
    future = candidate(indicator(modified="9999-12-31T00:00:00Z"))
    assert future.evidence == NOW


def test_evidence_is_no_later_than_when_we_asked_whatever_time_it_is() -> None:
    subject = indicator(modified="9999-12-31T00:00:00Z")
    heard = NOW - timedelta(hours=1)
    for now in (NOW, NOW + timedelta(days=2)):
        (found,) = translate(subject, FEED, WARNING, Dialect.TODAY, None, now, heard).candidates
        assert (found.evidence, found.expires) == (heard, heard + timedelta(days=30))


def test_a_rule_for_a_value_decides_for_any_hash_of_the_file() -> None:
    sha256, sha1 = "ab" * 32, "cd" * 20
    subject = indicator(f"[file:hashes.'SHA-256' = '{sha256}' OR file:hashes.'SHA-1' = '{sha1}']")
    for value in (sha256, sha1):
        ours = [{"name": "ours", "when": {"value": [value]}, "then": {"action": "Warn"}}]
        assert candidate(subject, feed(rule=ours)).rule == "ours"
    other = [{"name": "ours", "when": {"value": ["ef" * 20]}, "then": {"action": "Warn"}}]
    assert candidate(subject, feed(rule=other)).rule == "default"


def test_a_rule_may_ask_for_level_and_age_as_they_are_taken_for() -> None:
    def ruled(when: dict[str, object], published: datetime | None = None) -> str:
        rule = {"name": "r", "when": when, "then": {"action": "Warn"}}
        return candidate(indicator(), feed(rule=[rule]), published).rule

    assert ruled({"tlp": "amber"}) == "r", "an unmarked object is taken for the feed's level"
    assert ruled({"tlp": "green"}) == "default"
    days = (NOW - MODIFIED).days
    assert ruled({"age": f">={days}d"}) == "r"
    assert ruled({"age": f">={days}d"}, NOW) == "default", "the feed lists it still"
    assert ruled({"age": "<1m"}, NOW) == "r"


def test_one_expired_atom_beside_a_living_one_is_a_rejection() -> None:
    policy = feed(rule=[{"name": "u", "when": {"type": "url"}, "then": {**BLOCK, "expires": "1d"}}])
    found = outcome(
        indicator("[url:value = 'http://a.example.com/' OR domain-name:value = 'b.example.com']"),
        policy,
    )
    assert found.standing is Standing.MAPPED
    assert [(r.code, r.atom) for r in found.rejections] == [("expired", 0)]
    both = indicator("[url:value = 'http://a.example.com/' OR mutex:name = 'x']")
    assert outcome(both, policy).standing is Standing.ENDED


def test_every_atom_is_a_candidate_or_a_rejection() -> None:
    found = outcome(
        indicator(
            "[url:value = 'a.example.com' OR mutex:name = 'x' OR ipv4-addr:value = '192.0.2.1'"
            " OR ipv4-addr:value = '10.0.0.1' OR ipv4-addr:value = '192.0.2.0/24']"
        )
    )
    assert [c.value for c in found.candidates] == ["192.0.2.1"]
    assert [(r.code, r.atom, r.value) for r in found.rejections] == [
        ("no_scheme", 0, "a.example.com"),
        ("unmapped_path", 1, ""),
        ("guard_special_purpose", 3, "10.0.0.1"),
        ("cidr", 4, "192.0.2.0/24"),
    ]
    assert found.rejected_atoms == 4


def test_rejections_of_the_whole_object() -> None:
    broken = rejection(indicator("[url:value = ]"))
    assert (broken.code, broken.atom, broken.position) == ("unreadable_pattern", None, 13)
    benign = rejection(indicator(indicator_types=["Benign"]))
    assert (benign.code, benign.atom) == ("benign", None)
    defect = reject_object(Defect("no_pattern", "pattern", "D"), "indicator--1", "f")
    assert defect.standing is Standing.REJECTED
    assert defect.rejections == (
        Rejection("f", "indicator--1", "no_pattern", "D", field="pattern"),
    )


def test_policy_and_dialect() -> None:
    thumbprint = indicator(f"[x509-certificate:hashes.'SHA-1' = '{'ab' * 20}']")
    alert = feed(default={"action": "Alert only"})
    assert rejection(indicator(), feed(default={"action": "skip"})).code == "policy_skip"
    assert rejection(thumbprint, alert).code == "action_not_supported"
    assert outcome(thumbprint, alert, dialect=Dialect.SEED).standing is Standing.MAPPED
    assert candidate(thumbprint).type is IndicatorType.CERTIFICATE


def test_allow_needs_the_feeds_permission() -> None:
    permitted = feed(permit_allow=True, default={"action": "Allow"})
    assert candidate(indicator(), permitted).action is Action.ALLOW
    # A definition cannot say this; a copy made elsewhere could.
    forbidden = permitted.model_copy(update={"permit_allow": False})
    assert rejection(indicator(), forbidden).code == "allow_not_permitted"


def test_guards_refuse_downgrade_and_warn() -> None:
    strict = Guards(GuardSettings())
    assert rejection(indicator(), guards=strict).code == "guard_documentation"
    mild = Guards(GuardSettings(documentation=Verdict.DOWNGRADE))
    (found,) = outcome(indicator(), guards=mild).candidates
    assert found.action is Action.ALERT_ONLY
    assert found.warnings[0].startswith("guard_documentation: ")
    assert rejection(indicator("[domain-name:value = 'a.microsoft.com']")).code == "guard_protected"


def test_an_impostor_becomes_what_the_operator_wants() -> None:
    impostor = indicator("[domain-name:value = 'rnicrosoft.com']")
    blocked = candidate(impostor)
    assert blocked.action is Action.ALERT_AND_BLOCK
    assert blocked.warnings[0].startswith("guard_homoglyph: ")
    mild = Guards(GuardSettings(homoglyph=Verdict.DOWNGRADE))
    (found,) = outcome(impostor, guards=mild).candidates
    assert found.action is Action.ALERT_ONLY
    strict = Guards(GuardSettings(homoglyph=Verdict.REFUSE))
    assert rejection(impostor, guards=strict).code == "guard_homoglyph"


def test_one_file_is_one_candidate_with_aliases() -> None:
    found = candidate(
        indicator(
            f"[file:hashes.MD5 = '{'AA' * 16}'] OR [file:hashes.'SHA-256' = '{'BB' * 32}']"
            f" OR [file:hashes.'SHA-1' = '{'CC' * 20}']"
        )
    )
    assert (found.type, found.value) == (IndicatorType.FILE_SHA256, "bb" * 32)
    assert found.aliases == (f"FileSha1:{'cc' * 20}", f"FileMd5:{'aa' * 16}")


def test_a_broken_hash_does_not_cost_the_file() -> None:
    found = candidate(
        indicator(f"[file:hashes.MD5 = '{'aa' * 16}' AND file:hashes.'SHA-256' = 'broken']")
    )
    assert (found.type, found.aliases) == (IndicatorType.FILE_MD5, ())
    assert found.repairs == ("alias_dropped",)
    both = rejection(indicator("[file:hashes.MD5 = 'x' AND file:hashes.'SHA-256' = 'y']"))
    assert both.code == "hash_characters"


def test_a_guarded_alias_refuses_the_file() -> None:
    found = rejection(
        indicator(
            f"[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e'"
            f" AND file:hashes.'SHA-1' = '{'ab' * 20}']"
        )
    )
    assert found.code == "guard_empty_file"


def test_every_hash_of_a_file_is_a_candidate_where_the_feed_wants_all() -> None:
    md5, sha1, sha256 = "aa" * 16, "cc" * 20, "bb" * 32
    pattern = f"[file:hashes.MD5 = '{md5}' AND file:hashes.'SHA-256' = '{sha256}']"
    told = f"{pattern} OR [domain-name:value = 'a.example.com']"
    found = outcome(indicator(told), feed(aliases="all")).candidates
    assert {(item.value, item.aliases) for item in found} == {
        (md5, (f"FileSha256:{sha256}",)),
        (sha256, (f"FileMd5:{md5}",)),
        ("a.example.com", ()),
    }
    # A broken hash ends by itself, and the guards look at all hashes of each row.
    broken = pattern.replace(sha256, "broken")
    both = outcome(indicator(broken), feed(aliases="all"))
    assert [item.value for item in both.candidates] == [md5]
    assert [(item.code, item.value) for item in both.rejections] == [("hash_characters", "broken")]
    empty = (
        f"[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e' AND file:hashes.'SHA-1' = '{sha1}']"
    )
    refused = outcome(indicator(empty), feed(aliases="all")).rejections
    assert [item.code for item in refused] == ["guard_empty_file"] * 2


def test_repairs_travel_on_the_candidate() -> None:
    found = candidate(indicator(f"[file:hashes.sha256 = '{'ab' * 20}']", pattern_type="stix2"))
    assert found.type is IndicatorType.FILE_SHA1
    assert found.repairs == ("pattern_type_spelling", "hash_key_spelling", "hash_length_decides")


@pytest.mark.parametrize("name", ["pattern_type_spelling", "hash_key_spelling"])
def test_a_repair_that_is_switched_off_rejects_by_its_name(name: str) -> None:
    subject = indicator(f"[file:hashes.sha256 = '{'ab' * 32}']", pattern_type="stix2")
    assert candidate(subject).repairs == ("pattern_type_spelling", "hash_key_spelling")
    found = rejection(subject, feed(repairs={name: False}))
    assert (found.code, found.detail.partition(" ")[0]) == ("not_repaired", name)
    assert candidate(subject, feed(repairs={"refanged": False, name: True})).repairs


texts = st.text(max_size=30) | st.sampled_from(
    [
        "[url:value = 'http://a.example.com/']",
        "[ipv4-addr:value = '10.0.0.1']",
        "[url:value = '\x00']",
    ]
)
hosts = st.text("abcxn-.019:[]@/%_ \u00e9\u202e\ud800", max_size=20)
paths = st.sampled_from(["url:value", "domain-name:value", "ipv6-addr:value", "file:hashes.MD5"])


@given(texts, texts, st.none() | st.integers(), st.lists(st.text(max_size=9), max_size=2))
def test_translate_is_total(
    pattern: str, name: str, confidence: int | None, labels: list[str]
) -> None:
    raw: Mapping[str, object] = {
        "type": "indicator",
        "id": "indicator--1",
        "modified": MODIFIED.isoformat(),
        "pattern": pattern,
        "name": name,
        "confidence": confidence,
        "labels": labels,
    }
    found = read_indicator(raw)
    if isinstance(found, StixIndicator):
        outcome(found)


@given(paths, hosts)
def test_translate_is_total_for_any_value(path: str, value: str) -> None:
    outcome(indicator(f"[{path} = '{value}']"))
    outcome(indicator(f"[{path} = 'http://{value}']"))


def test_real_feeds_and_reports_map(real_data: Path) -> None:
    """Four in five indicators of real feeds and reports become at least one candidate."""
    total = mapped = 0
    for file in sorted([*(real_data / "feeds").glob("*"), *(real_data / "reports").glob("*")]):
        for raw in objects_in(orjson.loads(file.read_bytes()))[0]:
            if raw.get("type") != "indicator" or "pattern" not in raw:
                continue
            total += 1
            found = read_indicator(raw)
            if isinstance(found, StixIndicator):
                mapped += outcome(found, published=NOW).standing is Standing.MAPPED
    assert mapped >= 0.8 * total > 0


def test_what_is_refused_whole_says_what_it_named() -> None:
    benign = outcome(indicator(indicator_types=["benign"]))
    assert benign.values == ("a.example.com",)
    early = outcome(indicator(valid_from="2999-01-01T00:00:00Z"))
    assert early.values == ("a.example.com",)
    assert outcome(indicator("[url:value = ]")).values == ()
