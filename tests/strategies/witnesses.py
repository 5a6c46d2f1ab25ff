"""For each code of widening, an observation that a row takes in for that reason alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from strategies.pattern_meaning import World
from tidegate.indicators.kinds import IndicatorType

_KEYS = {
    IndicatorType.FILE_SHA256: ("file", "SHA-256"),
    IndicatorType.FILE_SHA1: ("file", "SHA-1"),
    IndicatorType.FILE_MD5: ("file", "MD5"),
    IndicatorType.CERTIFICATE: ("x509-certificate", "SHA-1"),
}


def witness(code: str, kind: IndicatorType, value: str) -> World:
    """Return what a row matches and its pattern does not."""
    match code:
        case "subdomains":
            traffic = {"type": "network-traffic", "src_ref": "one", "dst_ref": "one"}
            return {**_one("domain-name", value=f"x.{value}"), "traffic": traffic}
        case "beneath_url":
            parts = urlsplit(value)
            return _one("url", value=parts._replace(path=f"{parts.path}/x/y", query="").geturl())
        case "other_names":
            object_type, key = _KEYS[kind]
            return _one(object_type, hashes={key: value})
        case "either_direction":
            named = kind is IndicatorType.DOMAIN_NAME
            return _one("domain-name" if named else "ipv4-addr", value=value)
    raise AssertionError(code)


def _one(object_type: str, **parts: object) -> World:
    return {"one": {"type": object_type, **parts}}
