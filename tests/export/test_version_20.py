"""Objects of STIX 2.1 as those of 2.0."""

from __future__ import annotations

import stix2

from tidegate.export.stix_objects import TLP_IDS, identity_object
from tidegate.export.version_20 import as_20
from tidegate.stix.markings import tlp_of

ITEM: dict[str, object] = {
    "type": "indicator",
    "spec_version": "2.1",
    "id": "indicator--11111111-1111-4111-8111-111111111111",
    "created_by_ref": "identity--11111111-1111-4111-8111-111111111111",
    "created": "2026-11-01T00:00:00.000Z",
    "modified": "2026-11-01T00:00:00.000Z",
    "name": "Loader",
    "indicator_types": ["malicious-activity"],
    "pattern": "[url:value = 'https://example.com/']",
    "pattern_type": "stix",
    "valid_from": "2026-11-01T00:00:00.000Z",
    "confidence": 85,
    "object_marking_refs": [TLP_IDS["amber"]],
    "extensions": {"extension-definition--x": {"extension_type": "property-extension"}},
}


def test_stix2_reads_it_as_2_0() -> None:
    found = stix2.parse(as_20(ITEM), version="2.0", allow_custom=False)
    assert found.labels == ["malicious-activity"]
    identity = stix2.parse(as_20(identity_object("Example Corp")), version="2.0")
    assert identity.name == "Example Corp"


def test_the_marking_stays_whatever_the_version_can_say() -> None:
    for level, ref in TLP_IDS.items():
        found = as_20({**ITEM, "object_marking_refs": [ref, "marking-definition--x"]})
        refs = found["object_marking_refs"]
        assert isinstance(refs, list)
        assert tlp_of(refs) == level
        assert refs[1] == "marking-definition--x"


def test_a_label_is_always_one_of_the_vocabulary() -> None:
    assert as_20({**ITEM, "indicator_types": ["unknown"]})["labels"] == ["anomalous-activity"]
