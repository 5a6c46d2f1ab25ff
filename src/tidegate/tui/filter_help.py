"""The filter for the help screen: how conditions combine, then each field with an example.

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


EXAMPLES = (
    ("type:ip,domain action:block", "one of these types, and this action"),
    ("type:url AND severity:high", "the same as with a blank for AND"),
    ("-feed:acme expires<7d", "not of this feed, expiring within a week"),
    ("ip:198.51.100.0/24 conf>=60", "inside a network, confidence 60 or more"),
    ("has:note is:pinned scope:none", "with a note, pinned, for all devices"),
    ("type:ip (sev:high OR conf>=80)", "an address, and either of these"),
    ("-(feed:acme OR is:pinned)", "neither of these"),
    ('"apt 29" "/login/"', "quoted: as text, with its spaces"),
    ("/beacon|loader/", "a regular expression, anywhere"),
    ("value:/^c2[0-9]+[.]/", "or in a field that looks for text"),
    (r"title:/apt\s?\d+/", "\\s is a space in one"),
)
"""Whole filters, each with its meaning."""

FIELD_HELP: tuple[FieldHelp, ...] = (
    FieldHelp(("type",), "type:ip,domain", "one of these types"),
    FieldHelp(("action",), "action:block", "allow, alert or block"),
    FieldHelp(("severity", "sev"), "sev>=medium", "severity"),
    FieldHelp(("feed",), "feed:acme-c2", "wanted by this feed"),
    FieldHelp(("value",), "value:login", "text or /regex/ in the value"),
    FieldHelp(("title",), 'title:"apt 29"', "text or /regex/ in the title"),
    FieldHelp(("note",), "note:ticket", "text or /regex/ in the note"),
    FieldHelp(("description",), "description:loader", "text or /regex/ in it"),
    FieldHelp(("category",), "category:malware", "text or /regex/ in it"),
    FieldHelp(("group", "scope"), "group:servers", "device group; none: all devices"),
    FieldHelp(("origin",), "origin:manual", "manual, feed or foreign"),
    FieldHelp(("tlp",), "tlp>=amber", "traffic light protocol"),
    FieldHelp(("id",), "id:d0a6", "how the row's id begins"),
    FieldHelp(("confidence", "conf"), "conf>=60", "confidence, 0 to 100"),
    FieldHelp(("rank",), "rank<=500", "place in the list"),
    FieldHelp(("expires",), "expires<7d", "time left, or a date"),
    FieldHelp(("is",), "is:conflict", "or pinned, owned, spoof, marked …"),
    FieldHelp(("has",), "-has:note", "note, override, groups, expiry …"),
    FieldHelp(("why",), "why:default", "the policy's rule that let it in"),
    FieldHelp(("ip",), "ip:198.51.100.0/24", "inside a network"),
    FieldHelp(("domain",), "domain:example.com", "the domain and all below it"),
    FieldHelp(("url",), "url:/login", "text within a URL, no /regex/"),
    FieldHelp(("hash",), "hash:e3b0", "any file hash"),
    FieldHelp(("sha256",), "sha256:e3b0", "a SHA-256"),
    FieldHelp(("sha1",), "sha1:da39", "a SHA-1"),
    FieldHelp(("md5",), "md5:d41d", "an MD5"),
    FieldHelp(("cert",), "cert:9f86", "a certificate's thumbprint"),
)
"""In the order of the language's own table."""
