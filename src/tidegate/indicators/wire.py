"""How actions, columns and extension properties are spelled outside Tidegate. Pure.

Owns every spelling that leaves or enters through a file: the portal CSV's header and action
names of both dialects (and the legacy names that old files still carry), and the names in our
STIX extension. Refuses to decide whether an action is allowed for a type (`kinds.ACTIONS` does)
and to read or write files.

Sources: "Manage indicators", section "Import a list of IoCs" (columns, action names);
"Indicator resource type" (legacy `Alert`, `AlertAndBlock`; `generateAlert` goes with `Audit`);
STIX 2.1 §7.3 (extensions) and §3.8 (`action` and `severity` are reserved, hence `edr_`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tidegate.errors import ActionNotSupported
from tidegate.indicators.kinds import (
    FILE_TYPES,
    NETWORK_TYPES,
    Action,
    Dialect,
    IndicatorType,
    supported,
)

_SEED_COLUMNS = (
    "IndicatorType",
    "IndicatorValue",
    "ExpirationTime",
    "Action",
    "Severity",
    "Title",
    "Description",
    "RecommendedActions",
    "RbacGroups",
    "Category",
    "MitreTechniques",
)

CSV_COLUMNS: Mapping[Dialect, tuple[str, ...]] = MappingProxyType(
    {Dialect.SEED: _SEED_COLUMNS, Dialect.TODAY: (*_SEED_COLUMNS, "GenerateAlert")}
)
"""The portal's header, in its order. Before 2022 there was no GenerateAlert."""

CSV_REQUIRED = ("IndicatorType", "IndicatorValue", "Action")
"""Columns without which a row says nothing; the portal also wants Title and Description."""

CSV_TYPES = frozenset({IndicatorType.FILE_SHA256, IndicatorType.FILE_SHA1, *NETWORK_TYPES})
"""Types that the portal's CSV can express: its enum holds neither MD5 nor certificates."""

_COLUMN_ALIASES = MappingProxyType({"rbacgroupnames": "RbacGroups"})
_FOLDED_COLUMNS = MappingProxyType(
    {name.casefold(): name for name in CSV_COLUMNS[Dialect.TODAY]} | _COLUMN_ALIASES
)

NO_DESCRIPTION = "No description."
"""Stands in where a format demands a description and the row has none; read back as none."""

EXTENSION_ID = "extension-definition--7933947c-e0b1-4a36-897a-d008ee01ad0e"
"""Our STIX property extension. Minted once; it never changes while the names below stand."""

EDR_TYPE = "edr_type"
EDR_ACTION = "edr_action"
EDR_SEVERITY = "edr_severity"
EDR_SCOPE = "edr_scope"
EDR_CATEGORY = "edr_category"
EDR_RECOMMENDED_ACTIONS = "edr_recommended_actions"

MITRE_SOURCE = "mitre-attack"
"""`source_name` of the external references that carry ATT&CK technique ids."""


@dataclass(frozen=True, slots=True)
class WireAction:
    """An action as Defender spells it, and whether a match raises an alert."""

    name: str
    generate_alert: bool


_SEED_ACTIONS = MappingProxyType(
    {
        Action.ALLOW: WireAction("Allowed", generate_alert=False),
        Action.ALERT_ONLY: WireAction("Alert", generate_alert=True),
        Action.ALERT_AND_BLOCK: WireAction("AlertAndBlock", generate_alert=True),
    }
)
_TODAY_ACTIONS = MappingProxyType(
    {
        Action.ALLOW: WireAction("Allowed", generate_alert=False),
        Action.ALERT_ONLY: WireAction("Audit", generate_alert=True),
        Action.ALERT_AND_BLOCK: WireAction("BlockAndRemediate", generate_alert=True),
        Action.WARN: WireAction("Warn", generate_alert=False),
        Action.BLOCK: WireAction("Block", generate_alert=False),
    }
)
# BlockAndRemediate "won't import" for network types: there is no file to remediate.
_NETWORK_BLOCK = WireAction("Block", generate_alert=True)

_READ_ACTIONS = MappingProxyType(
    {
        "allowed": Action.ALLOW,
        "allow": Action.ALLOW,
        "alert": Action.ALERT_ONLY,
        "audit": Action.ALERT_ONLY,
        "alertonly": Action.ALERT_ONLY,
        "alertandblock": Action.ALERT_AND_BLOCK,
        "blockandremediate": Action.ALERT_AND_BLOCK,
        "warn": Action.WARN,
        "block": Action.BLOCK,
    }
)


def to_wire(dialect: Dialect, kind: IndicatorType, action: Action) -> WireAction:
    """Spell an action for Defender.

    Raises:
        ActionNotSupported: Defender does not take `action` for `kind` in `dialect`.
    """
    if not supported(dialect, kind, action):
        raise ActionNotSupported(
            f"Defender ({dialect.value}) does not take {action.value!r} for {kind.value}",
            "choose another action or the other dialect",
        )
    if dialect is Dialect.SEED:
        return _SEED_ACTIONS[action]
    if action is Action.ALERT_AND_BLOCK and kind in NETWORK_TYPES:
        return _NETWORK_BLOCK
    return _TODAY_ACTIONS[action]


def from_wire(name: str, *, generate_alert: bool | None = None) -> Action | None:
    """Read an action as any dialect spells it; None when the name is unknown.

    `generate_alert` is the GenerateAlert cell, None when the file has none. `Block` with an alert
    is Alert and block, whatever the type: both halves happen. `BlockAndRemediate` without an alert
    has no word of its own here and stays Alert and block, since losing the remediation would
    weaken the row. Letter case and blanks are ignored.
    """
    action = _READ_ACTIONS.get("".join(name.split()).casefold())
    if action is Action.BLOCK and generate_alert:
        return Action.ALERT_AND_BLOCK
    return action


def csv_column(header: str) -> str | None:
    """The portal's spelling of a header cell in any known spelling; None for a foreign column.

    Microsoft's table writes `indicatorType`, its sample `IndicatorType`; the group column was
    documented as `rbacGroupNames` until 2022.
    """
    return _FOLDED_COLUMNS.get("".join(header.split()).casefold())


HASH_KEYS: Mapping[IndicatorType, str] = MappingProxyType(
    dict(zip(FILE_TYPES, ("'SHA-256'", "'SHA-1'", "MD5"), strict=True))
)
"""Keys of the STIX `hashes` dictionary as a pattern writes them (STIX 2.1 §10.7)."""

_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")


def _formula(cell: str) -> bool:
    """Whether a spreadsheet may take the cell for a formula once apostrophes are off its front.

    The characters are those of OWASP ASVS 1.2.10, also in full width, since spreadsheets fold
    them, and also behind blanks.
    """
    return "\0" in cell or cell.lstrip("' ")[:1] in _FORMULA_STARTS


def guarded(cell: str) -> str:
    """Make a CSV cell inert in a spreadsheet: an apostrophe before what may be a formula."""
    return f"'{cell}" if _formula(cell) else cell


def unguarded(cell: str) -> str:
    """Take the apostrophe of `guarded` off again; every other cell stays as it is."""
    return cell[1:] if cell.startswith("'") and _formula(cell) else cell
