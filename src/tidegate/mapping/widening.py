"""What a row matches beyond its pattern, and what the pattern said that no row can.

Owns the codes of widening with their sentences, and the reading of `PatternAtom.beside`. Refuses
judgement: whether a row that matches more may be listed is decided by the policy and by people.
The rules of matching are Microsoft's ("Create indicators for IPs and URLs/domains", "… for files",
"… based on certificates"); a test holds the codes against a model of them, in both directions.
"""

from __future__ import annotations

from types import MappingProxyType

from tidegate.indicators.kinds import IndicatorType
from tidegate.stix.atoms import BESIDE_LENGTH, BESIDE_PAIRS, PatternAtom
from tidegate.stix.pattern_paths import NETWORK_TRAFFIC

SUBDOMAINS = "subdomains"
BENEATH_URL = "beneath_url"
OTHER_NAMES = "other_names"
EITHER_DIRECTION = "either_direction"

WIDENING = MappingProxyType(
    {
        SUBDOMAINS: "a domain covers its subdomains, and every URL on it and on them",
        BENEATH_URL: "a URL covers what lies beneath its path, with any query",
        OTHER_NAMES: "the hash decides, whatever name, size, path or other hash stood beside it",
        EITHER_DIRECTION: "a row names no direction, so it covers traffic to and from the value",
    }
)
"""Code of each way in which a row matches more than its pattern, to its sentence.

The first three are Defender's own. What a query in an indicator narrows is not documented, so it is
taken to narrow nothing. The fourth comes of patterns on `network-traffic`, which know two ends.
"""

_CONTEXT = MappingProxyType({"file:name": "file_name", "file:mime_type": "mime_type"})


def widening(kind: IndicatorType, atom: PatternAtom) -> tuple[str, ...]:
    """Return the codes of how a row of type `kind`, made of `atom`, matches more than `atom` says.

    `kind` is that of the row, which a repair of its value may have changed. Empty for a hash that
    stood alone and for an address that was asked for at either end.
    """
    codes: list[str] = []
    if kind is IndicatorType.DOMAIN_NAME:
        codes.append(SUBDOMAINS)
    elif kind is IndicatorType.URL:
        codes.append(BENEATH_URL)
    if atom.beside:
        traffic = atom.beside[0][0].startswith(f"{NETWORK_TRAFFIC}:")
        codes.append(EITHER_DIRECTION if traffic else OTHER_NAMES)
    return tuple(codes)


def one_file(atom: PatternAtom) -> bool:
    """Say whether alternatives with a hash each were read as one file, of which a row has one hash.

    It is how publishers write one sample, and a presumption: were they several files, the row would
    miss all but one of them. Hashes that the pattern joined by AND presume nothing.
    """
    together = {literal for _, literal in atom.beside}
    return any(value not in together for _, value in atom.aliases)


def beside_context(atom: PatternAtom) -> dict[str, tuple[str, ...]]:
    """Return what the pattern says of a file besides its hash: `file_name` and `mime_type`.

    Values are as the publisher wrote them, each key only where there is one. Empty where the list
    may have been cut short: what was lost might say the opposite.
    """
    cut = any(len(literal) >= BESIDE_LENGTH for _, literal in atom.beside)
    if cut or len(atom.beside) >= BESIDE_PAIRS:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for path, literal in atom.beside:
        key = _CONTEXT.get(path)
        if key is not None and literal:
            found[key] = (*found.get(key, ()), literal)
    return found
