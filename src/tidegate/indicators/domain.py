"""Canonical form of domain names: A-labels, lower case, no trailing dot.

Refuses names that DNS cannot hold, single-label names (they mean something else in every network)
and wildcards (Defender matches subdomains of a name by itself). Whether a name is too broad to
list is the guards' question.
"""

from __future__ import annotations

import re

from tidegate.errors import InvalidValue
from tidegate.indicators.address import is_ipv4, read_ip
from tidegate.indicators.plain import no_blanks, plain, shown

NAME_LENGTH = 253
LABEL_LENGTH = 63
"""Longest name and label in characters (RFC 1035, 2.3.4, written without the root dot)."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label starts with a letter: URL parsers read a last label of digits as an address.
_NAME = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?")
_PORT = re.compile(r"(.+):[0-9]{1,5}")


def canonical_domain(text: str) -> str:
    """Return a name in canonical form.

    Raises:
        InvalidValue: `underscore_label`, `wildcard`, `not_a_domain`, `ip_in_domain`, `over_long`,
            `single_label`, `control_character`.
    """
    if len(text) <= NAME_LENGTH and _NAME.fullmatch(text):
        return text
    value = plain(text)
    no_blanks(value, "domain name")
    name = value.lower()
    if not name.isascii():
        name = _to_ascii(value)
    name = name.removesuffix(".")
    if len(name) <= NAME_LENGTH and _NAME.fullmatch(name):
        return name
    raise _no_domain(value, name)


def _to_ascii(value: str) -> str:
    # Imported here because names outside ASCII are rare and the tables cost 12 ms to load.
    import idna  # noqa: PLC0415 - see above

    try:
        # UTS #46, non-transitional, as browsers do: ß stays itself.
        return idna.encode(value, uts46=True, transitional=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as wrong:
        hint = "write it in its xn-- form"
        raise InvalidValue(
            "not_a_domain", f"{shown(value)} is not an internationalised domain name", hint
        ) from wrong


def _no_domain(value: str, name: str) -> InvalidValue:
    code, reason, hint = _something_else(name) or _malformed(name)
    return InvalidValue(code, f"{shown(value)} {reason}", hint)


def _something_else(name: str) -> tuple[str, str, str] | None:
    """Code, reason and hint for text that is something other than a name."""
    host_of_port = _PORT.fullmatch(name)
    if read_ip(name.strip("[]")) or (host_of_port and is_ipv4(host_of_port[1])):
        return "ip_in_domain", "is an IP address, not a domain name", "use the type ip"
    if "/" in name:
        return "not_a_domain", "is not a domain name", "that is a URL or a path"
    if "@" in name:
        return "not_a_domain", "is not a domain name", "that is an e-mail address"
    if "*" in name or "%" in name:
        hint = "name the domain itself; its subdomains are included"
        return "wildcard", "holds a wildcard", hint
    if host_of_port:
        return "not_a_domain", "holds a port", "leave the port out, or write a URL"
    return None


def _malformed(name: str) -> tuple[str, str, str]:
    """Code, reason and hint for a name that DNS cannot hold."""
    labels = name.split(".")
    if len(name) > NAME_LENGTH:
        return "over_long", f"has {len(name)} characters; a name has at most {NAME_LENGTH}", ""
    if any(len(label) > LABEL_LENGTH for label in labels):
        return "over_long", f"holds a label of more than {LABEL_LENGTH} characters", ""
    if "_" in name:
        return "underscore_label", "holds an underscore, which no host name has", ""
    if len(labels) == 1:
        reason = "has one label; it means another host in every network"
        return "single_label", reason, "write the full name"
    if "" in labels:
        return "not_a_domain", "holds an empty label", ""
    return "not_a_domain", "is not a domain name", ""
