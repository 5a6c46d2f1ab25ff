"""Sharing with a partner: what would go, what stays and why, sending it, and the proof.

Owns the order in which nothing is lost or told twice: the versions are noted as attempted, the door
delivers, and only then what was accepted counts as sent. A delivery that was cut off is repeated
with the same versions under the same number. Refuses to advance anything for a preview or a bare
file, and to withdraw a great part of what a partner has without being told how much.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tidegate.errors import ExportError, HeldBack, StalePlan, StoreLocked
from tidegate.export.delta import Speaker, Step, Version, delta
from tidegate.export.eligible import Feeds, Shared, Withheld, judge
from tidegate.export.partner_bundle import pack
from tidegate.export.partner_objects import things_of
from tidegate.indicators.filter import parse
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.ledger.spoken import candidates_of, objects_of
from tidegate.partner import Delivery, Door, Partner, Progress, Shipment
from tidegate.partner.sent import Bundle
from tidegate.service.collecting import uncollected
from tidegate.service.look import rows
from tidegate.service.partners import sent_path, sent_to
from tidegate.service.terms import terms_of
from tidegate.service.workspace import DEFAULT_TENANT, Workspace
from tidegate.store.handout import is_stream, write_out
from tidegate.store.lock import exclusive
from tidegate.store.sent_file import read_sent, write_sent
from tidegate.taxii.stopping import Stop, never


@dataclass(frozen=True, slots=True)
class Prepared:
    """A delivery as it would leave now.

    `asked` counts the rows that the partner's filter selects: each of them is in `shared` or in
    `withheld`. `versions` are what would go; `why_withdrawn` says for each withdrawn id, to the
    operator alone, what became of its row. `held` counts what the partner has now.
    """

    partner: Partner
    shipment: Shipment
    versions: tuple[Version, ...]
    shared: tuple[Shared, ...]
    withheld: tuple[Withheld, ...]
    why_withdrawn: Mapping[str, str]
    held: int
    unchanged: int

    @property
    def asked(self) -> int:
        """The rows that the filter selects."""
        return len(self.shared) + len(self.withheld)

    @property
    def empty(self) -> bool:
        """Whether there is nothing that the partner does not have."""
        return not self.versions

    def is_still(self, now: Prepared) -> bool:
        """Whether what would leave now is what was shown here: the same steps of the same objects.

        The time of a withdrawal is that of its sending, and makes no difference.
        """
        return self.shipment.manifest.number == now.shipment.manifest.number and (
            _steps(self) == _steps(now)
        )

    def of(self, step: Step) -> tuple[Version, ...]:
        """The indicators of one kind of step."""
        return tuple(v for v in self.versions if v.step is step and v.is_row)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery; `number` is None where there was nothing to send."""

    prepared: Prepared
    delivery: Delivery | None
    number: int | None = None


def prepare(
    ws: Workspace, partner: Partner, *, full: bool = False, now: datetime | None = None
) -> Prepared:
    """Make the delivery that is due, or with `full` all that the partner may have.

    Changes nothing. Raises ExportError for what cannot be exported, ConfigError for a feed whose
    terms cannot be read.
    """
    with uncollected():
        return _prepared(ws, partner, full, now or ws.clock())


def _prepared(ws: Workspace, partner: Partner, full: bool, moment: datetime) -> Prepared:  # noqa: FBT001 - passed on
    sent = sent_to(ws, partner.id)
    chosen = parse(partner.filter)
    held = rows(ws)
    wanted = [row for row in held if chosen.matches(row, moment)]
    shared, withheld, feeds = _judged(ws, wanted, partner, moment)
    speaker = Speaker(partner.identity, ws.tenant, partner.id)
    versions = delta(sent, things_of(shared, partner, feeds), speaker, moment)
    going = [v for v in versions if full or v.step is not Step.SAME]
    shipment = replace(
        pack(partner, going, sent.number, moment, full=full), series=_series(ws.tenant)
    )
    gone = [v for v in going if v.step is Step.WITHDRAWN and v.is_row]
    return Prepared(
        partner=partner,
        shipment=shipment,
        versions=tuple(going),
        shared=tuple(shared),
        withheld=tuple(withheld),
        why_withdrawn=_why(gone, withheld, held),
        held=sent.held,
        unchanged=sum(v.step is Step.SAME and v.is_row for v in versions),
    )


def send(
    ws: Workspace,
    partner: Partner,
    door: Door,
    progress: Progress,
    *,
    full: bool = False,
    agreed: int | Prepared = 0,
    always: bool = False,
    stop: Stop = never,
) -> Outcome:
    """Deliver what is due and note what arrived; with nothing due only when told to do so `always`.

    `agreed` is what a person has agreed to: so many withdrawals, where they are a great part, or
    the delivery that they saw, with all of its withdrawals. `stop` is whether somebody asked for an
    end, which the door is to hear, too. Raises HeldBack for more than was agreed to, StalePlan when
    the delivery is not the one that was seen, StoreLocked while another one to the same partner is
    under way, ExportError where nothing was delivered.
    """
    ws.writable()
    with _alone(ws, partner):
        return _sent(
            ws, partner, door, progress, full=full, agreed=agreed, always=always, stop=stop
        )


def _sent(
    ws: Workspace,
    partner: Partner,
    door: Door,
    progress: Progress,
    *,
    full: bool,
    agreed: int | Prepared,
    always: bool,
    stop: Stop,
) -> Outcome:
    prepared = prepare(ws, partner, full=full, now=ws.trusted_now())
    if isinstance(agreed, Prepared):
        if not agreed.is_still(prepared):
            raise StalePlan(
                f"what {partner.id} would get is not what was shown any more", "look at it again"
            )
        agreed = len(agreed.of(Step.WITHDRAWN))
    if prepared.empty and not always:
        return Outcome(prepared, None)
    _brake(ws, prepared, agreed)
    if stop():
        raise ExportError("interrupted", "nothing was delivered; send again")
    path = sent_path(ws, partner.id)
    with uncollected():
        _note(path, prepared)
    try:
        delivery = door.deliver(prepared.shipment, progress)
    except ExportError:
        refused = dict.fromkeys(prepared.shipment.carried, "nothing was delivered")
        with contextlib.suppress(ExportError):  # the disk may be full: what went wrong first counts
            _settle(path, prepared, Delivery(frozenset(), "", refused))
        raise
    _settle(path, prepared, delivery)
    return Outcome(prepared, delivery, prepared.shipment.manifest.number)


class OutDoor:
    """The file that a person names at the command line, with the companions beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self) -> str:
        """Say whether the file could be written. Raises ExportError."""
        if not self._path.name or self._path.is_dir():
            raise ExportError(f"cannot write {self._path}: it is a folder", "name a file")
        return f"{self._path} can be written"

    def deliver(self, shipment: Shipment, progress: Progress) -> Delivery:
        """Write the files, the bundle last; a pipe gets the bundle alone. Raises ExportError."""
        self.check()
        bundle, *companions = shipment.files
        path = self._path
        try:
            if not is_stream(path):
                for document in companions:
                    write_out(path.with_name(path.stem + document.suffix), document.data)
            write_out(path, bundle.data)
        except OSError as fault:
            raise ExportError(
                f"cannot write {fault.filename or path}: {fault.strerror}",
                "nothing counts as sent; choose another --out",
            ) from fault
        progress(len(shipment.carried), len(shipment.carried))
        return Delivery(shipment.carried, str(path))


def _steps(prepared: Prepared) -> set[tuple[str, Step, str]]:
    return {
        (v.entry.id, v.step, "" if v.step is Step.WITHDRAWN else v.entry.digest)
        for v in prepared.versions
    }


def _series(tenant: str) -> str:
    """What tells a tenant's deliveries apart without telling the partner its name."""
    if tenant == DEFAULT_TENANT:
        return ""
    return hashlib.sha256(tenant.encode()).hexdigest()[:6]


def _judged(
    ws: Workspace, wanted: Sequence[Indicator], partner: Partner, now: datetime
) -> tuple[list[Shared], list[Withheld], Feeds]:
    fed = [row for row in wanted if row.origin is Origin.FEED]
    feeds = terms_of(ws, {feed for row in fed for feed in row.feeds})
    said = candidates_of(ws.ledger, (row.value for row in fed)) if fed else {}
    named = ((source.feed, source.stix_id) for row in fed for source in row.sources)
    raws = objects_of(ws.ledger, named) if fed else {}
    shared: list[Shared] = []
    withheld: list[Withheld] = []
    for row in wanted:
        found = judge(row, said.get(row.value, ()), raws, partner, feeds, now)
        if isinstance(found, Shared):
            shared.append(found)
        else:
            withheld.append(found)
    return shared, withheld, feeds


def _why(
    gone: Sequence[Version], withheld: Sequence[Withheld], held: Sequence[Indicator]
) -> dict[str, str]:
    """What became of the rows of these, in a word: the code of a reason, or where the row is."""
    codes = {(w.row.type.value, w.row.value): w.code for w in withheld}
    present = {(row.type.value, row.value) for row in held}
    return {
        version.entry.id: codes.get(
            version.named, "left_the_filter" if version.named in present else "left_the_list"
        )
        for version in gone
    }


def withdraws_much(ws: Workspace, prepared: Prepared) -> bool:
    """Whether a delivery withdraws a great part of what the partner has, which is for good."""
    number = len(prepared.of(Step.WITHDRAWN))
    limits = ws.settings.brake
    return number > limits.count and number * 100 > prepared.held * limits.percent


def _brake(ws: Workspace, prepared: Prepared, agreed: int) -> None:
    """Stop a delivery that withdraws more than a person agreed to."""
    number = len(prepared.of(Step.WITHDRAWN))
    if number > agreed and withdraws_much(ws, prepared):
        limits = ws.settings.brake
        raise HeldBack(
            f"{number:,} of the {prepared.held:,} indicators that {prepared.partner.id} has would"
            f" be withdrawn for good, more than the {limits.count:,} that pass",
            f"look with --preview; if that is meant, add --withdraw {number}",
        )


@contextlib.contextmanager
def _alone(ws: Workspace, partner: Partner) -> Iterator[None]:
    """Keep other deliveries to a partner away from beginning to end: they share versions and files.

    Raises StoreLocked: one is under way.
    """
    folder = sent_path(ws, partner.id).parent / "locks" / partner.id
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(exclusive(folder, 0))
        except StoreLocked as fault:
            raise StoreLocked(
                f"a delivery to {partner.id} is under way: {fault.message}", fault.hint
            ) from fault
        except OSError as fault:
            raise _unwritable(fault, folder) from fault
        yield


def _unwritable(fault: OSError, path: Path) -> ExportError:
    return ExportError(
        f"cannot write {fault.filename or path}: {fault.strerror}",
        "nothing was delivered; see to that and send again",
    )


def _note(path: Path, prepared: Prepared) -> None:
    """Write down what is about to leave. Raises ExportError."""
    try:
        with exclusive(path.parent):
            sent = read_sent(path)
            write_sent(path, sent.attempting(version.entry for version in prepared.versions))
    except OSError as fault:
        raise _unwritable(fault, path) from fault


def _settle(path: Path, prepared: Prepared, delivery: Delivery) -> None:
    """Write down what arrived."""
    manifest = prepared.shipment.manifest
    bundle = Bundle(
        number=manifest.number,
        id=manifest.bundle,
        sha256=manifest.sha256,
        at=manifest.made,
        accepted=len(delivery.accepted),
        failed=len(prepared.shipment.carried - delivery.accepted),
        where=delivery.place,
    )
    try:
        with uncollected(), exclusive(path.parent):
            sent = read_sent(path)
            entries = [version.entry for version in prepared.versions]
            settled = sent.settled(entries, delivery.accepted, delivery.failed.keys(), bundle)
            write_sent(path, settled)
    except OSError as fault:
        raise ExportError(
            f"delivered to {delivery.place}, but {fault.filename or path} cannot be written:"
            f" {fault.strerror}",
            "see whether the disk is full, then send again: the same versions go once more",
        ) from fault


def summary_of(withheld: Sequence[Withheld]) -> list[tuple[str, int, Withheld]]:
    """How many rows each reason keeps back, the most first, with an example."""
    counts = Counter(item.code for item in withheld)
    first = {item.code: item for item in reversed(withheld)}
    return [(code, count, first[code]) for code, count in counts.most_common()]


__all__ = [
    "OutDoor",
    "Outcome",
    "Prepared",
    "Step",
    "prepare",
    "send",
    "summary_of",
    "withdraws_much",
]
