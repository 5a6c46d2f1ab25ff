"""The marking definitions, as they were published."""

from __future__ import annotations

import stix2

from tidegate.export.stix_objects import TLP_IDS
from tidegate.export.tlp_objects import TLP_1, tlp_definitions
from tidegate.stix.markings import LEVELS, tlp_of


def test_only_levels_that_are_worn_are_defined_the_freest_first() -> None:
    refs = [TLP_IDS["red"], TLP_IDS["clear"], "marking-definition--x"]
    found = tlp_definitions(refs, "2.1")
    assert [item["name"] for item in found] == ["TLP:CLEAR", "TLP:RED"]


def test_they_are_those_that_others_publish() -> None:
    for level, item in zip(LEVELS, tlp_definitions(TLP_IDS.values(), "2.1"), strict=True):
        assert tlp_of([str(item["id"])]) == level
        assert stix2.parse(item, allow_custom=False).id == item["id"]
    first = {item["id"]: item for item in tlp_definitions(TLP_IDS.values(), "2.0")}
    for theirs in (
        stix2.v20.TLP_WHITE,
        stix2.v20.TLP_GREEN,
        stix2.v20.TLP_AMBER,
        stix2.v20.TLP_RED,
    ):
        ours = stix2.parse(first.pop(theirs.id), version="2.0")
        assert ours.serialize() == theirs.serialize()
    assert first == {}


def test_every_level_that_version_1_has_is_the_same_level() -> None:
    for second, first in TLP_1.items():
        assert tlp_of([first]) == tlp_of([second])
