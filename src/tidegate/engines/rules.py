"""The criteria between rows and the steps in which they are asked, as the choices have them.

Owns the order for a file and the order for a connection. Refuses scope and expiry: matches that do
not apply never get here. Sources stand in `precedence`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from tidegate.engines.choices import Choices
from tidegate.engines.contest import Contest, Criterion, Match
from tidegate.engines.event import Observable, Role
from tidegate.indicators.kinds import Action, IndicatorType

_STRENGTH = {IndicatorType.FILE_SHA256: 3, IndicatorType.FILE_SHA1: 2, IndicatorType.FILE_MD5: 1}
_STRICT = {
    Action.ALLOW: 0,
    Action.ALERT_ONLY: 1,
    Action.WARN: 2,
    Action.BLOCK: 3,
    Action.ALERT_AND_BLOCK: 4,
}
_CONNECTION = frozenset({Role.REMOTE_IP, Role.REMOTE_URL})

_HASH = Criterion("files, SHA-256 > SHA-1 > MD5", lambda match: _STRENGTH.get(match[0].type, 0))
_OF_THE_FILE = Criterion(
    "files, a hash of the file before its certificate", lambda match: match[0].type in _STRENGTH
)
_OWN = Criterion(
    "files, a row's own hash before another of the same file",
    lambda match: match[1].type is match[0].type,
)
_GROUP = Criterion("the device's group before all devices", lambda match: bool(match[1].groups))
_STRICTER = Criterion("the stricter action stands", lambda match: _STRICT[match[1].action])
_ANY_ALLOW = Criterion(
    "network, any Allow wins over any Block", lambda match: match[1].action is Action.ALLOW
)
_PATH = Criterion("network, the longer path wins", lambda match: _path(match[1].value))
_CLOSER = Criterion(
    "network, the closer name wins",
    lambda match: (match[1].type is IndicatorType.URL, match[1].value.count(".")),
)
_NAME = Criterion(
    "network, the name before the address",
    lambda match: match[1].type is not IndicatorType.IP_ADDRESS,
)
_APART = (
    Criterion(
        "file, process and connection are judged apart, and the stricter action stands",
        lambda match: _STRICT[match[1].action],
    ),
    Criterion(
        "equal actions, the file speaks before the process and both before the connection",
        lambda match: -_subject(match[0]),
    ),
)


class Rules:
    """The steps of a decision."""

    def __init__(self, choices: Choices) -> None:
        file, network = _file_actions(choices), _network_actions(choices)
        self._any_allow = choices.allow_reach == "any"
        self._one_hash = {
            "group": (_GROUP, file, _OWN),
            "strictest": (file, _GROUP, _OWN),
        }[choices.file_group_order]
        self._hashes = {
            "strongest": (_HASH, file),
            "strictest": (file, _HASH),
        }[choices.hash_order]
        self._signed = {
            "strictest": (file, _OF_THE_FILE),
            "hash": (_OF_THE_FILE,),
        }[choices.certificate_order]
        self._one_value = {
            "group": (_GROUP, network),
            "action": (network, _GROUP),
            "strictest": (_STRICTER, _GROUP),
        }[choices.group_order]
        self._urls = (_PATH, network)
        self._names = {
            "specific": (_CLOSER, network),
            "action": (network, _CLOSER),
        }[choices.name_order]
        self._ends = {
            "action": (network, _NAME),
            "name": (_NAME, network),
        }[choices.address_order]

    def decide(self, contest: Contest, matches: Sequence[Match]) -> Match:
        """Return the match that decides. All of them apply; there is at least one."""
        winners = [
            self._connection(contest, subject)
            if subject[0][0].role in _CONNECTION
            else self._file(contest, subject)
            for subject in _apart(matches, lambda match: _subject(match[0]))
        ]
        return contest.hold(winners, _APART)

    def _file(self, contest: Contest, matches: Sequence[Match]) -> Match:
        values = [
            contest.hold(same, self._one_hash)
            for same in _apart(matches, lambda match: match[0].type)
        ]
        hashes, signed = _halves(values, lambda match: match[0].type in _STRENGTH)
        best = [contest.hold(hashes, self._hashes)] if hashes else []
        return contest.hold([*best, *signed], self._signed)

    def _connection(self, contest: Contest, matches: Sequence[Match]) -> Match:
        values = [
            contest.hold(same, self._one_value)
            for same in _apart(matches, lambda match: (match[1].type, match[1].value))
        ]
        if self._any_allow:
            values = _allows(contest, values)
        addresses, rest = _halves(values, lambda match: match[1].type is IndicatorType.IP_ADDRESS)
        urls, names = _halves(rest, lambda match: match[1].type is IndicatorType.URL)
        best = [contest.hold(urls, self._urls)] if urls else []
        named = [contest.hold([*best, *names], self._names)] if rest else []
        return contest.hold([*named, *addresses], self._ends)


@lru_cache(maxsize=64)
def rules(choices: Choices) -> Rules:
    """Return the rules under these choices, made once."""
    return Rules(choices)


def _file_actions(choices: Choices) -> Criterion:
    blocks = (Action.ALERT_AND_BLOCK, Action.BLOCK)
    hard, said = {
        "under_block": ((*blocks, Action.WARN), "Block > Warn"),
        "over_block": ((Action.WARN, *blocks), "Warn > Block"),
    }[choices.file_warn]
    soft, then = {
        "last": ((Action.ALLOW, Action.ALERT_ONLY), "Allow > Alert only"),
        "over_allow": ((Action.ALERT_ONLY, Action.ALLOW), "Alert only > Allow"),
    }[choices.alert_only]
    return _ranked(f"files, {said} > {then}", (*hard, *soft))


def _network_actions(choices: Choices) -> Criterion:
    hard = (Action.WARN, Action.ALERT_AND_BLOCK, Action.BLOCK)
    actions, said = {
        "last": (
            (Action.ALLOW, *hard, Action.ALERT_ONLY),
            "Allow > Warn > Block > Alert only",
        ),
        "over_allow": (
            (Action.ALLOW, Action.ALERT_ONLY, *hard),
            "Allow > Alert only > Warn > Block",
        ),
    }[choices.alert_only]
    return _ranked(f"network, {said}", actions)


def _ranked(rule: str, actions: Iterable[Action]) -> Criterion:
    """Prefer actions in this order; of two Blocks the one that raises an alert."""
    rank = {action: -place for place, action in enumerate(actions)}
    return Criterion(rule, lambda match: rank[match[1].action])


def _path(url: str) -> int:
    """Length of a URL up to its query, which narrows nothing, without closing slashes."""
    return len(url.partition("?")[0].rstrip("/"))


def _allows(contest: Contest, values: list[Match]) -> list[Match]:
    """Return the Allows alone, where there are any; the contest hears what they won against."""
    allows, rest = _halves(values, lambda match: match[1].action is Action.ALLOW)
    for allow in allows:
        for other in rest:
            contest.hold([allow, other], (_ANY_ALLOW,))
    return allows or values


def _subject(seen: Observable) -> int:
    """0 the file and its certificate, 1 the process, 2 the connection."""
    if seen.role in _CONNECTION:
        return 2
    return 1 if seen.role is Role.PROCESS else 0


def _apart(matches: Sequence[Match], key: Callable[[Match], object]) -> list[list[Match]]:
    """Group matches by a key."""
    found: dict[object, list[Match]] = {}
    for match in matches:
        found.setdefault(key(match), []).append(match)
    return list(found.values())


def _halves(
    matches: Sequence[Match], test: Callable[[Match], bool]
) -> tuple[list[Match], list[Match]]:
    """Split into those that pass and those that do not."""
    passed = [match for match in matches if test(match)]
    return passed, [match for match in matches if not test(match)]
