"""The guards: what no feed may put on the list, and no person without a reason.

Owns the verdict on one value and action. Refuses canonical forms (callers pass them) and all I/O
but the Public Suffix List, which is read once, when guards are first made. What `config.toml` may
change is `GuardSettings` and which warninglists there are; the rest cannot be weakened.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from types import MappingProxyType

from publicsuffixlist import PublicSuffixList

from tidegate.errors import ConfigError
from tidegate.indicators.kinds import Action, IndicatorType
from tidegate.mapping.guard_lookalike import Lookalikes
from tidegate.mapping.guard_names import (
    PROTECTED,
    RESOLVERS,
    SAMPLE_NAMES,
    SPECIAL_USE,
    NameSet,
    host_of,
    is_address,
)
from tidegate.mapping.guard_ranges import (
    DOCUMENTATION,
    SPECIAL_PURPOSE,
    address_number,
    carried,
    special_range,
)
from tidegate.mapping.warninglist import SHARED_GROUND
from tidegate.mapping.warninglist_match import Hit, Warninglists

EMPTY_FILE = MappingProxyType(
    {
        "d41d8cd98f00b204e9800998ecf8427e": "MD5",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709": "SHA-1",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855": "SHA-256",
    }
)
"""Hashes of no bytes at all: a block on them hits every empty file."""

HOMOGLYPH = "homoglyph"
PUBLIC_RESOLVER = "public_resolver"
WARNINGLIST = "warninglist"

FIXED_GUARDS = ("own", "protected", SPECIAL_PURPOSE, "public_suffix", "empty_file")
"""Guards that always refuse: each stands for a block that would hit the operator's own people."""

OVERRIDABLE = (PUBLIC_RESOLVER, WARNINGLIST, HOMOGLYPH, DOCUMENTATION)
"""Guards that a person may override for one row, with a reason."""


class Verdict(StrEnum):
    """What a guard says; later ones are worse."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    DOWNGRADE = "downgrade"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """What the operator sets. `documentation` is the verdict on sample names and addresses.

    `public_resolver` is the verdict on the resolvers that half the world asks, `homoglyph` the one
    on names that imitate a protected one or the operator's: WARN, as an impostor is just what
    people want to block. `lists` is the verdict on each warninglist by its key: REFUSE when not
    named, WARN for those of shared ground.
    `own_*` are the operator's own values, which nothing may block: names with all below them,
    addresses or networks, hashes of any kind, certificate thumbprints.
    """

    documentation: Verdict = Verdict.REFUSE
    public_resolver: Verdict = Verdict.REFUSE
    homoglyph: Verdict = Verdict.WARN
    lists: Mapping[str, Verdict] = field(default_factory=dict)
    own_domains: tuple[str, ...] = ()
    own_addresses: tuple[str, ...] = ()
    own_hashes: tuple[str, ...] = ()
    own_thumbprints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GuardFinding:
    """The worst thing that a guard has to say about a value; `guard` is empty when none has."""

    guard: str
    verdict: Verdict
    reason: str

    def stops(self, action: Action) -> bool:
        """Whether it keeps a row with this action off the list, whoever wants it there."""
        if self.verdict is Verdict.DOWNGRADE:
            return action not in (Action.ALERT_ONLY, Action.ALLOW)
        return self.verdict is Verdict.REFUSE


PASSED = GuardFinding("", Verdict.PASS, "")


class Guards:
    """All guards, made once for a run. Raises ConfigError for an own value that cannot be read."""

    __slots__ = (
        "_levels",
        "_lists",
        "_lookalikes",
        "_names",
        "_networks",
        "_own",
        "_own_values",
        "_settings",
        "_suffixes",
    )

    def __init__(self, settings: GuardSettings, lists: Warninglists | None = None) -> None:
        self._settings = settings
        self._lists = Warninglists() if lists is None else lists
        self._levels = {
            key: settings.lists.get(key, Verdict.WARN if key in SHARED_GROUND else Verdict.REFUSE)
            for key in self._lists.keys
        }
        own = [name.strip().strip(".").lower() for name in settings.own_domains]
        self._own = NameSet(own)
        self._networks = tuple(
            form for text in settings.own_addresses for form in _forms(_network(text))
        )
        self._own_values = frozenset(
            "".join(text.split()).replace(":", "").lower()
            for text in (*settings.own_hashes, *settings.own_thumbprints)
        )
        self._names = NameSet(PROTECTED)
        self._lookalikes = Lookalikes((*PROTECTED, *own))
        self._suffixes = _public_suffixes()

    def check(
        self,
        kind: IndicatorType,
        value: str,
        action: Action,
        overridden: Collection[str] = (),
    ) -> GuardFinding:
        """Judge one canonical value that is to have this action.

        Allow is what people use against false positives, so only special-purpose values refuse it,
        and impostors where the operator refuses those: that a name imitates a protected one matters
        most of all when it is to be allowed. An Allow has no milder form, so what downgrades a
        block only warns of it. Of `overridden` guards those that are OVERRIDABLE are silent, and
        the others have their say.
        """
        match kind:
            case IndicatorType.IP_ADDRESS:
                finding = self._address(value, overridden)
            case IndicatorType.DOMAIN_NAME:
                finding = self._name(value, overridden)
            case IndicatorType.URL:
                host = host_of(value)
                if is_address(host):
                    finding = self._address(host.strip("[]"), overridden)
                else:
                    finding = self._name(host, overridden)
            case _:
                finding = self._hash(value)
        # A value that the guard of samples knows is its alone, whatever list also holds it; and
        # what people allow is on a list of false positives by right.
        if (
            self._levels
            and action is not Action.ALLOW
            and finding.verdict is not Verdict.REFUSE
            and finding.guard != DOCUMENTATION
            and WARNINGLIST not in overridden
        ):
            finding = self._listed(kind, value, finding)
        if finding.verdict is Verdict.PASS:
            return PASSED
        return _of_allow(finding) if action is Action.ALLOW else finding

    def is_suffix(self, name: str) -> bool:
        """Say whether a name is a listed public suffix, or a platform's apex such as github.io.

        Unlike the guard, which takes an unknown top-level name for a suffix, too, to be safe.
        """
        return bool(self._suffixes.publicsuffix(name, accept_unknown=False) == name)

    def _address(self, value: str, overridden: Collection[str]) -> GuardFinding:
        found = special_range(value)
        if found is not None and found.guard != DOCUMENTATION:
            return _refuse(SPECIAL_PURPOSE, f"{value} is {found.name}")
        if self._networks:
            forms = _forms(ip_network(value))
            for network in self._networks:
                if any(_lies_in(form, network) for form in forms):
                    return _refuse("own", f"{value} lies in {network}, which is yours")
        if found is not None and DOCUMENTATION not in overridden:
            return self._sample(f"{value} is an address for {found.name}")
        owner = _RESOLVERS.get(address_number(value))
        if owner and PUBLIC_RESOLVER not in overridden:
            reason = f"{value} is a public DNS resolver ({owner})"
            return GuardFinding(PUBLIC_RESOLVER, self._settings.public_resolver, reason)
        return PASSED

    def _name(self, name: str, overridden: Collection[str]) -> GuardFinding:
        if special := _SPECIAL.over(name):
            return _refuse(SPECIAL_PURPOSE, f"{name} lies under {special}, a special-use name")
        for guard, names, whose in (
            ("own", self._own, "yours"),
            ("protected", self._names, "protected"),
        ):
            if member := names.over(name):
                below = "is" if name == member else f"lies under {member}, which is"
                return _refuse(guard, f"{name} {below} {whose}")
            if member := names.under(name):
                return _refuse(guard, f"{member} lies under {name}, and is {whose}")
        return self._ordinary(name, overridden)

    def _ordinary(self, name: str, overridden: Collection[str]) -> GuardFinding:
        # After what must not be blocked: a level that an operator sets may not weaken that.
        if (sample := _SAMPLES.over(name)) and DOCUMENTATION not in overridden:
            return self._sample(f"{name} lies under {sample}, which is for samples")
        if self._suffixes.is_public(name):
            return _refuse("public_suffix", f"{name} is a suffix that many strangers share")
        if HOMOGLYPH not in overridden and (model := self._lookalikes.resembled(name)):
            reason = f"{name} looks like {model} and is not: an impostor?"
            return GuardFinding(HOMOGLYPH, self._settings.homoglyph, reason)
        return PASSED

    def _hash(self, value: str) -> GuardFinding:
        if value in EMPTY_FILE:
            return _refuse("empty_file", f"{value} is the {EMPTY_FILE[value]} of an empty file")
        if value in self._own_values:
            return _refuse("own", f"{value} is yours")
        return PASSED

    def _sample(self, reason: str) -> GuardFinding:
        return GuardFinding(DOCUMENTATION, self._settings.documentation, reason)

    def _listed(self, kind: IndicatorType, value: str, finding: GuardFinding) -> GuardFinding:
        """Return the worst of a finding and what the warninglists say; the finding when equal."""
        host = host_of(value) if kind is IndicatorType.URL else value
        for hit in self._lists.check(kind, value):
            level = self._level(hit, host)
            if _WORSE.index(level) > _WORSE.index(finding.verdict):
                entry = "" if hit.entry == value else f" as {hit.entry}"
                finding = GuardFinding(
                    WARNINGLIST, level, f"{value} is on the list {hit.key} ({hit.name}){entry}"
                )
        return finding

    def _level(self, hit: Hit, host: str) -> Verdict:
        level = self._levels[hit.key]
        if level is Verdict.WARN or hit.entry == host:
            return level
        # A platform's own name is well known; the strangers who live below it are not.
        suffix = self._suffixes.publicsuffix(host, accept_unknown=False) or ""
        return Verdict.WARN if f".{suffix}".endswith(f".{hit.entry}") else level


_Network = IPv4Network | IPv6Network
_WORSE = tuple(Verdict)
_RESOLVERS = {address_number(address): owner for address, owner in RESOLVERS.items()}
_SAMPLES = NameSet(SAMPLE_NAMES)
_SPECIAL = NameSet(SPECIAL_USE)


@cache
def _public_suffixes() -> PublicSuffixList:
    """The list, which takes 50 ms to read and never changes in a process."""
    return PublicSuffixList()


def _refuse(guard: str, reason: str) -> GuardFinding:
    return GuardFinding(guard, Verdict.REFUSE, reason)


def _of_allow(finding: GuardFinding) -> GuardFinding:
    if finding.guard not in (SPECIAL_PURPOSE, HOMOGLYPH):
        return PASSED
    mild = finding.verdict is Verdict.DOWNGRADE
    return replace(finding, verdict=Verdict.WARN) if mild else finding


def _forms(network: _Network) -> tuple[_Network, ...]:
    """Return a network, and the IPv4 network that it carries if it is such a form of IPv6."""
    inner = carried(network) if isinstance(network, IPv6Network) else None
    return (network,) if inner is None else (network, inner)


def _lies_in(inner: _Network, outer: _Network) -> bool:
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)


def _network(text: str) -> _Network:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise ConfigError(
            f"own.addresses: {text[:60]!a} is no address or network",
            'write "192.0.2.10" or "192.0.2.0/24"',
        ) from error
