"""Indicator types, actions, severities and which action each type takes.

Owns the words of the Defender page ("Create indicators") and the type × action table of each
dialect. Refuses wire spellings other than the type names: those live with the portal CSV and,
later, the API.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class IndicatorType(StrEnum):
    """What an indicator matches; spelled as Defender's `indicatorType`."""

    FILE_SHA256 = "FileSha256"
    FILE_SHA1 = "FileSha1"
    FILE_MD5 = "FileMd5"
    IP_ADDRESS = "IpAddress"
    DOMAIN_NAME = "DomainName"
    URL = "Url"
    CERTIFICATE = "CertificateThumbprint"


FILE_TYPES = (IndicatorType.FILE_SHA256, IndicatorType.FILE_SHA1, IndicatorType.FILE_MD5)
"""Strongest hash first: Defender ranks SHA-256 over SHA-1 over MD5 for the same file."""

NETWORK_TYPES = (IndicatorType.IP_ADDRESS, IndicatorType.DOMAIN_NAME, IndicatorType.URL)

SHORT_TYPE = MappingProxyType(
    {
        IndicatorType.FILE_SHA256: "sha256",
        IndicatorType.FILE_SHA1: "sha1",
        IndicatorType.FILE_MD5: "md5",
        IndicatorType.IP_ADDRESS: "ip",
        IndicatorType.DOMAIN_NAME: "domain",
        IndicatorType.URL: "url",
        IndicatorType.CERTIFICATE: "cert",
    }
)
"""The names that filters and command lines use."""


class Action(StrEnum):
    """What Defender does on a match; the first three as the seed page writes them."""

    ALLOW = "Allow"
    ALERT_ONLY = "Alert only"
    ALERT_AND_BLOCK = "Alert and block"
    WARN = "Warn"
    BLOCK = "Block"


SHORT_ACTION = MappingProxyType(
    {
        Action.ALLOW: "allow",
        Action.ALERT_ONLY: "alert",
        Action.ALERT_AND_BLOCK: "block",
        Action.WARN: "warn",
        Action.BLOCK: "blockonly",
    }
)
"""The names that filters and command lines use; `block` is Alert and block."""


class Severity(StrEnum):
    """Severity of the alert that a match raises, mildest first."""

    INFORMATIONAL = "Informational"
    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"

    @property
    def level(self) -> int:
        """0 (Informational) to 3 (High), for ordering."""
        return _LEVELS[self]


_LEVELS = {severity: level for level, severity in enumerate(Severity)}


class Origin(StrEnum):
    """Who a row belongs to: a person, a feed, or somebody else in the tenant."""

    MANUAL = "manual"
    FEED = "feed"
    FOREIGN = "foreign"


class Dialect(StrEnum):
    """Which generation of Defender the tenant speaks."""

    SEED = "seed"
    TODAY = "today"


_SEED = frozenset({Action.ALLOW, Action.ALERT_ONLY, Action.ALERT_AND_BLOCK})
_ALL = frozenset(Action)

# Today's table: "Overview of indicators", section "Supported IoC actions"; certificates take only
# Allow and BlockAndRemediate. The seed page lists three actions for every type.
ACTIONS = MappingProxyType(
    {
        Dialect.SEED: MappingProxyType(dict.fromkeys(IndicatorType, _SEED)),
        Dialect.TODAY: MappingProxyType(
            {
                **dict.fromkeys(IndicatorType, _ALL),
                IndicatorType.CERTIFICATE: frozenset({Action.ALLOW, Action.ALERT_AND_BLOCK}),
            }
        ),
    }
)


def supported(dialect: Dialect, kind: IndicatorType, action: Action) -> bool:
    """Say whether Defender takes `action` for `kind` in `dialect`."""
    return action in ACTIONS[dialect][kind]


def parse_type(text: str) -> IndicatorType | None:
    """Read a type by its Defender or short name, in any letter case; None when unknown."""
    folded = text.strip().casefold()
    for kind, short in SHORT_TYPE.items():
        if folded in (kind.value.casefold(), short):
            return kind
    return None


def parse_action(text: str) -> Action | None:
    """Read an action by its full or short name; None when unknown.

    Letter case matters for one word only: `Block` is the action of that name, without an alert,
    while `block` is the short name of Alert and block.
    """
    words = " ".join(text.split())
    for action in Action:
        if words == action.value:
            return action
    for action, short in SHORT_ACTION.items():
        if words.casefold() in (short, action.value.casefold()):
            return action
    return None


def parse_severity(text: str) -> Severity | None:
    """Read a severity by name or unique abbreviation (`med`, `info`, `hi`); None when unknown."""
    folded = text.strip().casefold()
    found = [s for s in Severity if s.value.casefold().startswith(folded)] if folded else []
    return found[0] if len(found) == 1 else None
