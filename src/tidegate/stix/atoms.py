"""One alternative of a STIX pattern, as far as a Defender row can say it.

Owns `PatternAtom` and the codes of atoms that no row can say. Refuses canonical forms: `value` is
the text between the quotes, unescaped and otherwise as the feed wrote it.
"""

from __future__ import annotations

from typing import NamedTuple

from tidegate.indicators.kinds import IndicatorType

AND_ACROSS = "and_across"
COMPARISON = "comparison"
EXISTS = "exists"
FOLLOWED_BY = "followed_by"
ISSUBSET = "issubset"
ISSUPERSET = "issuperset"
LIKE = "like"
MATCHES = "matches"
NEGATION = "negation"
NETWORK_TRAFFIC_REF = "network_traffic_ref"
OBSERVATION_AND = "observation_and"
QUALIFIER = "qualifier"
UNMAPPED_HASH = "unmapped_hash"
UNMAPPED_PATH = "unmapped_path"
VALUE_NOT_TEXT = "value_not_text"

REFUSALS = (
    AND_ACROSS,
    COMPARISON,
    EXISTS,
    FOLLOWED_BY,
    ISSUBSET,
    ISSUPERSET,
    LIKE,
    MATCHES,
    NEGATION,
    NETWORK_TRAFFIC_REF,
    OBSERVATION_AND,
    QUALIFIER,
    UNMAPPED_HASH,
    UNMAPPED_PATH,
    VALUE_NOT_TEXT,
)
"""Every code an atom can carry."""


BESIDE_PAIRS = 16
"""Most pairs in `PatternAtom.beside`; a list of this length may have lost some."""

BESIDE_LENGTH = 200
"""Longest text in a pair, in characters; a text of this length may have lost its end."""


class PatternAtom(NamedTuple):
    """One alternative of a pattern: a value of one type, or the reason why it is none.

    `code` is empty when the alternative maps. `aliases` are weaker hashes of the same file.
    `position` counts characters of the pattern from 0. `repairs` names what was read leniently.
    `beside` is what the pattern asked besides the value and no row can say, as (path, literal),
    hashes first: what stood beside a hash, and the end of the traffic whose address it is, such as
    ("network-traffic:dst_ref.type", "ipv4-addr"). The literal is empty unless it was asked to be
    equal to one text.
    """

    type: IndicatorType | None
    value: str
    aliases: tuple[tuple[IndicatorType, str], ...] = ()
    code: str = ""
    detail: str = ""
    position: int = 0
    repairs: tuple[str, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()
