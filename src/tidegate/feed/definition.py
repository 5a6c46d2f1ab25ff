"""One feed: identity, trust, source, share of the limit and policy, checked as a whole.

Owns `FeedDefinition` and `parse_feed`. Refuses I/O (sources/catalogue.py reads the files) and any
rule that creates Allow without `permit_allow`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from tidegate.errors import FeedDefinitionError
from tidegate.feed.expiry import Expiry
from tidegate.feed.rules import INHERITED, Default, Rule, term
from tidegate.feed.source import Source
from tidegate.feed.when import age_comparison, tlp_level
from tidegate.indicators.kinds import Action
from tidegate.stix.repairs import REPAIRS
from tidegate.toml_errors import Table, fault, plain, suggestion

_ID = re.compile(r"[a-z0-9-]{1,40}")


def feed_id(text: str) -> str:
    """Check a feed id, which is also its folder's name; raises ValueError saying the form."""
    if not _ID.fullmatch(text):
        raise ValueError(f'"{plain(text)}" is not 1 to 40 of a-z, 0-9 and "-"')
    return text


def _quoted(value: object) -> str:
    return f'"{plain(value)}"' if isinstance(value, str) else plain(value)


def _interval(value: object) -> object:
    try:
        found = term(value)
    except ValueError:
        found = None  # its own words offer "never", which is no interval
    if not isinstance(found, timedelta):
        raise ValueError(  # noqa: TRY004 - pydantic collects ValueError only
            f'{_quoted(value)} is not a term such as "1h" or "7d";'
            ' leave the key out for "on demand"'
        )
    if found < timedelta(minutes=1):
        raise ValueError("must be one minute or more")
    return found


def _switches(switches: Mapping[str, bool]) -> Mapping[str, bool]:
    for name in switches:
        if name not in REPAIRS:
            raise ValueError(f'unknown repair "{plain(name)}"{suggestion(name, REPAIRS)}')
    return switches


class Share(Table):
    """Slots kept for this feed, and the most it may take (None: no ceiling of its own)."""

    floor: Annotated[StrictInt, Field(ge=0)] = 0
    ceiling: Annotated[StrictInt, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _floor_below_ceiling(self) -> Share:
        if self.ceiling is not None and self.floor > self.ceiling:
            raise ValueError(f"floor {self.floor} is above ceiling {self.ceiling}")
        return self


class FeedDefinition(Table):
    """One feed, as its folder's feed.toml describes it.

    Only `id` and `source` must be said. `trust` is the operator's word about the feed, 0 to 100.
    `tlp_default` is what unmarked objects are taken for. `every` None means on demand only.
    `repairs` switches off what is not to be read leniently, by the names of stix/repairs.py.
    `aliases` says which hashes of one file get a row: the strongest, or all of them.
    """

    id: Annotated[str, AfterValidator(feed_id)]
    title: Annotated[str, Field(min_length=1, default_factory=lambda known: known.get("id", ""))]
    description: str = ""
    homepage: str = ""
    licence: str = ""
    trust: Annotated[StrictInt, Field(ge=0, le=100)] = 50
    tlp_default: Annotated[str, BeforeValidator(tlp_level)] = "amber"
    every: Annotated[timedelta | None, BeforeValidator(_interval)] = None
    enabled: StrictBool = True
    permit_allow: StrictBool = False
    aliases: Literal["strongest", "all"] = "strongest"
    source: Source
    share: Share = Share()
    expiry: Expiry = Expiry()
    repairs: Annotated[Mapping[str, StrictBool], AfterValidator(_switches)] = Field(
        default_factory=dict
    )
    default: Default = Default()
    # After `default`: rules inherit from it.
    rules: Annotated[tuple[Rule, ...], Field(alias="rule")] = ()

    @field_validator("rules", mode="before")
    @classmethod
    def _rules_are_a_list(cls, rules: object) -> object:
        if isinstance(rules, Mapping):
            raise ValueError("write [[rule]] with two brackets: there may be many")  # noqa: TRY004 - pydantic collects ValueError only
        return rules

    @field_validator("rules", mode="after")
    @classmethod
    def _rules_inherit(cls, rules: tuple[Rule, ...], info: ValidationInfo) -> tuple[Rule, ...]:
        """Give a rule what the default says where it says nothing of its own."""
        default = info.data.get("default")
        if not isinstance(default, Default):  # wrong itself, which is said instead
            return rules
        return tuple(_inherit(rule, default) for rule in rules)

    @property
    def each_hash(self) -> bool:
        """Whether every hash of a file gets a row of its own, which the strongest never covers."""
        return self.aliases == "all"

    @cached_property
    def unrepaired(self) -> frozenset[str]:
        """The repairs that this feed switches off: asked once for each object."""
        return frozenset(name for name, wanted in self.repairs.items() if not wanted)

    @cached_property
    def ages(self) -> tuple[timedelta, ...]:
        """The ages that rules ask for: when an object reaches one, another rule may decide."""
        asked = (rule.when.age for rule in self.rules)
        return tuple(age_comparison(age)[1] for age in asked if age is not None)

    @model_validator(mode="after")
    def _policy_is_sound(self) -> FeedDefinition:
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f'two rules are named "{plain(name)}"; `why` could not tell them')
        outcomes = [(f'rule "{plain(r.name)}"', r.then) for r in self.rules]
        for where, then in [*outcomes, ("[default]", self.default)]:
            if then.action is Action.ALLOW and not self.permit_allow:
                raise ValueError(f"{where} creates Allow; that needs `permit_allow = true`")
        return self


def _inherit(rule: Rule, default: Default) -> Rule:
    unsaid = set(INHERITED) - rule.then.model_fields_set
    then = rule.then.model_copy(update={key: getattr(default, key) for key in unsaid})
    return rule.model_copy(update={"then": then})


def parse_feed(data: Mapping[str, object], where: str) -> FeedDefinition:
    """Check a decoded feed.toml; `where` is the file as the message should name it.

    Raises FeedDefinitionError: one line with file, key and the nearest known word.
    """
    try:
        return FeedDefinition.model_validate(data)
    except ValidationError as error:
        raise FeedDefinitionError(f"{where}: {fault(error, data)}") from None
