"""What a feed says around its values reaches the list, and `why` tells all that was made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from driving.homes import START, Cli, FeedFolder, in_home, indicator, write_feed

SHA256, SHA1 = "ab" * 32, "cd" * 20
RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
MALWARE = {
    "type": "malware",
    "spec_version": "2.1",
    "id": "malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061",
    "created": "2026-01-01T00:00:00.000Z",
    "modified": "2026-01-01T00:00:00.000Z",
    "name": "Kelprunner",
    "malware_types": ["ransomware"],
    "is_family": True,
}
TECHNIQUE = {
    "type": "attack-pattern",
    "spec_version": "2.1",
    "id": "attack-pattern--7e33a43e-e34b-40ec-89da-36c9bb2cacd5",
    "created": "2026-01-01T00:00:00.000Z",
    "modified": "2026-01-01T00:00:00.000Z",
    "name": "Data Encrypted for Impact",
    "external_references": [{"source_name": "mitre-attack", "external_id": "T1486"}],
}


def link(source: dict[str, Any], target: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "type": "relationship",
        "spec_version": "2.1",
        "id": f"relationship--{source['id'][-36:-4]}{target['id'][-4:]}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "relationship_type": "indicates",
        "source_ref": source["id"],
        "target_ref": target["id"],
        **more,
    }


def report(*listed: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "report",
        "spec_version": "2.1",
        "id": "report--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3",
        "name": "The June wave",
        "published": "2026-01-01T00:00:00Z",
        "object_refs": [each["id"] for each in listed],
    }


def sighting(of: dict[str, Any], when: str) -> dict[str, Any]:
    return {
        "type": "sighting",
        "spec_version": "2.1",
        "id": "sighting--ee20065d-2555-424f-ad9e-0f8428623c75",
        "created": when,
        "modified": when,
        "last_seen": when,
        "count": 12,
        "sighting_of_ref": of["id"],
    }


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path / "home")


def subscribed(
    cli: Cli,
    folder: Path,
    objects: list[Any],
    head: str = "",
    default: str = 'action = "Alert only"\nexpires = "never"\n',
) -> FeedFolder:
    """Subscribe to a feed that was published on 2 January."""
    cli.subscribe(write_feed(folder, head=head, default=default).folder)
    feed = in_home(cli.home, folder.name)
    feed.publish(objects, at=START.replace(month=1, day=2))
    return feed


def why(cli: Cli, value: str) -> dict[str, list[str]]:
    """The steps of `why`, by stage."""
    told: dict[str, list[str]] = {}
    for step in cli("why", value, "--json").json["steps"]:
        told.setdefault(step["stage"], []).append(step["text"])
    return told


def test_context_reaches_title_category_techniques_and_marking(cli: Cli, tmp_path: Path) -> None:
    subject = indicator(1, name="h1.example.com")
    objects = [
        subject,
        MALWARE,
        TECHNIQUE,
        link(subject, MALWARE, object_marking_refs=[RED]),
        link(subject, TECHNIQUE),
        report(subject),
    ]
    subscribed(cli, tmp_path / "acme", objects)
    cli.sync()
    (row,) = cli.rows()
    assert row["title"] == "Kelprunner, Data Encrypted for Impact: h1.example.com"
    assert row["category"] == "Ransomware"
    assert row["mitre"] == ["T1486"]
    assert row["tlp"] == "red"
    assert row["context"] == {
        "indicates": ["attack-pattern: Data Encrypted for Impact", "malware: Kelprunner"],
        "report": ["The June wave"],
    }
    told = why(cli, "h1.example.com")
    assert "report: The June wave" in told["context"]
    assert "techniques: T1486" in told["context"]
    assert told["widening"] == [
        "subdomains: a domain covers its subdomains, and every URL on it and on them"
    ]
    assert cli.sync()["plan"]["update"] == 0


def test_a_sighting_renews_the_evidence(cli: Cli, tmp_path: Path) -> None:
    subject, other = indicator(1), indicator(2)
    seen = sighting(subject, "2026-01-20T00:00:00.000Z")
    subscribed(
        cli,
        tmp_path / "acme",
        [subject, other, seen],
        default='action = "Alert only"\nexpires = "3650d"\n',
    )
    cli.sync()
    ends = {row["value"]: row["expires"][:10] for row in cli.rows()}
    assert ends == {"h1.example.com": "2036-01-18", "h2.example.com": "2035-12-31"}
    assert "acme saw it 12 times" in why(cli, "h1.example.com")["context"]


REPAIRABLE = [
    indicator(1, f"[file:hashes.sha256 = '{SHA256}' AND file:name = 'offer.pdf']"),
    indicator(2, f"[file:hashes.'SHA-256' = '{SHA1}']"),
    indicator(3, "[url:value = 'h3.example.com/x']"),
    indicator(4, "[url:value = 'h4.example.com']"),
    indicator(5, "[domain-name:value = 'h5.example.com']", id="indicator--5"),
]


def test_repairs_are_counted_told_and_switched_off(cli: Cli, tmp_path: Path) -> None:
    subscribed(cli, tmp_path / "acme", REPAIRABLE)
    (feed,) = cli.sync()["feeds"]
    counts = {
        "hash_key_spelling": 1,
        "hash_length_decides": 1,
        "id_not_uuid": 1,
        "scheme_missing": 1,
    }
    assert feed["repairs"] == counts
    assert cli("feeds", "show", "acme", "--json").json["repairs"] == counts
    assert "acme read leniently: hash_key_spelling 1" in cli("sync", "--yes").out
    told = why(cli, SHA256)
    assert told["repair"][0].startswith("hash_key_spelling: ")
    assert told["widening"][0].startswith("other_names: ")
    assert told["enforced"][0].startswith("not_pe: ")
    assert "http://h3.example.com/x" in cli.values()
    assert cli("rejections", "--json", "--code", "no_scheme").lines[0]["value"] == "h4.example.com"

    switches = "".join(f"{name} = false\n" for name in counts)
    subscribed(cli, tmp_path / "acme", REPAIRABLE, head=f"[repairs]\n{switches}")
    (feed,) = cli.sync(code=3)["feeds"]
    assert (feed["mapped"], feed["rejected"], feed["repairs"]) == (0, 5, {})
    found = cli("rejections", "--json", "--code", "not_repaired").lines
    assert {line["detail"].partition(" ")[0] for line in found} == set(counts)


def test_a_file_that_is_no_bundle_is_counted_and_may_be_refused(cli: Cli, tmp_path: Path) -> None:
    feed = subscribed(cli, tmp_path / "acme", [])
    file = feed.folder / "feed.bundle.json"
    file.write_bytes(orjson.dumps([indicator(1)]))
    (told,) = cli.sync()["feeds"]
    assert (told["mapped"], told["repairs"]) == (1, {"not_a_bundle": 1})
    assert "not in a bundle" in cli("feeds", "check", "acme").out

    subscribed(cli, tmp_path / "acme", [], head="[repairs]\nnot_a_bundle = false\n")
    file.write_bytes(orjson.dumps([indicator(1)]))
    (told,) = cli.sync(code=7)["feeds"]
    assert "is no STIX bundle, and this feed takes nothing else" in told["error"]
    assert cli.values() == {"h1.example.com"}
    ran = cli("feeds", "check", "acme")
    assert ran.code == 7
    assert "remove not_a_bundle = false" in ran.out


def test_a_policy_with_texts_and_bounds_is_tried_before_it_is_saved(
    cli: Cli, tmp_path: Path
) -> None:
    subject = indicator(1)
    subscribed(cli, tmp_path / "acme", [subject, MALWARE, link(subject, MALWARE)])
    cli.sync()
    saved = (cli.home / "feeds" / "acme" / "feed.toml").read_text("utf-8")
    tried = tmp_path / "tried.toml"
    rule = (
        '[[rule]]\nname = "ransomware"\nwhen = { indicates = ["ransomware"] }\n'
        'then = { action = "Alert and block", title = "{threat} on {value}" }\n'
        '[expiry]\nmax = { DomainName = "3000d" }\n\n[default]'
    )
    tried.write_text(saved.replace("[default]", rule), "utf-8")
    ran = cli("plan", "--policy", str(tried), "--json")
    assert ran.code == 0, ran.err
    (change,) = ran.json["changes"]
    assert change["title"] == "Kelprunner on h1.example.com"
    assert change["action"] == "Alert and block"
    assert change["expires"] is not None
    assert cli.rows()[0]["action"] == "Alert only"

    tried.write_text(saved.replace("[default]", rule.replace("{threat}", "{thread}")), "utf-8")
    ran = cli("plan", "--policy", str(tried))
    assert (ran.code, ran.out) == (2, "")
    assert 'unknown place "{thread}" – did you mean "threat"?' in ran.err
