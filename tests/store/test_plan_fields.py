"""Fields of a plan file: each is of its kind, or the first that is not is named."""

from __future__ import annotations

import copy
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from strategies.builders import NOW, row, suppression
from tidegate.indicators.indicator import Indicator, Source, Suppression
from tidegate.indicators.kinds import Action, Origin, Severity
from tidegate.indicators.plan import Change
from tidegate.store import plan_fields
from tidegate.store.plan_fields import check_plan
from tidegate.store.records import Record, change_record, indicator_record, suppression_record

ROW = row(
    1,
    origin=Origin.FEED,
    description="d",
    groups=("lab",),
    expires=NOW + timedelta(days=1),
    feeds=("acme",),
    sources=(Source("acme", "indicator--1", "default"),),
    aliases=("sha1:" + "1" * 40,),
    confidence=60,
    tlp="green",
    pinned=True,
    rank=3,
    score=12.5,
    category="Malware",
    mitre=("T1566",),
    recommended_actions="none",
    note="ours",
    owned={"severity": Severity.LOW, "expires": None, "groups": ()},
    settled={"severity": Severity.LOW},
    overrides={"warninglist": "seen in an incident"},
    context={"file_name": ("a.pdf",)},
)
WHOLE: Record = {
    "format": 1,
    "lineage": "ab" * 16,
    "serial": 7,
    "door": "sync",
    "reason": "sync of acme",
    "undoes": None,
    "counts": dict.fromkeys(("kept", "keep", "waiting", "merged", "suppressed"), 0),
    "changes": [
        change_record(Change(None, replace(ROW, overrides={}), "new"), indicator_record),
        change_record(Change(row(2), row(2, title="new"), "changed"), indicator_record),
    ],
    "suppressions": [change_record(Change(None, suppression(4), "no"), suppression_record)],
    "held": [change_record(Change(row(3), None, "gone"), indicator_record)],
    "held_reason": "",
}
AFTER = ("changes", 0, "after")
NOTE = ("suppressions", 0, "after")
ABSENT = object()


def changed(place: tuple[str | int, ...], value: object) -> Record:
    """The whole plan but for one field."""
    made = copy.deepcopy(WHOLE)
    inside: Any = made
    for step in place[:-1]:
        inside = inside[step]
    if value is ABSENT:
        del inside[place[-1]]
    else:
        inside[place[-1]] = value
    return made


def test_every_field_has_a_check_and_every_check_a_field() -> None:
    names = {field.name for field in fields(Indicator)}
    assert set(plan_fields._ROW) == set(indicator_record(ROW)) == names
    assert set(plan_fields._SUPPRESSION) == {f.name for f in fields(Suppression)}
    check_plan(WHOLE)


TIMES = (5, "", "yesterday", "2026-01-10T12:00:00", "2026-99-01T00:00:00Z", None)
BAD: dict[tuple[str | int, ...], tuple[object, ...]] = {
    ("format",): (2, True, 1.0, "1"),
    ("lineage",): (None, "x", "AB" * 16, 7),
    ("serial",): ("0", -1, True, 7.0, None),
    ("door",): ("recovery", "undo", "held", "", None, ["sync"]),
    ("reason",): (None, 5, "a\nb", "\x1b[2J", "\x85"),
    ("undoes",): ([1], 1, 0, False, "1"),
    ("counts",): (None, [], {}, {"kept": 1}),
    ("counts", "kept"): (-1, True, "0", 1.0, None),
    ("counts", "more"): (0,),
    ("changes",): (None, {}, [None], [[]], [{}], "text"),
    ("suppressions",): (None, [5]),
    ("held",): (None, [5]),
    ("held_reason",): (None, "\x00", []),
    ("later",): (1,),
    ("changes", 0, "op"): ("update", "remove", "CREATE", None, ["create"]),
    ("changes", 0, "reason"): (None, 5, "\r", "\u2028"),
    ("changes", 0, "before"): ([], "text", {}, 0),
    ("changes", 0, "after"): (None, [], 5, {}),
    ("changes", 0, "later"): (1,),
    ("changes", 1, "after", "id"): ("0" * 12,),
    ("changes", 1, "after", "type"): ("Url",),
    ("changes", 1, "after", "value"): ("h9.example.com",),
    ("changes", 1, "after", "groups"): (["lab"],),
    (*AFTER, "id"): (5, "", "../../x", "A" * 12, "0" * 11, "0" * 12 + "\n", None),
    (*AFTER, "type"): ("Mutex", 5, None, ["Url"]),
    (*AFTER, "value"): (5, "", "a" * 801, "h1.example.com\n", None, ["h1.example.com"]),
    (*AFTER, "action"): ("Explode", "allow", 5, None, {}),
    (*AFTER, "severity"): ("high", 5, None),
    (*AFTER, "title"): (5, None, "a" * 4_001),
    (*AFTER, "description"): (5, None, "a" * 4_001),
    (*AFTER, "created"): TIMES,
    (*AFTER, "updated"): TIMES,
    (*AFTER, "expires"): TIMES[:-1],
    (*AFTER, "origin"): ("foreign", "somebody", 7, None),
    (*AFTER, "groups"): (3, None, "lab", [5], ["b", "a"], ["a", "a"], [""]),
    (*AFTER, "feeds"): (3, None, "acme", [5], [["acme"]]),
    (*AFTER, "sources"): (3, None, ["f"], [["f"]], [["f", "i", 5]], [["f", "i", "r", "x"]]),
    (*AFTER, "aliases"): (3, None, "sha1:1", [None]),
    (*AFTER, "mitre"): (3, None, "T1", [1]),
    (*AFTER, "confidence"): ("60", -1, 101, True, 60.0),
    (*AFTER, "tlp"): ("purple", 5, ["red"]),
    (*AFTER, "pinned"): (0, 1, "true", None),
    (*AFTER, "rank"): ("1", -1, 1.5, False),
    (*AFTER, "score"): ("x", True, float("nan"), float("inf"), [1]),
    (*AFTER, "category"): (5, None),
    (*AFTER, "recommended_actions"): (5, None),
    (*AFTER, "note"): (5, None, {}),
    (*AFTER, "owned"): (None, [], {"id": "x"}, {"severity": "x"}, {"expires": 5}, {"groups": None}),
    (*AFTER, "settled"): (None, [], {"pinned": True}, {"title": 5}),
    (*AFTER, "overrides"): (None, [], "x", {"x": 5}, {"x": None}, {"warninglist": "because"}),
    (*AFTER, "context"): (None, [], "a", {"file_name": "a.pdf"}, {"file_name": [5]}),
    (*AFTER, "invented"): ("by a later version",),
    (*NOTE, "id"): (5, "x"),
    (*NOTE, "type"): ("x",),
    (*NOTE, "value"): (5, ""),
    (*NOTE, "groups"): ("lab", ["b", "a"], [1]),
    (*NOTE, "reason"): (None, 5),
    (*NOTE, "actor"): (None, 5),
    (*NOTE, "created"): TIMES,
    (*NOTE, "until"): TIMES[:-1],
    (*NOTE, "invented"): (1,),
}


@pytest.mark.parametrize(
    ("place", "value"),
    [(place, value) for place, values in BAD.items() for value in values],
    ids=lambda it: ".".join(map(str, it)) if isinstance(it, tuple) else repr(it)[:20],
)
def test_a_field_that_does_not_fit_is_named(place: tuple[str | int, ...], value: object) -> None:
    with pytest.raises(ValueError, match=f"{place[0]}") as caught:
        check_plan(changed(place, value))
    # Where the whole is of its kind, what is named is inside it.
    assert "\n" not in str(caught.value)
    if len(place) > 2:
        assert str(caught.value).startswith(f"{place[0]}[{place[1]}]")
    if len(place) == 4:
        assert str(caught.value).startswith(f"{place[0]}[{place[1]}].{place[2]}.{place[3]} ")


NEEDED = [
    *((name,) for name in WHOLE),
    *(("changes", 0, name) for name in ("op", "reason", "before", "after")),
    *((*AFTER, f.name) for f in fields(Indicator)[:9]),
    *((*NOTE, f.name) for f in fields(Suppression)[:7]),
]


@pytest.mark.parametrize("place", NEEDED, ids=lambda it: ".".join(map(str, it)))
def test_a_field_that_is_missing_is_named(place: tuple[str | int, ...]) -> None:
    with pytest.raises(ValueError, match=f"{place[-1]} is missing"):
        check_plan(changed(place, ABSENT))


@pytest.mark.parametrize("whole", [None, [], 5, "text"])
def test_a_plan_is_an_object(whole: object) -> None:
    with pytest.raises(ValueError, match="must be an object"):
        check_plan(whole)


def test_no_row_is_changed_twice_not_even_once_as_held() -> None:
    for name in ("changes", "held"):
        made = copy.deepcopy(WHOLE)
        made[name].append(WHOLE["changes"][1])
        with pytest.raises(ValueError, match=r"changes change the row [0-9a-f]{12} twice"):
            check_plan(made)
    twice = WHOLE | {"suppressions": WHOLE["suppressions"] * 2}
    with pytest.raises(ValueError, match="suppressions change the row"):
        check_plan(twice)


@pytest.mark.parametrize("name", ["changes", "held"])
def test_a_plan_file_cannot_override_a_guard(name: str) -> None:
    """Not even with a row that has an override already; one that it has may stay or go."""
    held, bare = row(5, overrides={"warninglist": "seen"}), row(5)
    other, more = ({"warninglist": "other"}, {"warninglist": "seen", "documentation": "seen"})
    for before, after in (
        (None, held),
        (bare, held),
        (held, replace(held, overrides=other)),
        (held, replace(held, overrides=more)),
        (held, replace(held, action=Action.WARN)),
    ):
        made = change_record(Change(before, after, "x"), indicator_record)
        with pytest.raises(ValueError, match="a plan file cannot override a guard"):
            check_plan(WHOLE | {"changes": [], "held": [], name: [made]})
    for left in (replace(held, title="new"), bare, replace(bare, action=Action.WARN), None):
        made = change_record(Change(held, left, "x"), indicator_record)
        check_plan(WHOLE | {"changes": [], "held": [], name: [made]})


def test_the_id_of_a_row_that_leaves_may_go_to_one_that_comes() -> None:
    gone = change_record(Change(ROW, None, "gone"), indicator_record)
    check_plan(WHOLE | {"changes": [gone, WHOLE["changes"][0]]})
