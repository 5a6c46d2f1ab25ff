"""Cases 26 to 41: JSON and STIX that no reader should have to see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from driving.homes import indicator
from hostile.case import HONEST, MORE, Case, Ending, Way, publishes, turns
from servers import malice

RULES = "the ledger's rules for versions and creators"
TLP_RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
FAKE_CLEAR = "marking-definition--0b6b1e1c-5d5b-4bb1-8b0a-5f2b8d4f6f10"
MINE, THEIRS = (f"identity--0b6b1e1c-5d5b-4bb1-8b0a-5f2b8d4f6f1{n}" for n in (1, 2))
GOOD = MORE[0]
DEEP = b"[" * 100_000
LATER = "2026-02-01T00:00:00.000Z"
FOR_30_DAYS = 'action = "Alert and block"\nseverity = "High"\nexpires = "30d"\n'


def odd(token: bytes) -> bytes:
    """An object with a token in it that has no value."""
    whole = orjson.dumps(indicator(50, confidence=0))
    return whole.replace(b'"confidence":0', b'"confidence":' + token)


def any_of(terms: Iterable[str]) -> str:
    """A pattern of one OR."""
    return f"[{' OR '.join(terms)}]"


def named(number: int) -> str:
    """A term about a name of its own."""
    return f"domain-name:value = 'o{number}.example.com'"


def changed(original: Mapping[str, Any], **fields: object) -> dict[str, Any]:
    """A later version of an object."""
    return {**original, "modified": LATER, **fields}


def one_is_odd(name: str, token: bytes) -> Way:
    """A page where one object has a token without a value: it is lost, and no other."""
    return Way(
        name=name,
        turn=turns(malice.page(GOOD, odd(token))),
        ending=Ending(arrived=1, rejected={"not_an_object": 1}),
    )


CASES = (
    Case(
        26,
        "100,000 brackets",
        (
            Way(
                name="open",
                turn=turns(malice.body(b'{"objects":' + DEEP)),
                ending=Ending(code=7, says="nested too deep", kilobytes=300, megabytes=200),
            ),
            Way(
                name="closed",
                turn=turns(malice.body(b'{"objects":' + DEEP + b"]" * 100_000 + b"}")),
                ending=Ending(code=7, says="nested too deep", kilobytes=300, megabytes=200),
            ),
            one_is_odd("300 in one object", b"[" * 300 + b"]" * 300),
        ),
    ),
    Case(
        27,
        "duplicate keys",
        (
            Way(
                # The last one counts, as in every reader that publishers test with; never both.
                turn=turns(
                    malice.page(
                        orjson.dumps(indicator(50))[:-1]
                        + b""","pattern":"[domain-name:value = 'h51.example.com']"}"""
                    )
                ),
                ending=Ending(arrived=1, values={"h51.example.com": {}}),
            ),
        ),
    ),
    Case(28, "NaN or 1e999", (one_is_odd("NaN", b"NaN"), one_is_odd("1e999", b"1e999"))),
    Case(29, "integer of 5,000 digits", (one_is_odd("", b"9" * 5000),)),
    Case(
        30,
        "invalid UTF-8 or a lone surrogate",
        (
            one_is_odd("invalid UTF-8", b'"\xff\xfe"'),
            one_is_odd("overlong NUL", b'"\xc0\x80"'),
            one_is_odd("lone surrogate", rb'"\ud800"'),
        ),
    ),
    Case(
        31,
        "objects null or a list body",
        (
            Way(name="null", turn=turns(malice.body(b'{"objects":null}')), ending=Ending()),
            Way(
                name="list",
                turn=turns(malice.body(b"[%s]" % orjson.dumps(GOOD))),
                ending=Ending(code=7, says="answers with JSON that is not TAXII"),
            ),
            Way(
                name="error",
                turn=turns(malice.body(b'{"error":"quota"}')),
                ending=Ending(code=7, says="answers with JSON that is no page of objects"),
            ),
        ),
    ),
    Case(
        32,
        "same id and time, other content",
        (
            Way(
                turn=publishes({**HONEST[0], "pattern": "[domain-name:value = 'h50.example.com']"}),
                ending=Ending(withdrawn=1, advances=True, rejected={"conflicting_versions": 1}),
            ),
        ),
    ),
    Case(
        33,
        "un-revoke",
        (
            Way(
                honest=({**HONEST[0], "revoked": True}, *HONEST[1:]),
                turn=publishes(changed(HONEST[0], revoked=False)),
                ending=Ending(advances=True, rejected={"revocation_withdrawn": 1}),
            ),
        ),
    ),
    Case(
        34,
        "year 9999 or a leap second",
        (
            Way(
                name="year 9999",
                policy=FOR_30_DAYS,
                turn=publishes(
                    indicator(
                        50,
                        modified="9999-12-31T23:59:59.999999Z",
                        valid_until="9999-12-31T23:59:59.999999Z",
                    )
                ),
                ending=Ending(arrived=1, advances=True, values={"h50.example.com": {}}),
            ),
            Way(
                name="beyond the calendar",
                turn=publishes(indicator(50, valid_until="9999-12-31T23:59:59-23:59")),
                ending=Ending(arrived=1, listed=0, advances=True, rejected={"bad_timestamp": 1}),
            ),
            Way(
                name="leap second",
                turn=publishes(
                    indicator(50, created="2016-12-31T23:59:60Z", modified="2016-12-31T23:59:60Z")
                ),
                ending=Ending(arrived=1, advances=True, values={"h50.example.com": {}}),
            ),
        ),
    ),
    Case(
        35,
        "valid_until not after valid_from",
        (
            Way(
                turn=publishes(
                    indicator(
                        50, valid_from="2999-01-01T00:00:00Z", valid_until="2998-01-01T00:00:00Z"
                    ),
                    indicator(
                        51, valid_from="2020-01-01T00:00:00Z", valid_until="2020-01-01T00:00:00Z"
                    ),
                ),
                ending=Ending(arrived=2, listed=0, advances=True, rejected={"bad_validity": 1}),
            ),
        ),
    ),
    Case(
        36,
        "OR of 2,000 terms",
        (
            Way(
                name="short terms",
                floods=True,
                turn=publishes(
                    indicator(
                        50, any_of(f"ipv4-addr:value='192.0.2.{n % 250}'" for n in range(2000))
                    )
                ),
                ending=Ending(arrived=1, listed=250, advances=True, kilobytes=200, megabytes=200),
            ),
            Way(
                name="long terms",
                turn=publishes(indicator(50, any_of(map(named, range(2000))))),
                ending=Ending(
                    arrived=1,
                    listed=0,
                    advances=True,
                    rejected={"unreadable_pattern": 1},
                    kilobytes=200,
                ),
            ),
            Way(
                name="multiplied by AND",
                turn=publishes(
                    indicator(
                        50,
                        "[" + " AND ".join([f"({any_of(map(named, range(40)))[1:-1]})"] * 10) + "]",
                    )
                ),
                ending=Ending(arrived=1, listed=0, advances=True, rejected={"and_across": 1}),
            ),
        ),
    ),
    Case(
        37,
        "pattern of a million characters",
        (
            Way(
                turn=publishes(indicator(50, f"[domain-name:value = '{'a' * 1_000_000}']")),
                ending=Ending(
                    arrived=1,
                    listed=0,
                    advances=True,
                    rejected={"unreadable_pattern": 1},
                    kilobytes=1100,
                    megabytes=200,
                ),
            ),
        ),
    ),
    Case(
        38,
        "quotes and backslashes in a pattern",
        (
            Way(
                name="escaped",
                turn=publishes(indicator(50, r"[url:value = 'http://h50.example.com/it\'s\\']")),
                ending=Ending(
                    arrived=1, advances=True, values={"http://h50.example.com/it's/": {}}
                ),
            ),
            Way(
                name="never two values",
                turn=publishes(
                    indicator(
                        50,
                        r"[domain-name:value = 'h50.example.com\' OR domain-name:value = "
                        r"\'h51.example.com']",
                    )
                ),
                ending=Ending(
                    arrived=1, listed=0, advances=True, rejected={"control_character": 1}
                ),
            ),
            Way(
                name="never closed",
                turn=publishes(indicator(50, r"[domain-name:value = 'h50.example.com\']")),
                ending=Ending(
                    arrived=1, listed=0, advances=True, rejected={"unreadable_pattern": 1}
                ),
            ),
        ),
    ),
    Case(
        39,
        "id of another feed's object",
        (
            Way(
                name="revoked",
                neighbour=(indicator(60),),
                turn=publishes(changed(indicator(60), revoked=True)),
                ending=Ending(arrived=1, listed=0, advances=True),
            ),
            Way(
                name="rewritten",
                neighbour=(indicator(60),),
                turn=publishes(
                    changed(indicator(60), pattern="[domain-name:value = 'h61.example.com']")
                ),
                ending=Ending(arrived=1, advances=True, values={"h61.example.com": {}}),
            ),
            Way(
                name="by another creator",
                honest=({**HONEST[0], "created_by_ref": MINE}, *HONEST[1:]),
                turn=publishes(changed(HONEST[0], created_by_ref=THEIRS, revoked=True)),
                ending=Ending(advances=True, rejected={"other_creator": 1}),
            ),
        ),
    ),
    Case(
        40,
        "false TLP:CLEAR",
        (
            Way(
                turn=publishes(
                    {
                        "type": "marking-definition",
                        "spec_version": "2.1",
                        "id": FAKE_CLEAR,
                        "created": LATER,
                        "name": "TLP:CLEAR",
                        "definition_type": "tlp",
                        "definition": {"tlp": "clear"},
                    },
                    indicator(50, object_marking_refs=[FAKE_CLEAR]),
                ),
                ending=Ending(
                    arrived=2,
                    listed=1,
                    advances=True,
                    values={"h50.example.com": {"tlp": "amber"}},
                ),
            ),
        ),
    ),
    Case(
        41,
        "RED on the pattern alone",
        (
            Way(
                turn=publishes(
                    indicator(
                        50, granular_markings=[{"marking_ref": TLP_RED, "selectors": ["pattern"]}]
                    )
                ),
                ending=Ending(arrived=1, advances=True, values={"h50.example.com": {"tlp": "red"}}),
            ),
        ),
    ),
)
