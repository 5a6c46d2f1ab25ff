"""The door to a partner's TAXII collection.

Owns the way from a profile's `[delivery]` to the collection, and the account of a delivery in the
ids of its rows. Secrets are resolved when the door is used and live no longer. What the server did
not confirm does not count as delivered; definitions that go along are no rows and are not counted.
Refuses servers of TAXII 2.0: theirs are bundles of another version of STIX.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson

from tidegate.errors import ExportError, FeedError
from tidegate.export.stix_objects import writable
from tidegate.partner import Delivery, Partner, Progress, Shipment, TaxiiDelivery
from tidegate.partner.shipment import StixObject
from tidegate.sources.remote import limits_of, session_of
from tidegate.taxii.address import shown
from tidegate.taxii.behalf import Behalf
from tidegate.taxii.collection import GuardedCollection
from tidegate.taxii.dialect import V21
from tidegate.taxii.discovery import Finder
from tidegate.taxii.push import Account, Outgoing, push
from tidegate.taxii.reply import moment
from tidegate.taxii.retry import Waiting
from tidegate.taxii.session import GuardedSession
from tidegate.taxii.stopping import Stop, never, unless

_BY_LIST = "it is withdrawn by a list, which no collection carries: hand it over as a file"


class TaxiiDoor:
    """One collection that takes what a partner may have.

    `told` hears why a delivery waits, and `stop` says whether somebody asked for an end: what the
    server confirmed until then is accounted for.
    """

    def __init__(
        self,
        partner: Partner,
        delivery: TaxiiDelivery,
        folder: Path,
        environ: Mapping[str, str],
        told: Callable[[str], object] = lambda _: None,
        stop: Stop = never,
    ) -> None:
        self._partner = partner.id
        self._delivery = delivery
        self._folder = folder
        self._environ = environ
        self._waiting = Waiting(told=told)
        self._stop = stop

    def check(self) -> str:
        """Say whether the collection takes objects from us; sends none.

        Raises ExportError, and ConfigError when a secret or a file is not there.
        """
        with self._opened() as (_, collection):
            collection.check_writable()
            most = collection.most_bytes()
            size = f", {most:,} bytes at once" if most else ""
            return f"{_place(collection)} lets us write{size}"

    def deliver(self, shipment: Shipment, progress: Progress) -> Delivery:
        """Send the objects of a shipment; raises as `check` does, where nothing was delivered."""
        carried = shipment.carried
        going = {str(each["id"]) for each in shipment.objects}
        along = len(going - carried)

        def told(there: int, _: int) -> None:
            progress(max(there - along, 0), len(carried))

        with self._opened() as (session, collection):
            account = push(
                collection,
                session,
                [_outgoing(e) for e in shipment.objects],
                told,
                stop=self._stop,
            )
        accepted = frozenset(ident for ident, _ in account.there) & carried
        failed = {
            ident: reason for (ident, _), reason in account.failed.items() if ident in carried
        } | dict.fromkeys(carried - going, _BY_LIST)
        # What is in doubt may be there: then nobody can say that nothing was delivered.
        if account.fault and not (account.there or account.failed or account.doubtful):
            raise ExportError(account.fault.message, account.fault.hint)
        progress(len(accepted), len(carried))
        return Delivery(
            accepted,
            _place(collection),
            failed,
            done=not (account.unsent or account.doubtful),
            note=_note(account, carried),
        )

    @contextmanager
    def _opened(self) -> Iterator[tuple[GuardedSession, GuardedCollection]]:
        """Open a session and find the collection; every fault within is one of the export."""
        delivery = self._delivery
        behalf = Behalf(
            f"partners/{self._partner}.toml",
            "this partner",
            "tidegate partners check {}",
            "write",
        )
        limits = limits_of(delivery)
        try:
            with session_of(
                delivery, self._folder, self._environ, limits, self._waiting, behalf=behalf
            ) as session:
                finder = Finder(session, delivery.url, delivery.collection, self._partner, (V21,))
                yield session, unless(self._stop, finder.collection)
        except FeedError as fault:
            raise ExportError(fault.message, fault.hint) from None


def _outgoing(item: StixObject) -> Outgoing:
    try:
        data = orjson.dumps(item)
    except orjson.JSONEncodeError:
        data = orjson.dumps(writable(item))
    modified = item.get("modified")
    return Outgoing(
        (str(item["id"]), moment(modified if isinstance(modified, str) else None)), data
    )


def _place(collection: GuardedCollection) -> str:
    return shown(f"{collection.root}collections/{collection.id}/")


def _note(account: Account, carried: frozenset[str]) -> str:
    """Say what is still due and why, and which definitions were not taken."""
    parts = []
    if account.doubtful:
        parts.append(f"{len(account.doubtful):,} were sent and not confirmed")
    if account.unsent:
        parts.append(f"{len(account.unsent):,} were not sent")
    if account.fault:
        parts.append(str(account.fault))
    refused = [reason for (ident, _), reason in account.failed.items() if ident not in carried]
    if refused:
        parts.append(f"definitions not taken: {len(refused):,} ({refused[0]})")
    return "; ".join(parts)
