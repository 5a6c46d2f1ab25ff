"""A status is believed where it is whole; what contradicts itself decides nothing."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import FeedRefused
from tidegate.taxii.reply import Version
from tidegate.taxii.status import read_status, verdicts

IDENT = "00000000-0000-4000-8000-000000000001"
AT = "2026-01-01T00:00:00.000Z"
A, B, C = (f"indicator--{letter}" for letter in "abc")
BATCH = {(ident, datetime(2026, 1, 1, tzinfo=UTC)) for ident in (A, B, C)}

WHOLE: dict[str, Any] = {
    "id": IDENT,
    "status": "complete",
    "total_count": 3,
    "success_count": 3,
    "failure_count": 0,
    "pending_count": 0,
}


def named(*idents: str, **more: str) -> list[dict[str, str]]:
    return [{"id": ident, "version": AT, **more} for ident in idents]


def judged(batch: set[Version] | None = None, **fields: object) -> tuple[list[str], ...]:
    """Return who is there, who failed and who is undecided, by the last letter."""
    status = read_status({**WHOLE, **fields}, "https://taxii.example.com/")
    found = verdicts(status, batch or BATCH)
    parts = (found.there, found.failed, found.undecided)
    return tuple(sorted(ident[-1] for ident, _ in part) for part in parts)


ALL = list("abc")


@pytest.mark.parametrize(
    ("fields", "there", "failed", "undecided"),
    [
        ({}, ALL, [], []),
        ({"successes": named(A, B, C)}, ALL, [], []),
        # What the server does not list is there only where the counts leave no doubt.
        ({"success_count": 2, "failure_count": 1, "failures": named(B)}, ["a", "c"], ["b"], []),
        ({"success_count": 2, "failure_count": 1}, [], [], ALL),
        ({"success_count": 1, "failure_count": 2, "failures": named(B)}, [], ["b"], ["a", "c"]),
        ({"failures": named(B)}, [], ["b"], ["a", "c"]),
        ({"total_count": 4}, [], [], ALL),
        ({"total_count": 2, "success_count": 2}, [], [], ALL),
        ({"success_count": "3"}, [], [], ALL),
        ({"success_count": None}, [], [], ALL),
        ({"success_count": 3.5}, [], [], ALL),
        ({"pending_count": 1}, [], [], ALL),
        ({"pendings": named(C)}, [], [], ALL),
        # A failure outweighs a success.
        (
            {"successes": named(A, B, C), "failures": named(C), "failure_count": 1},
            ["a", "b"],
            ["c"],
            [],
        ),
        ({"status": "pending"}, [], [], ALL),
        ({"status": "pending", "successes": named(A), "failures": named(B)}, ["a"], ["b"], ["c"]),
        # Strangers say nothing about ours.
        ({"failures": named("indicator--z"), "failure_count": 1}, [], [], ALL),
        ({"failures": "all"}, ALL, [], []),
        ({"successes": [7, None, {"id": 7}, {}, []], "success_count": 0}, [], [], ALL),
        # TAXII 2.0 names bare ids.
        ({"successes": [A, B, C], "success_count": 0}, ALL, [], []),
        # Another spelling of the time, or the server's own: the id says which is meant.
        (
            {"failures": [{"id": A, "version": "2026-01-01T00:00:00Z"}], "success_count": 2}
            | {"failure_count": 1},
            ["b", "c"],
            ["a"],
            [],
        ),
        (
            {"failures": [{"id": A, "version": "2026-11-11T00:00:00Z"}], "success_count": 2}
            | {"failure_count": 1},
            ["b", "c"],
            ["a"],
            [],
        ),
    ],
)
def test_verdicts(
    fields: dict[str, Any], there: list[str], failed: list[str], undecided: list[str]
) -> None:
    assert judged(**fields) == (there, failed, undecided)


def test_of_two_versions_the_time_says_which() -> None:
    batch: set[Version] = {(A, datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2)}
    status = read_status({**WHOLE, "status": "pending", "failures": named(A)}, "x")
    found = verdicts(status, batch)
    assert set(found.failed) == {(A, datetime(2026, 1, 1, tzinfo=UTC))}
    assert found.undecided == {(A, datetime(2026, 1, 2, tzinfo=UTC))}


def test_reasons_are_safe_and_short() -> None:
    message = "\x1b]52;c;x\x07" + "long " * 100
    status = read_status({**WHOLE, "failures": named(A, message=message)}, "x")
    (reason,) = status.failures.values()
    assert reason.isprintable()
    assert len(reason) <= 200


@pytest.mark.parametrize("state", [None, "", "done", 1, ["complete"], {}])
def test_what_is_no_status_is_refused(state: object) -> None:
    with pytest.raises(FeedRefused, match="not a status"):
        read_status({**WHOLE, "status": state}, "https://taxii.example.com/")


def test_an_id_is_a_uuid_as_everybody_writes_it() -> None:
    assert read_status(WHOLE, "x").ident == UUID(IDENT)
    for odd in ("../x", f"{{{IDENT}}}", IDENT.replace("-", ""), f"urn:uuid:{IDENT}", 7, None):
        assert read_status({**WHOLE, "id": odd}, "x").ident is None


entries = st.lists(
    st.sampled_from([*named(A), *named(B), *named(C), A, {"id": B}, {"id": "z"}, 7]), max_size=5
)


@given(
    st.sampled_from(["complete", "pending"]),
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("successes", "failures", "pendings"), entries),
            **dict.fromkeys(
                ("total_count", "success_count", "failure_count", "pending_count"),
                st.integers(0, 3) | st.none(),
            ),
        },
    ),
)
def test_every_object_has_one_verdict_and_no_failure_is_there(
    state: str, fields: dict[str, Any]
) -> None:
    status = read_status({"status": state, **fields}, "x")
    found = verdicts(status, BATCH)
    assert [found.there | found.failed.keys() | found.undecided] == [frozenset(BATCH)]
    assert sum(map(len, (found.there, found.failed, found.undecided))) == len(BATCH)
    named_there = {ident for ident, _ in status.successes}
    unnamed = {each for each in found.there if each[0] not in named_there}
    if unnamed:
        assert state == "complete"
        assert fields["success_count"] == len(found.there)
