"""A feed that is one STIX document behind an address, asked for only when it changed.

Owns the cursor of such a feed: the server's validators of the publication that the ledger holds, as
JSON, and how its container was read. Refuses nothing itself: publication.py decodes, and the rules
of the network are in `tidegate.taxii`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tidegate.feed import HttpsSource
from tidegate.sources.base import FeedPage, Heard, Progress, unheard, untimed
from tidegate.sources.publication import Publication, read_publication
from tidegate.sources.remote import introduced, limits_of, session_of
from tidegate.taxii.address import shown
from tidegate.taxii.download import Answer, Validators, download
from tidegate.taxii.limits import Limits
from tidegate.taxii.retry import Waiting
from tidegate.taxii.session import GuardedSession

_NOTHING = Validators()


@dataclass(frozen=True, slots=True)
class Held:
    """The publication that the ledger holds: its validators and what its container was like.

    `repairs` are those of the container, `junk` counts its entries that are no objects.
    """

    validators: Validators = _NOTHING
    repairs: tuple[str, ...] = ()
    junk: int = 0

    @classmethod
    def read(cls, cursor: str | None) -> Held:
        """Return what a cursor says; nothing for one of another making, such as a time."""
        try:
            kept = json.loads(cursor or "null")
        except ValueError:
            kept = None
        if not isinstance(kept, dict):
            return cls()
        validators = Validators(kept.get("etag"), kept.get("last_modified"))
        return cls(validators, tuple(kept.get("repairs", ())), kept.get("junk", 0))

    def cursor(self) -> str | None:
        """Return it as text for the ledger; None without a validator, as then all is fetched."""
        kept = self.validators
        if not kept.conditions:
            return None
        return json.dumps(
            {
                "etag": kept.etag,
                "last_modified": kept.last_modified,
                "repairs": self.repairs,
                "junk": self.junk,
            }
        )


class HttpsBundle:
    """One document; each read is the whole publication, or says that it is as it was."""

    whole = True

    def __init__(
        self,
        feed: str,
        source: HttpsSource,
        environ: Mapping[str, str],
        unrepaired: Container[str] = (),
        told: Progress = unheard,
        limits: Limits | None = None,
        folder: Path = Path(),
        heard: Heard = untimed,
    ) -> None:
        self._feed = feed
        self._folder = folder
        self._heard = heard
        self._source = source
        self._environ = environ
        self._unrepaired = unrepaired
        self._limits = limits or limits_of(source)
        self._waiting = Waiting(told=told)

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:
        """Yield the document's objects, or one page that says `unchanged`.

        Raises FeedUnavailable, FeedRefused or BundleError, and ConfigError when a secret is not
        there.
        """
        held = Held.read(cursor)
        if any(repair in self._unrepaired for repair in held.repairs):
            held = Held()  # what is held was read in a way that is switched off now
        with self._opened() as session:
            answer = self._answer(session, held.validators)
        if answer.body is None:
            yield FeedPage(
                (), held.junk, None, answer.changed, repairs=held.repairs, unchanged=True
            )
            return
        found = self._read(answer.body)
        held = Held(answer.validators, found.repairs, found.junk)
        yield from found.pages(answer.changed, held.cursor())

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Yield the steps address → answer → objects."""
        with ExitStack() as stack:
            opened: list[GuardedSession] = []
            bodies: list[bytes] = []

            def address() -> str:
                opened.append(stack.enter_context(self._opened()))
                return f"{shown(self._source.url)}, {introduced(self._source)}"

            def answer() -> str:
                found = self._answer(opened[0], _NOTHING)
                bodies.append(found.body or b"")
                known = ", ".join(found.validators.conditions.values())
                return f"{len(bodies[0])} bytes, {known or 'fetched anew every time'}"

            yield "address", address
            yield "answer", answer
            yield "objects", lambda: self._read(bodies.pop()).counted()

    def _opened(self) -> GuardedSession:
        return session_of(
            self._source, self._folder, self._environ, self._limits, self._waiting, self._heard
        )

    def _answer(self, session: GuardedSession, known: Validators) -> Answer:
        return download(session, self._source.url, self._feed, known)

    def _read(self, body: bytes) -> Publication:
        fix = "check `url`, or ask who publishes it"
        return read_publication(body, shown(self._source.url), self._unrepaired, fix)
