"""Sums over outcomes: each object and each atom counts once; what ended keeps its values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from strategies.builders import candidate, evaluated
from tidegate.mapping.candidate import Outcome, Rejection, Standing


def _rejection(number: int, atom: int | None) -> Rejection:
    return Rejection("f", f"indicator--{number}", "cidr", "why", atom=atom)


def _outcome(number: int, mapped: int, refused: int, *, ended: bool) -> Outcome:
    ident = f"indicator--{number}"
    if ended:
        return Outcome(ident, Standing.ENDED, detail="revoked", values=(f"v{number}",))
    candidates = tuple(
        candidate(n, stix_id=ident, repairs=("refanged",) if n % 2 else ()) for n in range(mapped)
    )
    rejections = tuple(_rejection(number, atom) for atom in range(refused))
    if not candidates and not rejections:
        rejections = (_rejection(number, None),)
    standing = Standing.MAPPED if candidates else Standing.REJECTED
    return Outcome(ident, standing, candidates, rejections)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=12))
def test_counts_add_up(shapes: list[tuple[int, int, bool]]) -> None:
    outcomes = [_outcome(n, m, r, ended=e) for n, (m, r, e) in enumerate(shapes)]
    found = evaluated("f", outcomes)
    counts = found.counts()
    assert counts["mapped"] + counts["rejected"] + counts["ended"] == len(outcomes)
    assert counts["atoms"] == counts["candidates"] + counts["rejected_atoms"]
    assert counts["candidates"] == sum(len(o.candidates) for o in outcomes)
    assert counts["rejected_atoms"] == sum(o.rejected_atoms for o in outcomes)
    assert [e.values for e in found.ended] == [o.values for o in outcomes if o.values]
    assert found.repairs["refanged"] == sum(bool(o.repairs) for o in outcomes)
