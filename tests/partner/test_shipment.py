"""What is handed to a door."""

from __future__ import annotations

from datetime import UTC, datetime

from tidegate.partner import Delivery, Document, Manifest, Shipment, parse_partner

PARTNER = parse_partner(
    {
        "id": "isac",
        "tlp_max": "green",
        "identity": "Example Corp",
        "delivery": {"kind": "folder", "path": "out"},
    },
    "isac.toml",
)


def test_a_delivery_is_named_by_partner_and_number() -> None:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    manifest = Manifest("isac", 7, "bundle--1", moment, "ab", 2, full=False, counts={})
    shipment = Shipment(PARTNER, [], frozenset(), manifest, (Document(".json", b"{}"),))
    assert shipment.stem == "isac-000007"


def test_a_door_that_says_no_more_has_done_all() -> None:
    delivery = Delivery(frozenset({"indicator--1"}), "out")
    assert delivery.done
    assert delivery.failed == {}
