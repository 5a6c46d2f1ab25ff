"""A partner's collection: what arrived is told by the rows' ids, what did not stays due."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from driving.canary import CANARY, VARIABLE, sent
from servers import loopback_inbox as inbox
from servers.echoes import ECHOES
from servers.loopback_inbox import LoopbackInbox
from servers.loopback_taxii import (
    COLLECTION,
    Answer,
    LoopbackTaxii,
    Malice,
    Seen,
    indicators,
)
from servers.loopback_taxii20 import LoopbackTaxii20
from tidegate.errors import ConfigError, ExitCode, ExportError
from tidegate.partner import Delivery, Document, Manifest, Partner, Shipment, parse_partner
from tidegate.service.delivering import door_of
from tidegate.service.demo_server import DemoServer
from tidegate.service.taxii_door import TaxiiDoor

Start = Callable[..., LoopbackInbox]

SECRET = "s3cr3t-t0ken"
ENVIRON = {"ISAC": SECRET}
AUTH = {"kind": "basic", "username": "tidegate", "password": "env:ISAC"}
AUTHOR: dict[str, object] = {
    "type": "identity",
    "spec_version": "2.1",
    "id": "identity--99703f40-ce7d-4df3-a852-8ba101dbae8a",
    "created": "2026-01-01T00:00:00.000Z",
    "modified": "2026-01-01T00:00:00.000Z",
    "name": "Example Corp SOC",
    "identity_class": "organization",
}
ROWS = indicators(7)


def partner_of(url: str, **more: object) -> Partner:
    delivery = {"kind": "taxii21", "url": url, "collection": COLLECTION, "timeout": 9, **more}
    profile = {"id": "isac", "tlp_max": "amber", "identity": "Example Corp SOC"}
    return parse_partner({**profile, "delivery": delivery}, "partners/isac.toml")


def shipment_of(partner: Partner, rows: Sequence[dict[str, Any]] = ROWS) -> Shipment:
    counts = {"new": len(rows), "changed": 0, "withdrawn": 0, "indicators": len(rows)}
    made = datetime(2026, 11, 1, tzinfo=UTC)
    manifest = Manifest("isac", 1, "bundle--x", made, "", 0, full=False, counts=counts)
    carried = frozenset(each["id"] for each in rows)
    return Shipment(partner, [AUTHOR, *rows], carried, manifest, (Document(".json", b"{}"),))


def send(
    url: str, rows: Sequence[dict[str, Any]] = ROWS, **more: object
) -> tuple[Delivery, list[tuple[int, int]]]:
    partner = partner_of(url, **more)
    told: list[tuple[int, int]] = []
    door = door_of(partner, Path(), ENVIRON)
    assert isinstance(door, TaxiiDoor)
    delivery = door.deliver(shipment_of(partner, rows), lambda done, of: told.append((done, of)))
    return delivery, told


@contextmanager
def medallion(objects: list[dict[str, Any]]) -> Iterator[tuple[DemoServer, dict[str, Any]]]:
    """The reference server with one collection that may be written; that collection, as it is."""
    pytest.importorskip("medallion")
    with DemoServer({COLLECTION: ("Inbox", objects)}, "tidegate", SECRET) as server:
        application: Any = server._app
        (collection,) = application.medallion_backend.data["demo"]["collections"]
        collection["can_write"] = True
        yield server, collection


def test_medallion_takes_everything_once_however_often_it_is_sent() -> None:
    with medallion([]) as (server, collection):
        for _ in range(2):
            delivery, told = send(server.url, auth=AUTH)
            assert delivery == Delivery(
                frozenset(each["id"] for each in ROWS),
                f"{server.url}collections/{COLLECTION}/",
            )
            assert told[-1] == (7, 7)
        newer = {**ROWS[0], "modified": "2026-02-01T00:00:00.000Z", "revoked": True}
        assert send(server.url, [newer], auth=AUTH)[0].accepted == {newer["id"]}
        held = [(each["id"], each["modified"]) for each in collection["objects"]]
        sent = [AUTHOR, *ROWS, newer]
        assert sorted(held) == sorted((str(e["id"]), str(e["modified"])) for e in sent)


def test_medallion_that_may_not_be_written_or_does_not_know_us_gets_nothing() -> None:
    with medallion([]) as (server, collection):
        with pytest.raises(ExportError, match="answered 401") as refused:
            send(server.url, auth={**AUTH, "username": "stranger"})
        assert "`auth` of this partner" in refused.value.hint
        collection["can_write"] = False
        with pytest.raises(ExportError, match="does not let us write") as refused:
            send(server.url, auth=AUTH)
        assert refused.value.exit_code is ExitCode.EXPORT_REFUSED
        assert collection["objects"] == []


def test_a_discovery_address_leads_to_the_collection_too(loopback_taxii: Start) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox, discovery={"title": "Partner", "api_roots": ["/api1/"]}
    )
    delivery, _ = send(server.discovery_url)
    assert delivery.accepted == {each["id"] for each in ROWS}
    assert delivery.place == f"{server.url}collections/{COLLECTION}/"


def test_a_check_sends_nothing(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox)
    door = door_of(partner_of(server.url), Path(), ENVIRON)
    assert door.check() == (
        f"{server.url}collections/{COLLECTION}/ lets us write, 100,000 bytes at once"
    )
    server.can_write = False
    with pytest.raises(ExportError, match="does not let us write"):
        door.check()
    assert server.posted == []


def test_failures_carry_the_servers_reason_and_the_others_count(loopback_taxii: Start) -> None:
    bad = ROWS[2]["id"]
    server = loopback_taxii(
        kind=LoopbackInbox, judge=lambda e: "no such\x1b[31m type" if e["id"] == bad else None
    )
    delivery, _ = send(server.url)
    assert delivery.accepted == {each["id"] for each in ROWS} - {bad}
    assert list(delivery.failed) == [bad]
    assert delivery.failed[bad].startswith("no such")
    assert delivery.failed[bad].isprintable()
    assert delivery.done
    server.judge = lambda _: None
    assert send(server.url, [ROWS[2]])[0].accepted == {bad}


def test_a_definition_that_is_not_taken_is_told(loopback_taxii: Start) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox, judge=lambda e: "no identities" if e["type"] == "identity" else None
    )
    delivery, _ = send(server.url)
    assert delivery.accepted == {each["id"] for each in ROWS}
    assert delivery.failed == {}
    assert delivery.note == "definitions not taken: 1 (no identities)"


def test_what_is_not_confirmed_is_not_accepted(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox, polls=10**6, can_read=False)
    delivery, told = send(server.url)
    assert (delivery.accepted, delivery.failed, delivery.done) == (frozenset(), {}, False)
    assert delivery.note == "8 were sent and not confirmed"
    assert told[-1] == (0, 7)


def test_a_server_that_dies_halfway_keeps_what_it_confirmed(loopback_taxii: Start) -> None:
    large = [{**each, "description": "x" * 40_000} for each in ROWS]
    server = loopback_taxii(
        kind=LoopbackInbox, malice=inbox.posts(None, None, ever=inbox.dropped), can_read=False
    )
    delivery, told = send(server.url, large)
    assert 0 < len(delivery.accepted) < len(ROWS)
    assert not delivery.done
    assert "were not sent" in delivery.note
    assert "broke off" in delivery.note
    assert told[-1] == (len(delivery.accepted), 7)
    server.malice = None
    rest = [each for each in large if each["id"] not in delivery.accepted]
    assert send(server.url, rest)[0].accepted == {each["id"] for each in rest}


def test_a_fault_before_anything_arrived_is_an_error(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox, malice=inbox.posts(ever=inbox.answered(403)))
    with pytest.raises(ExportError, match="answered 403") as refused:
        send(server.url, auth=AUTH)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code is ExitCode.EXPORT_REFUSED


def test_a_server_of_taxii_20_is_refused(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackTaxii20)
    with pytest.raises(ExportError, match="406") as refused:
        send(server.url)
    assert refused.value.hint == (
        "it may not speak TAXII 2.1, and objects are sent in no other version"
    )


def test_a_missing_secret_is_said_before_anybody_is_asked(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox)
    with pytest.raises(ConfigError, match="NOT_THERE"):
        send(server.url, auth={**AUTH, "password": "env:NOT_THERE"})
    assert server.seen == []


def test_a_lone_surrogate_stops_nothing(loopback_taxii: Start) -> None:
    server = loopback_taxii(kind=LoopbackInbox)
    odd = {**ROWS[0], "description": "\ud800"}
    assert send(server.url, [odd])[0].accepted == {odd["id"]}


def test_what_is_withdrawn_by_a_list_is_not_said_to_be_sent(loopback_taxii: Start) -> None:
    """MISP takes revoked objects for live ones: they are no part of its shipments."""
    server = loopback_taxii(kind=LoopbackInbox)
    partner = partner_of(server.url)
    whole = shipment_of(partner)
    shipment = replace(whole, objects=whole.objects[:-1])
    told: list[tuple[int, int]] = []
    delivery = door_of(partner, Path(), ENVIRON).deliver(shipment, lambda *at: told.append(at))
    assert delivery.accepted == {each["id"] for each in ROWS[:-1]}
    assert list(delivery.failed) == [ROWS[-1]["id"]]
    assert "hand it over" in delivery.failed[ROWS[-1]["id"]]
    assert told[-1] == (6, 7)


def named_by_the_server(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Refuse each object with the headers of the request as the reason."""
    said = " ".join(seen.headers.values())
    failures = [{"id": each["id"], "message": said} for each in ROWS]
    return Answer(orjson.dumps(inbox.status_of({"failures": failures})), status=202)


@pytest.mark.parametrize(
    "malice", [*ECHOES.values(), named_by_the_server], ids=[*ECHOES, "failures"]
)
def test_the_credential_comes_back_in_nothing(
    loopback_taxii: Start, monkeypatch: pytest.MonkeyPatch, malice: Malice
) -> None:
    monkeypatch.setenv(VARIABLE, CANARY)
    server = loopback_taxii(kind=LoopbackInbox, malice=inbox.posts(ever=malice))
    auth = {"kind": "basic", "username": "u", "password": f"env:{VARIABLE}"}
    partner = partner_of(server.url, auth=auth, deadline=1)
    heard: list[str] = []
    door = door_of(partner, Path(), os.environ, heard.append)
    try:
        delivery = door.deliver(shipment_of(partner), lambda *_: None)
    except ExportError as fault:
        heard += [fault.message, fault.hint]
    else:
        heard += [delivery.note, delivery.place, *delivery.failed.values()]
    assert any(sent(" ".join(seen.headers.values())) for seen in server.seen)
    assert heard
    assert not [line for line in heard if sent(line) or not line.isprintable()]
