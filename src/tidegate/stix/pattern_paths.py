"""Which object paths a Defender row can say, and under which type.

Owns the table of paths and the reading of hash algorithm names. Refuses values: that a text under
`sha256` has the length of a SHA-1 is noticed in mapping, where values get their canonical form.
"""

from __future__ import annotations

from types import MappingProxyType

from tidegate.indicators.kinds import IndicatorType
from tidegate.stix.pattern_syntax import Path

FILE = "file"
CERTIFICATE = "x509-certificate"
NETWORK_TRAFFIC = "network-traffic"

VALUE_TYPE = MappingProxyType(
    {
        "ipv4-addr": IndicatorType.IP_ADDRESS,
        "ipv6-addr": IndicatorType.IP_ADDRESS,
        "domain-name": IndicatorType.DOMAIN_NAME,
        "url": IndicatorType.URL,
    }
)
"""Object types whose `value` is an indicator by itself."""

SPEC_KEYS = frozenset(("MD5", "SHA-1", "SHA-256"))
"""How STIX spells the algorithms that map (hash-algorithm-ov, STIX 2.1 section 10.6)."""

_FILE_HASH = MappingProxyType(
    {
        "md5": IndicatorType.FILE_MD5,
        "sha1": IndicatorType.FILE_SHA1,
        "sha256": IndicatorType.FILE_SHA256,
    }
)


def algorithm(key: str) -> str:
    """Fold a hash key to its algorithm: `'SHA-256'`, `sha256` and `SHA_256` are one."""
    return key.replace("-", "").replace("_", "").casefold()


def is_hash(path: Path) -> bool:
    """Say whether the path is one hash of a file or of a certificate itself."""
    return (
        path.object_type in (FILE, CERTIFICATE)
        and len(path.steps) == 2  # noqa: PLR2004 - `hashes` and its key
        and path.steps[0] == "hashes"
        and not path.steps[1].startswith("[")
    )


def is_reference(path: Path) -> bool:
    """Say whether the path is the address at one end of network traffic."""
    return path.object_type == NETWORK_TRAFFIC and path.steps in (
        ("dst_ref", "value"),
        ("src_ref", "value"),
    )


def type_of(path: Path) -> IndicatorType | None:
    """Return the type that an equality on this path has; None when no row can say it."""
    if path.steps == ("value",):
        return VALUE_TYPE.get(path.object_type)
    if not is_hash(path):
        return None
    name = algorithm(path.steps[1])
    if path.object_type == FILE:
        return _FILE_HASH.get(name)
    return IndicatorType.CERTIFICATE if name == "sha1" else None


def _plain_paths() -> dict[str, tuple[IndicatorType, bool]]:
    """List the spellings that nearly every pattern uses."""
    found = {f"{name}:value": (kind, True) for name, kind in VALUE_TYPE.items()}
    for key in ("MD5", "SHA-1", "SHA-256", "md5", "sha1", "sha256", "SHA1", "SHA256"):
        for object_type in (FILE, CERTIFICATE):
            kind = type_of(Path(object_type, ("hashes", key)))
            if kind is None:
                continue
            found[f"{object_type}:hashes.'{key}'"] = (kind, key in SPEC_KEYS)
            if "-" not in key:
                found[f"{object_type}:hashes.{key}"] = (kind, key in SPEC_KEYS)
    return found


PLAIN_PATHS = MappingProxyType(_plain_paths())
"""Path as text, to its type and whether its hash key is spelled as in STIX."""
