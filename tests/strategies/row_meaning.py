"""What a row of Defender matches of an observation, and why it matches more than a pattern.

Written from Microsoft's pages and not from our code: a file by one hash of it; a certificate by its
thumbprint; an address at whatever end of traffic; a name with its subdomains and the URLs on them;
a URL with what lies beneath its path. What a query in a row narrows is not documented, so nothing
here lets it narrow anything. An address row reads addresses and not the text of URLs.

`reasons` looks at what the pattern asked for, never at the row, so that a row of another value
finds no excuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from strategies.pattern_meaning import ADDRESSES, World, hash_kind, spelled
from strategies.pattern_tree import Said
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType

HASHED = (*FILE_TYPES, IndicatorType.CERTIFICATE)


def row_matches(kind: IndicatorType, value: str, world: World) -> bool:
    """Say whether a row matches anything of an observation."""
    match kind:
        case IndicatorType.IP_ADDRESS:
            return value in addresses(world)
        case IndicatorType.DOMAIN_NAME:
            return any(_at_or_below(name, value) for name in (*names(world), *hosts(world)))
        case IndicatorType.URL:
            return any(_at_or_beneath(url, value) for url in urls(world))
    return value in set(hashes(world, kind))


def reasons(kind: IndicatorType, tests: Sequence[Said], world: World) -> set[str]:
    """Return the codes that explain why a row matches though these tests do not all hold.

    `tests` are one way to match the pattern the row was made of. Empty where nothing explains it.
    """
    if kind in HASHED:
        asked = [test for test in tests if _asks_hash(test, kind)]
        named = any(str(spelled(kind, test.meant[0])) in set(hashes(world, kind)) for test in asked)
        return {"other_names"} if named and len(asked) < len(tests) else set()
    asked = [test for test in tests if test.test == "=" and test.steps[-1] == "value"]
    if not asked:
        return set()
    value, end = str(spelled(kind, asked[0].meant[0])), str(asked[0].steps[0])
    turned = {"either_direction"} if asked[0].object_type == "network-traffic" else set()
    if kind is IndicatorType.URL:
        beneath = any(url != value and _at_or_beneath(url, value) for url in urls(world))
        return {"beneath_url"} if beneath else set()
    if kind is IndicatorType.IP_ADDRESS or value in names(world):
        return turned if value in names(world) | addresses(world) else set()
    if any(_at_or_below(name, value) for name in names(_at_end(world, end))):
        return {"subdomains"}
    return {"subdomains"} | turned if row_matches(kind, value, world) else set()


def hashes(world: World, kind: IndicatorType) -> Iterator[str]:
    """Yield the hashes of a type."""
    for thing in world.values():
        found = thing.get("hashes")
        if isinstance(found, Mapping):
            for key, value in found.items():
                if hash_kind(thing["type"], key) is kind:
                    yield str(spelled(kind, value))


def addresses(world: World) -> set[str]:
    """Return all addresses."""
    return _values(world, ADDRESSES, IndicatorType.IP_ADDRESS)


def names(world: World) -> set[str]:
    """Return all names that stand by themselves."""
    return _values(world, {"domain-name"}, IndicatorType.DOMAIN_NAME)


def urls(world: World) -> set[str]:
    """Return all URLs."""
    return _values(world, {"url"}, IndicatorType.URL)


def hosts(world: World) -> set[str]:
    """Return the hosts of all URLs."""
    return {urlsplit(url).hostname or "" for url in urls(world)}


def _at_end(world: World, end: str) -> World:
    """Return what stands at one end of traffic."""
    idents = {str(thing[end]) for thing in world.values() if end in thing}
    return {ident: thing for ident, thing in world.items() if ident in idents}


def _values(world: World, types: frozenset[str] | set[str], kind: IndicatorType) -> set[str]:
    return {
        str(spelled(kind, t["value"]))
        for t in world.values()
        if t["type"] in types and "value" in t
    }


def _at_or_below(name: str, top: str) -> bool:
    return name == top or name.endswith(f".{top}")


def _at_or_beneath(url: str, top: str) -> bool:
    one, other = urlsplit(url), urlsplit(top)
    if (one.scheme, one.netloc) != (other.scheme, other.netloc):
        return False
    return one.path == other.path or one.path.startswith(other.path.rstrip("/") + "/")


def _asks_hash(test: Said, kind: IndicatorType) -> bool:
    if test.test != "=" or len(test.steps) != 2 or test.steps[0] != "hashes":
        return False
    return hash_kind(test.object_type, str(test.steps[1])) is kind and isinstance(
        test.meant[0], str
    )
