"""One warninglist in MISP's format: values that are mostly false positives.

Owns the strict reading of a decoded list and which of our types it speaks of. Refuses files (the
service reads them), verdicts (guard.py), matching (warninglist_match.py), and the expressions of a
list about what Defender has no indicator for, such as e-mail addresses: it is read as empty.
Format: github.com/MISP/misp-warninglists, `schema.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from tidegate.indicators.kinds import IndicatorType

_IP, _NAME, _URL = IndicatorType.IP_ADDRESS, IndicatorType.DOMAIN_NAME, IndicatorType.URL

_KINDS = MappingProxyType(
    {
        "ip": _IP,
        "ip-src": _IP,
        "ip-dst": _IP,
        "domain": _NAME,
        "hostname": _NAME,
        "url": _URL,
        "uri": _URL,
        "link": _URL,
        "md5": IndicatorType.FILE_MD5,
        "sha1": IndicatorType.FILE_SHA1,
        "sha256": IndicatorType.FILE_SHA256,
        "x509-fingerprint-sha1": IndicatorType.CERTIFICATE,
    }
)
"""MISP's attribute types that we have an indicator for; `a|b` names two."""

SHARED_GROUND = frozenset(
    {
        "akamai",
        "amazon-aws",
        "cloudflare",
        "dynamic-dns",
        "fastly",
        "google-gcp",
        "microsoft-azure",
        "microsoft-azure-china",
        "microsoft-azure-germany",
        "microsoft-azure-us-gov",
        "ovh-cluster",
        "stackpath",
        "url-shortener",
        "wikimedia",
    }
)
"""Lists of places where strangers live side by side: a hit is a hint, not a false positive."""

_SHORTEST_SUBSTRING = 3
_SHOWN = 60


class Form(StrEnum):
    """How the entries of a list are compared."""

    STRING = "string"
    SUBSTRING = "substring"
    HOSTNAME = "hostname"
    CIDR = "cidr"
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Warninglist:
    """One list as read. `key` is what the configuration calls it; `kinds` what it speaks of."""

    key: str
    name: str
    form: Form
    entries: tuple[str, ...]
    kinds: frozenset[IndicatorType]


def read_warninglist(key: str, document: object) -> Warninglist:
    """Read one decoded list. Raises ValueError saying which part is not as the format has it."""
    if not isinstance(document, Mapping):
        raise ValueError("is no JSON object")  # noqa: TRY004 - one error for every fault of a file
    name = document.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ValueError("`name` is missing")
    form = _form(document.get("type"))
    attributes = _strings(document, "matching_attributes")
    kinds = _kinds(attributes)
    entries = tuple(text for entry in _strings(document, "list") if (text := entry.strip()))
    if form is Form.REGEX and not kinds:
        # MISP's own expressions are all of this sort, and take an engine to load.
        entries = ()
    if form is Form.SUBSTRING:
        for entry in entries:
            if len(entry) < _SHORTEST_SUBSTRING:
                raise ValueError(f"`list`: {entry!a} is too short to look for inside values")
    return Warninglist(key, name.strip(), form, entries, kinds)


def _form(text: object) -> Form:
    known = ", ".join(Form)
    if text is None:
        raise ValueError(f"`type` is missing: one of {known}")
    try:
        return Form(str(text))
    except ValueError:
        raise ValueError(f"`type` is {str(text)[:_SHOWN]!a}, not one of {known}") from None


def _strings(document: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = document.get(key, [] if key == "matching_attributes" else None)
    if not isinstance(found, list) or not all(isinstance(entry, str) for entry in found):
        raise ValueError(f"`{key}` is no list of strings")
    return tuple(found)


def _kinds(attributes: tuple[str, ...]) -> frozenset[IndicatorType]:
    """Return the types that a list speaks of: all when it names none."""
    if not attributes:
        return frozenset(IndicatorType)
    parts = {part for attribute in attributes for part in attribute.strip().lower().split("|")}
    return frozenset(_KINDS[part] for part in parts if part in _KINDS)
