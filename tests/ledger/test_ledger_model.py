"""A model of the ledger, a dictionary for each feed, against random histories of two feeds.

The model follows the words of versions.py one object at a time and knows nothing of pages, SQL or
what is looked up when: it is what the ledger must come to, however the objects were cut into pages.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.builders import NOW, held_indicators
from tidegate.ledger.ledger import Ledger, Object
from tidegate.ledger.pulls import begin_pull
from tidegate.ledger.refused import contested, refusals

FEEDS = ("f", "g")

said = st.builds(
    lambda number, day, content, creator, revoked: {
        "type": "indicator",
        "id": f"indicator--{number}",
        "modified": f"2026-01-0{day}T00:00:00Z",
        "name": content,
        **({"created_by_ref": creator} if creator else {}),
        **({"revoked": True} if revoked else {}),
    },
    st.integers(0, 2),
    st.integers(1, 4),
    st.sampled_from("ab"),
    st.sampled_from(["", "x", "x", "y"]),
    st.sampled_from([False, False, False, True]),
)
pages = st.lists(st.lists(said, max_size=5), max_size=4)


@dataclass
class Held:
    """One object as the model knows it; `run` is when it was listed last."""

    item: Object
    run: int
    conflicts: dict[str, int] = field(default_factory=dict)
    """The other contents of its `modified`, and when each was listed last."""

    @property
    def revoked(self) -> bool:
        return self.item.get("revoked") is True


@dataclass
class Model:
    """One feed: what is in force by id, and what was revoked when it left."""

    objects: dict[str, Held] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)

    def hear(self, item: Object, run: int, reading: str) -> None:
        ident = item["id"]
        held = self.objects.get(ident)
        if held is None:
            kept = item | {"revoked": True} if ident in self.withdrawn else item
            self.objects[ident] = Held(kept, run)
            return
        first = held.run < run and reading != "part"
        if reading != "part":
            held.run = run
        if _plain(item) == _plain(held.item) and (
            ident in self.withdrawn or item.get("revoked") == held.item.get("revoked")
        ):
            return
        creator = held.item.get("created_by_ref")
        if creator and item.get("created_by_ref") != creator:
            return
        gone, newer = item.get("revoked") is True, item["modified"] > held.item["modified"]
        if held.revoked and not gone:
            return
        replaces = first and reading == "publication"
        alike = item["modified"] == held.item["modified"] and held.revoked == gone
        if (gone and not held.revoked) or newer or replaces or (alike and first and not gone):
            self.objects[ident] = Held(item, held.run)
        elif alike and not gone:
            held.conflicts[item["name"] + str(item.get("created_by_ref"))] = run

    def end(self, run: int) -> None:
        """A complete reading came to its end."""
        for ident, held in list(self.objects.items()):
            held.conflicts = {key: at for key, at in held.conflicts.items() if at >= run}
            if held.run < run:
                if held.revoked:
                    self.withdrawn.add(ident)
                del self.objects[ident]


def _plain(item: Object) -> Object:
    return {key: value for key, value in item.items() if key != "revoked"}


@dataclass(frozen=True)
class Step:
    """One pull of a feed."""

    feed: str
    pages: list[list[Object]]
    complete: bool
    sweep: bool
    opened_anew: bool


steps = st.lists(
    st.builds(Step, st.sampled_from(FEEDS), pages, st.booleans(), st.booleans(), st.booleans()),
    max_size=6,
)


@given(steps)
@settings(max_examples=5000 if os.environ.get("TIDEGATE_SOAK") else 60)
def test_the_ledger_is_what_the_model_says(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    """Feed "f" is a collection, "g" a publisher of whole publications."""
    path = tmp_path_factory.mktemp("model") / "ledger.sqlite"
    ledger = Ledger(path)
    models = {feed: Model() for feed in FEEDS}
    positions = (f"2026-01-01T00:{n // 60:02d}:{n % 60:02d}Z" for n in range(3600))
    for hour, step in enumerate(steps):
        if step.opened_anew:
            ledger.close()
            ledger = Ledger(path)
        _pull(ledger, step, models[step.feed], NOW + timedelta(hours=hour), positions)
        for feed, model in models.items():
            found = {item["id"]: item for item in held_indicators(ledger, feed)}
            assert found == {ident: held.item for ident, held in model.objects.items()}
            torn = {ident for ident, held in model.objects.items() if held.conflicts}
            assert contested(ledger, feed) == torn
            assert {each.stix_id for each in refusals(ledger, feed)} <= found.keys()
    ledger.close()


def _pull(
    ledger: Ledger, step: Step, model: Model, now: datetime, positions: Iterator[str]
) -> None:
    feed, whole = step.feed, step.feed == "g"
    if step.sweep and not whole:
        ledger.rewind(feed, None, "")
    run = ledger.start_run(feed, now)
    start = begin_pull(ledger, feed, run, whole=whole, sweep=None, now=now)
    reading = "publication" if whole else "sweep" if start.sweep else "part"
    before = ledger.feed(feed).cursor
    for page in step.pages:
        cursor = None if whole else next(positions)
        ledger.add_page(feed, run, page, junk=0, cursor=cursor, whole=whole, now=now)
        for item in page:
            model.hear(item, run, reading)
        assert whole or (ledger.feed(feed).cursor or "") >= (before or "")
    if step.complete:
        ledger.finish_run(feed, run, whole=whole, published=None, now=now)
        if reading != "part":
            model.end(run)
