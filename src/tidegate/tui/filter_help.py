"""The filter's fields for the help screen: each with its other names, one example, a meaning.

Owns the words only; `tests/tui/test_filter_help.py` proves that no field of the language is left
out and that every example is read by the filter itself. Refuses to know what a field does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldHelp:
    """One field. `names` holds its spellings, the one to teach first."""

    names: tuple[str, ...]
    example: str
    meaning: str


FIELD_HELP: tuple[FieldHelp, ...] = (
    FieldHelp(("type",), "type:ip,domain", "one of these types"),
    FieldHelp(("action",), "action:block", "allow, alert or block"),
    FieldHelp(("severity", "sev"), "sev>=medium", "severity"),
    FieldHelp(("feed",), "feed:acme-c2", "wanted by this feed"),
    FieldHelp(("value",), "value:login", "text within the value"),
    FieldHelp(("title",), 'title:"apt 29"', "text within the title"),
    FieldHelp(("note",), "note:ticket", "text within the note"),
    FieldHelp(("description",), "description:loader", "text within the description"),
    FieldHelp(("category",), "category:malware", "text within the category"),
    FieldHelp(("group", "scope"), "group:servers", "device group; none: all devices"),
    FieldHelp(("origin",), "origin:manual", "manual, feed or foreign"),
    FieldHelp(("tlp",), "tlp>=amber", "traffic light protocol"),
    FieldHelp(("id",), "id:d0a6", "how the row's id begins"),
    FieldHelp(("confidence", "conf"), "conf>=60", "confidence, 0 to 100"),
    FieldHelp(("rank",), "rank<=500", "place in the list"),
    FieldHelp(("expires",), "expires<7d", "time left, or a date"),
    FieldHelp(("is",), "is:pinned", "pinned, owned, manual, foreign …"),
    FieldHelp(("has",), "-has:note", "note, override, groups, expiry …"),
    FieldHelp(("ip",), "ip:198.51.100.0/24", "inside a network"),
    FieldHelp(("domain",), "domain:example.com", "the domain and all below it"),
    FieldHelp(("url",), "url:/login", "text within a URL"),
    FieldHelp(("hash",), "hash:e3b0", "any file hash"),
    FieldHelp(("sha256",), "sha256:e3b0", "a SHA-256"),
    FieldHelp(("sha1",), "sha1:da39", "a SHA-1"),
    FieldHelp(("md5",), "md5:d41d", "an MD5"),
    FieldHelp(("cert",), "cert:9f86", "a certificate's thumbprint"),
)
"""In the order of the language's own table."""
