"""Versions: what is new, changed, the same and withdrawn, by the rules of STIX."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tidegate.export.delta import Speaker, Step, Version, delta, speakers
from tidegate.export.partner_objects import Thing
from tidegate.export.stix_objects import identity_id
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.partner.sent import Bundle, Sent

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CREATED = "2026-10-01T00:00:00.000Z"
SPEAKER = Speaker("Example Corp", "default", "isac")
ROW = Indicator(
    id="1",
    type=IndicatorType.DOMAIN_NAME,
    value="evil.example.com",
    action=Action.ALERT_ONLY,
    severity=Severity.LOW,
    title="t",
    created=NOW,
    updated=NOW,
    origin=Origin.MANUAL,
)


def thing(key: str = "evil.example.com", name: str = "n", **more: object) -> Thing:
    content: dict[str, object] = {
        "type": "indicator",
        "name": name,
        "pattern": f"[domain-name:value = '{key}']",
        "pattern_type": "stix",
        "indicator_types": ["unknown"],
        "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
        **more,
    }
    return Thing(f"DomainName\n{key}", content, CREATED, CREATED, ROW)


def given(
    sent: Sent, versions: Iterable[Version], refused: Iterable[str] = (), *, silent: bool = False
) -> Sent:
    """The partner's state after these versions left; `silent`: the outcome never came."""
    entries = [v.entry for v in versions if v.step is not Step.SAME]
    bundle = Bundle(sent.number, "bundle--1", "", NOW, len(entries), 0, "")
    attempted = sent.attempting(entries)
    no = set(refused)
    return (
        attempted
        if silent
        else attempted.settled(entries, {e.id for e in entries} - no, no, bundle)
    )


def steps(versions: Iterable[Version]) -> list[Step]:
    return [version.step for version in versions]


def test_a_second_delta_is_empty() -> None:
    first = delta(Sent(), [thing()], SPEAKER, NOW)
    assert steps(first) == [Step.NEW]
    again = delta(given(Sent(), first), [thing()], SPEAKER, NOW + timedelta(days=1))
    assert steps(again) == [Step.SAME]
    assert again[0].item == first[0].item


def test_the_same_is_made_again_until_it_is_recorded() -> None:
    later = NOW + timedelta(days=1)
    assert delta(Sent(), [thing()], SPEAKER, NOW) == delta(Sent(), [thing()], SPEAKER, later)


def test_modified_grows_when_content_changed_and_created_stays() -> None:
    first = delta(Sent(), [thing()], SPEAKER, NOW)
    sent = given(Sent(), first)
    for changed in (
        thing(name="other"),
        thing(name="other")._replace(updated="2026-10-05T00:00:00.000Z"),
    ):
        (version,) = delta(sent, [changed], SPEAKER, NOW)
        assert version.step is Step.CHANGED
        assert version.item["id"] == first[0].item["id"]
        assert version.item["created"] == CREATED
        assert version.entry.modified > first[0].entry.modified
        assert version.entry.modified >= changed.updated


def test_a_row_that_left_is_withdrawn_once() -> None:
    first = delta(Sent(), [thing()], SPEAKER, NOW)
    sent = given(Sent(), first)
    (gone,) = delta(sent, [], SPEAKER, NOW)
    assert gone.step is Step.WITHDRAWN
    assert gone.item["revoked"] is True
    assert gone.item["pattern"] == first[0].item["pattern"]
    assert gone.item["name"] == "evil.example.com"
    assert str(gone.item["modified"]) > str(first[0].item["modified"])
    assert delta(given(sent, [gone]), [], SPEAKER, NOW) == []


def test_a_row_that_comes_back_is_another_object() -> None:
    first = delta(Sent(), [thing()], SPEAKER, NOW)
    sent = given(Sent(), first)
    sent = given(sent, delta(sent, [], SPEAKER, NOW))
    (back,) = delta(sent, [thing()], SPEAKER, NOW)
    assert back.step is Step.NEW
    assert back.entry.id != first[0].entry.id
    sent = given(sent, [back])
    assert steps(delta(sent, [thing()], SPEAKER, NOW)) == [Step.SAME]


def test_what_failed_goes_out_again_as_the_same_version() -> None:
    first = delta(Sent(), [thing("a"), thing("b")], SPEAKER, NOW)
    sent = given(Sent(), first, refused=[first[1].entry.id])
    again = delta(sent, [thing("a"), thing("b")], SPEAKER, NOW)
    assert steps(again) == [Step.SAME, Step.NEW]
    assert again[1].item == first[1].item


def test_what_failed_and_was_never_there_is_not_withdrawn() -> None:
    first = delta(Sent(), [thing()], SPEAKER, NOW)
    sent = given(Sent(), first, refused=[first[0].entry.id])
    assert delta(sent, [], SPEAKER, NOW) == []


def test_what_may_have_arrived_is_withdrawn_and_never_renumbered_backwards() -> None:
    first = delta(Sent(), [thing()], SPEAKER, NOW)
    sent = given(Sent(), first, silent=True)
    assert steps(delta(sent, [thing()], SPEAKER, NOW)) == [Step.NEW]
    (other,) = delta(sent, [thing(name="other")], SPEAKER, NOW)
    assert other.entry.modified > first[0].entry.modified
    assert steps(delta(sent, [], SPEAKER, NOW)) == [Step.WITHDRAWN]


def test_a_withdrawal_that_failed_is_tried_again_although_the_row_is_back() -> None:
    sent = given(Sent(), delta(Sent(), [thing()], SPEAKER, NOW))
    (gone,) = delta(sent, [], SPEAKER, NOW)
    sent = given(sent, [gone], refused=[gone.entry.id])
    back, again = delta(sent, [thing()], SPEAKER, NOW + timedelta(days=1))
    assert (back.step, again.step) == (Step.NEW, Step.WITHDRAWN)
    assert back.entry.id != gone.entry.id
    assert again.item == gone.item


def test_only_its_creator_withdraws_an_object() -> None:
    first = delta(Sent(), [thing()], SPEAKER, NOW)
    renamed = replace(SPEAKER, identity="Example Ltd")
    new, gone = delta(given(Sent(), first), [thing()], renamed, NOW)
    assert (new.step, gone.step) == (Step.NEW, Step.WITHDRAWN)
    assert gone.item["created_by_ref"] == identity_id("Example Corp")
    assert new.item["created_by_ref"] == identity_id("Example Ltd")
    assert set(speakers([new, gone])) == {"Example Corp", "Example Ltd"}


def test_ids_belong_to_one_tenant_and_one_partner() -> None:
    others = (
        SPEAKER,
        replace(SPEAKER, partner="x"),
        replace(SPEAKER, tenant="x"),
        replace(SPEAKER, identity="x"),
    )
    ids = {delta(Sent(), [thing()], speaker, NOW)[0].entry.id for speaker in others}
    assert len(ids) == len(others)


def test_it_is_valid_before_it_ends() -> None:
    for until in ("2026-09-01T00:00:00.000Z", CREATED):
        (version,) = delta(Sent(), [thing(valid_until=until)], SPEAKER, NOW)
        assert str(version.item["valid_from"]) < until
        sent = given(Sent(), [version])
        (gone,) = delta(sent, [], SPEAKER, NOW)
        assert str(gone.item["valid_from"]) < str(gone.item["valid_until"])


def test_text_that_is_no_text_does_not_stop_it() -> None:
    assert steps(delta(Sent(), [thing(name="\ud800")], SPEAKER, NOW)) == [Step.NEW]
