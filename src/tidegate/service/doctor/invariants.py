"""What always holds of a list and its history. Pure: values in, findings out.

Tests hold every store they make to the same functions. Two kinds: what Tidegate itself guarantees,
whose breach is damage, and what settings demand (guards, dialect, limit), which a change of
config.toml can break without anything being damaged. Refuses files: `examine` reads those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from tidegate.errors import InvalidValue
from tidegate.indicators.indicator import Indicator, RowKey, Suppression, scope
from tidegate.indicators.kinds import Dialect, Origin, supported
from tidegate.indicators.plan import Change
from tidegate.indicators.value import canonical
from tidegate.mapping.guard import OVERRIDABLE, Guards, Verdict
from tidegate.mapping.guard_ranges import DOCUMENTATION
from tidegate.service.doctor.findings import Finding, damage, fault, many, note, warning
from tidegate.store.entry import RECOVERY, Entry

LIST = "list"
JOURNAL = "journal"

_DAY = timedelta(hours=24)

_Row = TypeVar("_Row", Indicator, Suppression)


def rows_hold(rows: Mapping[str, Indicator], now: datetime) -> Iterator[Finding]:
    """Ids and identities are unique, values canonical, groups in order, overrides possible.

    A row past its expiry may still be stored: the next write removes it.
    """
    held: dict[RowKey, str] = {}
    for ident, row in rows.items():
        if ident != row.id:
            yield damage(LIST, "id_differs", f"row {row.id} ({row.value}) is kept as {ident}")
        if row.active(now) and held.setdefault(row.key, row.id) != row.id:
            yield damage(
                LIST,
                "key_twice",
                f"rows {held[row.key]} and {row.id} are both {row.type.value} {row.value}"
                + (f" for {', '.join(row.groups)}" if row.groups else ""),
            )
        if row.groups != scope(row.groups):
            yield fault(LIST, "groups_order", f"row {row.id} ({row.value}): groups out of order")
        if (wrong := _not_canonical(row)) is not None:
            mend = f"tidegate remove {row.id}, and add the value again"
            yield fault(LIST, "not_canonical", f"row {row.id}: {wrong}", mend)
        for guard in sorted(row.overrides.keys() - OVERRIDABLE):
            said = f"row {row.id} ({row.value}): nobody overrides the guard {guard}"
            yield fault(LIST, "override_refused", said, f"tidegate remove {row.id}")


def _not_canonical(row: Indicator) -> str | None:
    try:
        wanted = canonical(row.type, row.value)
    except InvalidValue as error:
        return error.message
    return None if wanted == row.value else f"{row.value} is written {wanted}"


def suppressions_hold(suppressions: Mapping[str, Suppression]) -> Iterator[Finding]:
    """Ids are unique, and no value is suppressed twice in one scope."""
    held: dict[object, str] = {}
    for ident, one in suppressions.items():
        if ident != one.id:
            yield damage(
                LIST, "id_differs", f"suppression {one.id} ({one.value}) is kept as {ident}"
            )
        key = (one.type, one.value, one.groups)
        if held.setdefault(key, one.id) != one.id:
            yield damage(LIST, "suppressed_twice", f"{one.value} is suppressed twice in one scope")


def settings_hold(
    rows: Iterable[Indicator], *, limit: int, dialect: Dialect, guards: Guards, now: datetime
) -> Iterator[Finding]:
    """The active rows fit the limit, Defender takes them, and no guard refuses them.

    Foreign rows are somebody else's facts: they only count.
    """
    active = [row for row in rows if row.active(now)]
    if len(active) > limit:
        yield warning(
            LIST,
            "over_limit",
            f"{many(len(active), 'indicator')}, over the limit of {limit:,}",
            "raise `limit` in config.toml, or let `tidegate sync` choose",
        )
    for row in active:
        if row.origin is Origin.FOREIGN:
            continue
        if not supported(dialect, row.type, row.action):
            yield fault(
                LIST,
                "action_not_supported",
                f"{row.value}: Defender ({dialect.value}) takes no {row.action.value!r} "
                f"for {row.type.value}",
                f"tidegate edit {row.id} --action block",
            )
        yield from _guarded(row, guards)


def _guarded(row: Indicator, guards: Guards) -> Iterator[Finding]:
    finding = guards.check(row.type, row.value, row.action, row.overrides)
    if finding.verdict is not Verdict.REFUSE:
        return
    # What samples are worth is the operator's to say, and may have been said after the fact.
    level = warning if finding.guard == DOCUMENTATION else fault
    yield level(
        LIST,
        f"guard_{finding.guard}",
        f"{finding.reason}: it may not be on the list ({row.action.value})",
        f"tidegate remove {row.id}",
    )


@dataclass(slots=True)
class Replay:
    """The list as its history alone makes it, entry by entry from nothing."""

    rows: dict[str, Indicator] = field(default_factory=dict)
    suppressions: dict[str, Suppression] = field(default_factory=dict)
    serial: int = 0
    lineage: str = ""
    at: datetime | None = None

    def take(self, entry: Entry) -> Iterator[Finding]:
        """Move on by one entry, whose number, lineage and starting rows must fit.

        A recovery stands for changes that nobody can read any more: numbers may be missing there.
        """
        where = f"change {entry.serial}"
        recovery = entry.door == RECOVERY and entry.serial > self.serial
        if entry.serial != self.serial + 1 and not recovery:
            yield damage(JOURNAL, "serial_gap", f"{where} follows change {self.serial}")
        if not entry.lineage:
            yield damage(JOURNAL, "no_lineage", f"{where} does not say which list it changes")
        elif self.lineage and entry.lineage != self.lineage:
            yield damage(JOURNAL, "other_lineage", f"{where} is of another list")
        if entry.undoes is not None and not 0 < entry.undoes < entry.serial:
            yield damage(JOURNAL, "undoes_nothing", f"{where} undoes {entry.undoes}, not before it")
        if self.at is not None and entry.at < self.at - _DAY:
            said = f"{where} is dated {entry.at:%Y-%m-%d}, the one before {self.at:%Y-%m-%d}"
            yield note(JOURNAL, "time_back", said)
        yield from _move(self.rows, entry.changes, where)
        yield from _move(self.suppressions, entry.suppressions, where)
        self.serial = entry.serial
        self.at = entry.at
        self.lineage = self.lineage or entry.lineage


def _move(
    rows: dict[str, _Row], changes: tuple[Change[_Row], ...], where: str
) -> Iterator[Finding]:
    for change in changes:
        before, after = change.before, change.after
        found = rows.pop(before.id, None) if before is not None else None
        if found != before:
            yield damage(
                JOURNAL, "before_differs", f"{where}: {change.row.value} was not as it says before"
            )
        if after is not None:
            if after.id in rows:
                yield damage(JOURNAL, "id_taken", f"{where}: {after.value} takes a taken id")
            rows[after.id] = after


def same_list(
    replayed: Mapping[str, Indicator],
    marked: Mapping[str, Suppression],
    rows: Mapping[str, Indicator],
    suppressions: Mapping[str, Suppression],
) -> Iterator[Finding]:
    """The list is what its history makes it: `replayed` rows and `marked` suppressions."""
    pairs: tuple[tuple[str, Mapping[str, object], Mapping[str, object]], ...] = (
        ("row", replayed, rows),
        ("suppression", marked, suppressions),
    )
    for what, made, held in pairs:
        for ident in sorted(made.keys() | held.keys()):
            if ident not in held:
                yield damage(LIST, "lost", f"{what} {ident} is missing, by the journal it is there")
            elif ident not in made:
                yield damage(LIST, "unrecorded", f"{what} {ident} is in no change of the journal")
            elif made[ident] != held[ident]:
                yield damage(LIST, "differs", f"{what} {ident} is not as the journal left it")
