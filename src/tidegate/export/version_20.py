"""The same objects in STIX 2.0, for partners whose tools read no other. Pure.

Version 2.0 has no confidence, no pattern type and no extensions, and calls the indicator types
labels (STIX 2.0 part 2, section 2.5). What it cannot say is left out; the marking never is.
"""

from __future__ import annotations

from tidegate.export.stix_objects import StixObject
from tidegate.export.tlp_objects import TLP_1

_NOT_IN_20 = frozenset(
    ("spec_version", "pattern_type", "indicator_types", "confidence", "extensions")
)
_LABELS = frozenset(
    (
        "anomalous-activity",
        "anonymization",
        "benign",
        "compromised",
        "malicious-activity",
        "attribution",
    )
)
"""`indicator-label-ov` (STIX 2.0 part 2, section 6.5), which lacks `unknown`."""


def as_20(item: StixObject) -> StixObject:
    """An object of version 2.1 as one of 2.0."""
    found = {name: value for name, value in item.items() if name not in _NOT_IN_20}
    kinds = item.get("indicator_types")
    if item["type"] == "indicator":
        known = [kind for kind in kinds if kind in _LABELS] if isinstance(kinds, list) else []
        found["labels"] = known or ["anomalous-activity"]
    refs = item.get("object_marking_refs")
    if isinstance(refs, list):
        found["object_marking_refs"] = [TLP_1.get(ref, ref) for ref in refs]
    return found
