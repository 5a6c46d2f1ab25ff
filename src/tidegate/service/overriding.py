"""A person's word against a guard: for one row, with a reason, journalled with the row.

Owns who may be overridden, which of the guards that a person named are met by a row, and what a
refusal says of it. Refuses guards that protect the tenant from itself, blank reasons, and to keep
an override that nothing asks for: it would silence a guard that speaks up later.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from tidegate.errors import UsageError
from tidegate.indicators.filter_predicate import nearest
from tidegate.indicators.indicator import EMPTY, Indicator
from tidegate.indicators.kinds import Origin
from tidegate.mapping.guard import FIXED_GUARDS, OVERRIDABLE, GuardFinding, Guards, Verdict


def asked(guards: Sequence[str], reason: str) -> Mapping[str, str]:
    """What `--override GUARD… --reason TEXT` asks for. Raises UsageError."""
    if not guards:
        if reason:
            raise UsageError("--reason is the reason of an --override", "add --override GUARD")
        return EMPTY
    check(dict.fromkeys(guards, reason))
    return MappingProxyType(dict.fromkeys(guards, reason.strip()))


def check(overrides: Mapping[str, str]) -> None:
    """Raise UsageError for a guard that nobody overrides, an unknown one, or a missing reason."""
    can_be = "one of " + ", ".join(OVERRIDABLE)
    for guard, reason in overrides.items():
        if guard in FIXED_GUARDS:
            raise UsageError(f"--override: nobody overrides the guard {guard}", can_be)
        if guard not in OVERRIDABLE:
            meant = nearest(guard, OVERRIDABLE)
            raise UsageError(
                f"--override: no guard is called {guard!r}", f"{meant} {can_be}".strip()
            )
        if not reason.strip():
            raise UsageError("--override needs a reason", "add --reason TEXT")


def overriding(
    guards: Guards, row: Indicator, overrides: Mapping[str, str]
) -> tuple[Indicator, tuple[str, ...]]:
    """The row with those of the overrides that it needs, and what is to be said about them."""
    if not overrides:
        return row, ()
    needed: dict[str, str] = {}
    notes = []
    for guard, reason in overrides.items():
        finding = _alone(guards, row, guard)
        if not finding.stops(row.action):
            notes.append(f"{guard} has nothing against it: not overridden")
            continue
        needed[guard] = reason
        notes.append(f"overrides the guard {guard}: {finding.reason}")
        if row.origin is Origin.FEED and not row.pinned and finding.verdict is Verdict.REFUSE:
            notes.append("its feed may not name it any more: pin it, or the next sync removes it")
    if needed:
        row = dataclasses.replace(row, overrides=MappingProxyType({**row.overrides, **needed}))
    return row, tuple(notes)


def remedy(guards: Guards, row: Indicator) -> str:
    """The options that let a refused row pass; empty where none do."""
    missing = [
        guard
        for guard in OVERRIDABLE
        if guard not in row.overrides and _alone(guards, row, guard).stops(row.action)
    ]
    silenced = (*row.overrides, *missing)
    if guards.check(row.type, row.value, row.action, silenced).stops(row.action):
        return ""
    return "".join(f"--override {guard} " for guard in missing) + "--reason TEXT"


def _alone(guards: Guards, row: Indicator, guard: str) -> GuardFinding:
    """What one guard says where the others that can be overridden are silent.

    Where one speaks that cannot be, it is the one that is heard: the finding passes for nobody's.
    """
    others = [name for name in OVERRIDABLE if name != guard]
    finding = guards.check(row.type, row.value, row.action, others)
    return finding if finding.guard == guard else GuardFinding(guard, Verdict.PASS, "")
