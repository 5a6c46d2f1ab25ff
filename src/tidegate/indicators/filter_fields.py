"""Every field of the filter language, and what it is compiled by.

Adding a field is one entry in `FIELDS`. Refuses to guess: an unknown field is an error that names
the nearest known one, and so is an order where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

from tidegate.indicators.filter_network import domain, ip
from tidegate.indicators.filter_order import expires, number, severity, tlp
from tidegate.indicators.filter_predicate import Compiler, FieldError, Predicate, nearest
from tidegate.indicators.filter_words import (
    HAS,
    IS,
    actions,
    contains,
    flag,
    ids,
    names,
    origin,
    part,
    rules,
    types,
)
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType
from tidegate.indicators.text import safe

FIELDS: MappingProxyType[str, Compiler] = MappingProxyType(
    {
        "type": types,
        "action": actions,
        "sev": severity,
        "severity": severity,
        "feed": partial(names, "feeds"),
        "value": partial(contains, "value"),
        "title": partial(contains, "title"),
        "note": partial(contains, "note"),
        "description": partial(contains, "description"),
        "category": partial(contains, "category"),
        "group": partial(names, "groups"),
        "scope": partial(names, "groups"),
        "origin": origin,
        "tlp": tlp,
        "id": ids,
        "conf": partial(number, "confidence"),
        "confidence": partial(number, "confidence"),
        "rank": partial(number, "rank"),
        "expires": expires,
        "is": partial(flag, IS),
        "has": partial(flag, HAS),
        "why": rules,
        "ip": ip,
        "domain": domain,
        "url": partial(part, (IndicatorType.URL,)),
        "hash": partial(part, FILE_TYPES),
        "sha256": partial(part, (IndicatorType.FILE_SHA256,)),
        "sha1": partial(part, (IndicatorType.FILE_SHA1,)),
        "md5": partial(part, (IndicatorType.FILE_MD5,)),
        "cert": partial(part, (IndicatorType.CERTIFICATE,)),
    }
)
"""Every field by its names; the interface offers them as completions."""

ORDERED = frozenset({"sev", "severity", "tlp", "conf", "confidence", "rank", "expires"})
"""Fields that take > >= < <=."""


Own: TypeAlias = Mapping[str, Predicate]
"""Properties that only one place can tell, such as the marks of a list."""

NOTHING: Own = MappingProxyType({})


def compile_field(
    name: str, operator: str, values: tuple[str, ...], own: Own = NOTHING
) -> Predicate:
    """Turn one field condition into a predicate; `own` are properties that `is:` has besides.

    Raises:
        FieldError: unknown field, unknown word, or an operator that the field does not take.
    """
    compiler = FIELDS.get(name)
    if compiler is None:
        raise FieldError(
            f"no field is called {safe(name, 40)}",
            nearest(name, FIELDS) or "quote the text to search for it",
        )
    if operator != ":" and name not in ORDERED:
        raise FieldError(
            f"{name} has no order, so {operator} means nothing",
            f"write {name}:{safe(values[0], 40)}",
        )
    if own and name == "is":
        return flag({**IS, **own}, name, operator, values)
    return compiler(name, operator, values)
