"""A person's choice as the feed's policy: a rule for the value, proven before it is written.

Owns what a rule can say of a row, the term that stands for a date, and the proof: the feed's own
objects are translated under the new policy, and must come to what the person wants. Refuses to
write anything, and rules that would say something else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from tidegate.allocation.diff import RENEWAL_SHARE, updated
from tidegate.allocation.merge import Backed, backed, in_order
from tidegate.errors import ConfigError, UsageError
from tidegate.feed import TEXTS, FeedDefinition, Then
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.indicators.kinds import Action, Origin
from tidegate.ledger.evaluation import candidates_for
from tidegate.ledger.wishes import Wish
from tidegate.service.conflicts import Conflict
from tidegate.service.evaluating import context_of, outcomes_of
from tidegate.service.workspace import Workspace
from tidegate.stix.context import FeedContext
from tidegate.store.records import indicator_record

SAYABLE = ("action", "severity", "groups", "expires", "category")
"""Fields that a rule of a feed can set."""

_UNITS = (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1))


@dataclass(slots=True)
class Ruled:
    """One row that a rule is asked for. `fault` says why there is none.

    `unsaid` maps fields that no rule can say to the reason. `row` is the person's row as it is once
    the rule holds, where fields of it are handed back.
    """

    held: Indicator
    wish: Indicator | None
    fields: tuple[str, ...]
    unsaid: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, Then] = field(default_factory=dict)
    fault: str = ""
    row: Indicator | None = None

    @property
    def feeds(self) -> tuple[str, ...]:
        """The feeds whose policy it takes."""
        return (self.held if self.wish is None else self.wish).feeds


@dataclass(slots=True)
class Rulings:
    """The rules that one decision makes, by feed, and what feeds wish once they hold."""

    ws: Workspace
    by_feed: dict[str, list[tuple[tuple[str, ...], Then]]] = field(default_factory=dict)
    outdated: list[RowKey] = field(default_factory=list)
    renewed: list[Wish] = field(default_factory=list)
    asked: list[Ruled] = field(default_factory=list)
    _said: dict[tuple[str, str], Then] = field(default_factory=dict)
    _rows: dict[str, list[Indicator]] = field(default_factory=dict)
    _policies: dict[str, FeedDefinition] = field(default_factory=dict)
    _contexts: dict[str, FeedContext] = field(default_factory=dict)

    def ask(self, row: Indicator, found: Sequence[Conflict]) -> Ruled:
        """Ask for a rule that settles these conflicts of one row; `settle` answers."""
        wish = found[0].wish
        names = tuple(conflict.field for conflict in found)
        fields = tuple(n for n in names if n in SAYABLE) if wish is None else SAYABLE[:3]
        ruled = Ruled(row, wish, fields)
        if wish is None:
            ruled.unsaid = {
                name: f"no rule can say the {name.replace('_', ' ')}; keep yours with --mine"
                for name in names
                if name not in SAYABLE
            }
        self.asked.append(ruled)
        if fields:
            ruled.fault = self._cannot_tell_apart(ruled)
            for feed in () if ruled.fault else ruled.feeds:
                try:
                    ruled.outcomes[feed] = self._outcome(feed, ruled)
                except (ConfigError, UsageError) as fault:
                    ruled.fault = str(fault)
                    break
        return ruled

    def settle(self) -> None:
        """Prove what was asked for, and keep the rules that hold."""
        definitions: dict[str, FeedDefinition] = {}
        for feed, outcomes in self._collected().items():
            try:
                definitions[feed] = self.ws.catalogue.rule(feed, outcomes, dry_run=True)
            except (ConfigError, UsageError) as fault:
                for ruled in self.asked:
                    if feed in ruled.outcomes and not ruled.fault:
                        ruled.fault = str(fault)
        for ruled in self.asked:
            if ruled.outcomes and not ruled.fault:
                ruled.fault = self._proven(ruled, definitions)
        self.by_feed = self._collected()

    def _collected(self) -> dict[str, list[tuple[tuple[str, ...], Then]]]:
        """One rule for each outcome, with all its values."""
        collected: dict[str, dict[Then, set[str]]] = {}
        for ruled in self.asked:
            for feed, then in () if ruled.fault else ruled.outcomes.items():
                collected.setdefault(feed, {}).setdefault(then, set()).add(ruled.held.value)
        return {
            feed: [(tuple(sorted(values)), then) for then, values in outcomes.items()]
            for feed, outcomes in sorted(collected.items())
        }

    def _cannot_tell_apart(self, ruled: Ruled) -> str:
        """Whether a rule for this value would change another row of the same feeds, too."""
        if not self._rows:
            for row in self.ws.store.active(self.ws.clock()):
                if row.origin is Origin.FEED:
                    self._rows.setdefault(row.value, []).append(row)
        for other in self._rows.get(ruled.held.value, ()):
            concerned = other.id == ruled.held.id or (
                ruled.wish is not None and other.key == ruled.wish.key
            )
            if not concerned and not set(other.feeds).isdisjoint(ruled.feeds):
                scope = ", ".join(other.groups) or "all devices"
                return f"the same rule would change the row for {scope}, {other.id}"
        return ""

    def _policy(self, feed: str) -> FeedDefinition:
        """What the feed's policy is now. Raises UsageError or the feed's own fault."""
        if feed not in self._policies:
            entry = self.ws.catalogue.get(feed)
            if entry.error is not None:
                raise entry.error
            if entry.definition is None or entry.shipped:
                raise UsageError(f"feed {feed} is not one of this home")
            self._policies[feed] = entry.definition
        return self._policies[feed]

    def _outcome(self, feed: str, ruled: Ruled) -> Then:
        """What the feed's rule has to say. Raises UsageError when it cannot."""
        definition = self._policy(feed)
        held = ruled.held

        def wanted(name: str) -> object:
            if name in ruled.fields or ruled.wish is not None:
                return getattr(held, name)
            return held.owned.get(name, getattr(held, name))

        if wanted("action") is Action.ALLOW and not definition.permit_allow:
            raise UsageError(
                f"feed {feed} may not make Allow", "set `permit_allow = true` in its feed.toml"
            )
        said = {name: wanted(name) for name in ("action", "severity", "groups")}
        category = wanted("category") if ruled.wish is None else ruled.wish.category
        term = self._term(feed, definition, ruled)
        # Texts go on as the rule so far words them.
        texts = self._thens(feed, definition, ruled)[0].model_dump(include=set(TEXTS))
        try:
            then = Then.model_validate({**said, **texts, "category": category, "expires": term})
        except ValueError:  # only a category can be free text
            raise UsageError(f"no rule can say the category {category}") from None
        if self._said.setdefault((feed, held.value), then) != then:
            raise UsageError(f"feed {feed} cannot say two things of {held.value}")
        return then

    def _term(self, feed: str, definition: FeedDefinition, ruled: Ruled) -> timedelta | None:
        """The term of the rule: that of the rules so far, or one that ends at a person's date."""
        if "expires" in ruled.fields:
            if ruled.held.expires is None:
                return None
            said = [c for c in candidates_for(self.ws.ledger, ruled.held.value) if c.feed == feed]
            if not said:
                raise UsageError(f"feed {feed} says nothing of it now", "sync first")
            return _term_to(ruled.held.expires, max(c.evidence for c in said))
        terms = [then.expires for then in self._thens(feed, definition, ruled)]
        known = [term for term in terms if term is not None]
        return max(known) if known and len(known) == len(terms) else None

    def _thens(self, feed: str, definition: FeedDefinition, ruled: Ruled) -> list[Then]:
        """The outcomes that the feed's rules give the row so far; at least one."""
        by_name = {rule.name: rule.then for rule in definition.rules}
        row = ruled.held if ruled.wish is None else ruled.wish
        found = [
            by_name.get(source.rule, definition.default)
            for source in row.sources
            if source.feed == feed
        ]
        return found or [definition.default]

    def _proven(self, ruled: Ruled, definitions: dict[str, FeedDefinition]) -> str:
        """Translate what the feeds said under the new policy; what differs, or nothing."""
        held, now = ruled.held, self.ws.clock()
        found = self._under(ruled, definitions, now)
        target = next((item for item in found if item.row.groups == held.groups), None)
        if target is None and not self._listed(ruled):
            return f"{', '.join(ruled.feeds)} no longer lists it, so a rule would decide nothing"
        if target is None:
            return f"{', '.join(ruled.feeds)} would not bring it under such a rule; see `why`"
        if ruled.wish is not None:
            if (target.row.action, target.row.severity) != (held.action, held.severity):
                return f"it would be {target.row.action}, {target.row.severity} even so"
            self.outdated.append(ruled.wish.key)
            if held.origin is Origin.MANUAL:
                self.renewed.append(Wish(target.row.key, indicator_record(target.row)))
            return ""
        after = updated(disowned(held, ruled.fields), target, now)
        for name in ruled.fields:
            if getattr(after, name) != getattr(held, name):
                return f"{name} would be {getattr(after, name)} even so"
        ruled.row = after
        return ""

    def _listed(self, ruled: Ruled) -> bool:
        """Whether a feed still lists an object that the row is of."""
        row = ruled.held if ruled.wish is None else ruled.wish
        return any(self.ws.ledger.object(it.feed, it.stix_id) is not None for it in row.sources)

    def _under(
        self, ruled: Ruled, definitions: dict[str, FeedDefinition], now: datetime
    ) -> list[Backed]:
        row = ruled.held if ruled.wish is None else ruled.wish
        candidates = []
        for feed in ruled.feeds:
            ids = {source.stix_id for source in row.sources if source.feed == feed}
            objects = []
            for ident in sorted(ids):
                raw = self.ws.ledger.object(feed, ident)
                if raw is not None:
                    objects.append({**raw, "id": ident})
            state = self.ws.ledger.feed(feed)
            if feed not in self._contexts:
                self._contexts[feed] = context_of(self.ws, definitions[feed])
            outcomes = outcomes_of(self.ws, definitions[feed], objects, state, self._contexts[feed])
            candidates += [
                candidate
                for outcome in outcomes
                for candidate in outcome.candidates
                if (candidate.type, candidate.value) == (row.type, row.value)
            ]
        return [backed(group, now) for group in in_order(candidates)]


def disowned(row: Indicator, names: Iterable[str]) -> Indicator:
    """The row as it is, with these fields no longer a person's."""
    gone = set(names)
    return dataclasses.replace(
        row,
        owned=MappingProxyType({k: v for k, v in row.owned.items() if k not in gone}),
        settled=MappingProxyType({k: v for k, v in row.settled.items() if k not in gone}),
    )


def _term_to(expires: datetime, evidence: datetime) -> timedelta:
    """The roundest term that ends at the date, or so little later that no renewal is planned."""
    exact = expires - evidence
    rounded = exact
    for unit in _UNITS:
        rounded = -(-exact // unit) * unit
        if rounded - exact <= rounded * RENEWAL_SHARE:
            break
    return rounded
