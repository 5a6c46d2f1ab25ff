"""Every rule between rows, each with the page that states it; what is open, under each setting.

[F] "Create indicators for files"; [N] "Create indicators for IPs and URLs/domains"; [G] "Create and
manage device groups"; [O] "Overview of indicators"; [S] the first page, "Create indicators". What
Defender does without indicators (application control, exclusions, SmartScreen, attack surface
reduction; [F], steps 1, 2, 4 and 6) is no part of the list and has no row here.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given

from strategies import engine_worlds
from strategies.builders import row
from strategies.engine_worlds import NOW, SECOND
from strategies.match_model import all_matches
from tidegate.engines.choices import DEFAULTS, Choices
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.matcher import Matcher
from tidegate.engines.precedence import applies, effective
from tidegate.engines.wording import NOTHING
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType

T = IndicatorType
ALLOW, ALERT, FULL = Action.ALLOW, Action.ALERT_ONLY, Action.ALERT_AND_BLOCK
WARN, BLOCK = Action.WARN, Action.BLOCK

SHA256, SHA1, MD5, CERT = "a" * 64, "b" * 40, "c" * 32, "d" * 40
IP = "192.0.2.1"
FILE = (
    Observable(Role.FILE, T.FILE_SHA256, SHA256),
    Observable(Role.FILE, T.FILE_SHA1, SHA1),
    Observable(Role.FILE, T.FILE_MD5, MD5),
)
SIGNED = (*FILE, Observable(Role.CERTIFICATE, T.CERTIFICATE, CERT))
PROCESS = (Observable(Role.PROCESS, T.FILE_SHA256, "e" * 64),)
VISIT = (
    Observable(Role.REMOTE_IP, T.IP_ADDRESS, IP),
    Observable(Role.REMOTE_URL, T.URL, "http://www.example.com/a/b/c"),
)
HOST = (Observable(Role.REMOTE_URL, T.DOMAIN_NAME, "www.example.com"),)

_KINDS = {SHA256: T.FILE_SHA256, SHA1: T.FILE_SHA1, MD5: T.FILE_MD5, CERT: T.CERTIFICATE}
_KINDS |= {IP: T.IP_ADDRESS, "e" * 64: T.FILE_SHA256}


class Row(NamedTuple):
    """A row of the list, as far as it matters here."""

    action: Action
    value: str
    groups: tuple[str, ...] = ()
    expires: datetime | None = None
    aliases: tuple[str, ...] = ()

    def listed(self, number: int) -> Indicator:
        other = T.URL if "://" in self.value else T.DOMAIN_NAME
        return row(
            number,
            id=f"{number:012}",
            type=_KINDS.get(self.value, other),
            value=self.value,
            action=self.action,
            groups=self.groups,
            expires=self.expires,
            aliases=self.aliases,
            created=NOW - timedelta(days=1),
        )


class Case(NamedTuple):
    """Rows that meet an event on a device; which of them decides, and why. None: no one does."""

    source: str
    seen: tuple[Observable, ...]
    rows: Sequence[Row]
    decides: int | None
    why: str
    group: str = ""
    choices: Choices = DEFAULTS


def _rank(*actions: Action) -> list[tuple[Action, Action]]:
    return list(itertools.combinations(actions, 2))


def _ranked(
    source: str,
    seen: tuple[Observable, ...],
    value: str,
    actions: Sequence[Action],
    choices: Choices = DEFAULTS,
) -> list[Case]:
    """Two rows on one value in two scopes that both hold for the device, whatever their order."""
    return [
        Case(
            source,
            seen,
            [Row(loser, value, ("Clients", "Servers")), Row(winner, value, ("Clients",))],
            1,
            " > ",
            "Clients",
            choices,
        )
        for winner, loser in _rank(*actions)
    ]


def _either(
    source: str,
    seen: tuple[Observable, ...],
    rows: Sequence[Row],
    choice: str,
    settings: dict[str, tuple[int, str]],
    group: str = "",
) -> list[Case]:
    """One case for each setting of a choice; the first is the default."""
    assert tuple(settings) == engine_worlds.options()[choice], choice
    assert getattr(DEFAULTS, choice) == next(iter(settings))
    return [
        Case(
            f"{source}; {choice}={setting}",
            seen,
            rows,
            decides,
            why,
            group,
            replace(DEFAULTS, **{choice: setting}),  # type: ignore[arg-type]
        )
        for setting, (decides, why) in settings.items()
    ]


GROUPED = "the device's group before all devices"
STRICT_FILE = "files, Block > Warn > Allow > Alert only"
MILD_NET = "network, Allow > Warn > Block > Alert only"
HASHES = "files, SHA-256 > SHA-1 > MD5"
LONGER = "network, the longer path wins"
CLOSER = "network, the closer name wins"
STRICTER = "the stricter action stands"

FILES: list[Case] = [
    # [F] conflicts, steps 3 and 5: Block and Warn before Allow.
    *_ranked("[F] steps 3, 5", FILE, SHA256, (FULL, BLOCK, WARN, ALLOW, ALERT)),
    *_ranked("[F] steps 3, 5: certificates too", SIGNED, CERT, (FULL, BLOCK, WARN, ALLOW, ALERT)),
    *_ranked(
        "[F] step 3 names both; file_warn=over_block",
        FILE,
        SHA256,
        (WARN, FULL, BLOCK, ALLOW, ALERT),
        Choices(file_warn="over_block"),
    ),
    *_ranked(
        "[O] Audit has no rank; alert_only=over_allow",
        FILE,
        SHA256,
        (FULL, BLOCK, WARN, ALERT, ALLOW),
        Choices(alert_only="over_allow"),
    ),
    # [F] the more secure hash, "always true regardless of the device group".
    Case("[F] hashes", FILE, [Row(FULL, SHA256), Row(FULL, SHA1), Row(FULL, MD5)], 0, HASHES),
    Case("[F] hashes", FILE, [Row(BLOCK, MD5), Row(BLOCK, SHA1)], 1, HASHES),
    Case(
        "[F] regardless of the device group",
        FILE,
        [Row(FULL, SHA256), Row(FULL, MD5, ("Clients",))],
        0,
        HASHES,
        "Clients",
    ),
    *_either(
        "[F] hash against Block before Allow",
        FILE,
        [Row(ALLOW, SHA256), Row(BLOCK, MD5)],
        "hash_order",
        {"strongest": (0, HASHES), "strictest": (1, STRICT_FILE)},
    ),
    *_either(
        "[F] hash and actions agree",
        FILE,
        [Row(BLOCK, SHA256), Row(ALLOW, MD5)],
        "hash_order",
        {"strongest": (0, HASHES), "strictest": (0, STRICT_FILE)},
    ),
    *_either(
        "[F] equal actions leave it to the hash",
        FILE,
        [Row(BLOCK, MD5), Row(BLOCK, SHA1)],
        "hash_order",
        {"strongest": (1, HASHES), "strictest": (1, HASHES)},
    ),
    # [F] "the policy in the device group will win".
    *_either(
        "[F] the device's group",
        FILE,
        [Row(ALLOW, SHA256, ("Clients",)), Row(FULL, SHA256)],
        "file_group_order",
        {"group": (0, GROUPED), "strictest": (1, STRICT_FILE)},
        "Clients",
    ),
    *_either(
        "[F] the device's group, where it blocks",
        FILE,
        [Row(ALLOW, SHA256), Row(FULL, SHA256, ("Clients",))],
        "file_group_order",
        {"group": (1, GROUPED), "strictest": (1, STRICT_FILE)},
        "Clients",
    ),
    *_either(
        "[F] one list for files and certificates",
        SIGNED,
        [Row(ALLOW, SHA256), Row(FULL, CERT)],
        "certificate_order",
        {
            "strictest": (1, STRICT_FILE),
            "hash": (0, "files, a hash of the file before its certificate"),
        },
    ),
    Case(
        "[F] equal actions: what names the file itself",
        SIGNED,
        [Row(FULL, CERT), Row(FULL, MD5)],
        1,
        "files, a hash of the file before its certificate",
    ),
    *_either(
        "[F] step 3 names both",
        FILE,
        [Row(WARN, SHA256, ("A",)), Row(BLOCK, SHA256, ("A", "B"))],
        "file_warn",
        {"under_block": (1, STRICT_FILE), "over_block": (0, "files, Warn > Block")},
        "A",
    ),
    *_either(
        "[O] Audit has no rank",
        FILE,
        [Row(ALERT, SHA256, ("A",)), Row(ALLOW, SHA256, ("A", "B"))],
        "alert_only",
        {"last": (1, STRICT_FILE), "over_allow": (0, "files, Block > Warn > Alert only > Allow")},
        "A",
    ),
    # Our own: a row knows other hashes of its file.
    Case(
        "aliases: a row's own hash first",
        FILE[2:],
        [Row(FULL, SHA256, aliases=(f"FileMd5:{MD5}",)), Row(FULL, MD5)],
        1,
        "files, a row's own hash before another of the same file",
    ),
    Case(
        "aliases: a row's own hash first, where the stricter action goes before the group",
        FILE[2:],
        [Row(FULL, SHA256, aliases=(f"FileMd5:{MD5}",)), Row(FULL, MD5)],
        1,
        "files, a row's own hash before another of the same file",
        choices=Choices(file_group_order="strictest"),
    ),
    Case(
        "aliases: as strong as the hash that matched",
        FILE[1:],
        [Row(FULL, SHA256, aliases=(f"FileMd5:{MD5}",)), Row(ALLOW, SHA1)],
        1,
        HASHES,
    ),
]

_A, _AB = "http://www.example.com/a", "http://www.example.com/a/b"

NETWORK: list[Case] = [
    # [N] "Allow > Warn > Block" on the same indicator.
    *_ranked("[N] same indicator", VISIT, IP, (ALLOW, WARN, FULL, BLOCK, ALERT)),
    *_ranked("[N] same indicator", VISIT, _AB, (ALLOW, WARN, FULL, BLOCK, ALERT)),
    *_ranked("[N] same indicator", HOST, "example.com", (ALLOW, WARN, FULL, BLOCK, ALERT)),
    *_ranked(
        "[O] Audit has no rank; alert_only=over_allow",
        VISIT,
        _A,
        (ALLOW, ALERT, WARN, FULL, BLOCK),
        Choices(alert_only="over_allow"),
    ),
    # [N] the longer path.
    Case("[N] longer path", VISIT, [Row(FULL, _A), Row(WARN, _AB)], 1, LONGER),
    Case(
        "[N] a query narrows nothing",
        VISIT,
        [Row(FULL, f"{_A}?q=long"), Row(ALLOW, _A)],
        1,
        MILD_NET,
    ),
    *_either(
        "[N] longer path against any Allow",
        VISIT,
        [Row(ALLOW, _A), Row(FULL, _AB)],
        "allow_reach",
        {"specific": (1, LONGER), "any": (0, "network, any Allow wins over any Block")},
    ),
    *_either(
        "[N] any Allow, names too",
        VISIT,
        [Row(ALLOW, "example.com"), Row(FULL, _AB)],
        "allow_reach",
        {"specific": (1, CLOSER), "any": (0, "network, any Allow wins over any Block")},
    ),
    *_either(
        "[N] silent: a name and the name above",
        HOST,
        [Row(FULL, "www.example.com"), Row(ALLOW, "example.com")],
        "name_order",
        {"specific": (0, CLOSER), "action": (1, MILD_NET)},
    ),
    *_either(
        "[N] silent: a URL and the name it is on",
        VISIT,
        [Row(FULL, _A), Row(ALLOW, "www.example.com")],
        "name_order",
        {"specific": (0, CLOSER), "action": (1, MILD_NET)},
    ),
    *_either(
        "[N] silent: equal actions leave it to the name",
        HOST,
        [Row(FULL, "example.com"), Row(FULL, "www.example.com")],
        "name_order",
        {"specific": (1, CLOSER), "action": (1, CLOSER)},
    ),
    *_either(
        "[N] silent: the address and the URL",
        VISIT,
        [Row(ALLOW, IP), Row(FULL, _A)],
        "address_order",
        {"action": (0, MILD_NET), "name": (1, "network, the name before the address")},
    ),
    *_either(
        "[N] silent: the address and the name",
        VISIT,
        [Row(FULL, IP), Row(ALLOW, "example.com")],
        "address_order",
        {"action": (1, MILD_NET), "name": (1, "network, the name before the address")},
    ),
    # [N] garbled: "creates an unsanctioned indicator for all users but URL is allowed for a
    # specific device group, the specific device group is Blocked".
    *_either(
        "[N] the device's group allows what is blocked for all",
        VISIT,
        [Row(ALLOW, _A, ("Clients",)), Row(FULL, _A)],
        "group_order",
        {"group": (0, GROUPED), "action": (0, MILD_NET), "strictest": (1, STRICTER)},
        "Clients",
    ),
    *_either(
        "[N] the device's group blocks what is allowed for all",
        VISIT,
        [Row(ALLOW, _A), Row(FULL, _A, ("Clients",))],
        "group_order",
        {"group": (1, GROUPED), "action": (0, MILD_NET), "strictest": (1, STRICTER)},
        "Clients",
    ),
    Case(
        "[N] the group's row is of another value: the longer path",
        VISIT,
        [Row(ALLOW, _A, ("Clients",)), Row(FULL, _AB)],
        1,
        LONGER,
        "Clients",
    ),
]

APART = "file, process and connection are judged apart, and the stricter action stands"

SUBJECTS: list[Case] = [
    Case("[S] each door", (*PROCESS, *VISIT), [Row(ALLOW, "e" * 64), Row(FULL, IP)], 1, APART),
    Case("[S] each door", (*PROCESS, *VISIT), [Row(WARN, "e" * 64), Row(ALLOW, IP)], 0, APART),
    Case("[S] each door", (*PROCESS, *FILE), [Row(BLOCK, "e" * 64), Row(ALLOW, MD5)], 0, APART),
    Case(
        "[S] equal actions",
        (*VISIT, *PROCESS, *FILE),
        [Row(FULL, IP), Row(FULL, "e" * 64), Row(FULL, SHA1)],
        2,
        "equal actions, the file speaks before the process",
    ),
    Case(
        "all equal: never the order of the list",
        VISIT,
        [Row(FULL, IP, ("A",)), Row(FULL, IP, ("A", "B"))],
        0,
        "all else equal, the older row speaks",
        "A",
    ),
]

SCOPE: list[Case] = [
    # [G] a device is in exactly one group; a row without groups is for all devices.
    Case("[G] all devices", VISIT, [Row(FULL, IP)], 0, "names it", "Clients"),
    Case("[G] all devices, ungrouped ones too", VISIT, [Row(FULL, IP)], 0, "names it", ""),
    Case("[G] of several groups", VISIT, [Row(FULL, IP, ("A", "B"))], 0, "names it", "B"),
    Case("[G] of another group", VISIT, [Row(FULL, IP, ("A", "B"))], None, "is for A, B", "C"),
    Case("[G] ungrouped", VISIT, [Row(FULL, IP, ("A",))], None, "device is in no group", ""),
    Case(
        "[G] a row of another group contends with nothing",
        FILE,
        [Row(FULL, SHA256, ("A",)), Row(ALLOW, SHA256)],
        1,
        "names it",
        "B",
    ),
    # [O] null is never; gone to the second.
    Case("[O] never expires", VISIT, [Row(FULL, IP, expires=None)], 0, "names it"),
    Case("[O] a second to go", VISIT, [Row(FULL, IP, expires=NOW + SECOND)], 0, "names it"),
    Case("[O] in its second", VISIT, [Row(FULL, IP, expires=NOW)], None, "but expired on"),
    Case(
        "[O] gone, so another decides",
        FILE,
        [Row(FULL, SHA256, expires=NOW), Row(ALLOW, MD5)],
        1,
        "names it",
    ),
    Case("nothing matches", VISIT, [Row(FULL, SHA256)], None, NOTHING),
]

TABLE = [*FILES, *NETWORK, *SUBJECTS, *SCOPE]


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.source)
def test_the_table(case: Case) -> None:
    rows = [entry.listed(number) for number, entry in enumerate(case.rows)]
    event = Event("e", NOW, "pc1", case.group, "ConnectionSuccess", case.seen)
    answer, *others = (
        Matcher(order, case.choices).decide(event) for order in itertools.permutations(rows)
    )
    assert others == [answer] * len(others)
    assert answer.indicator == (None if case.decides is None else rows[case.decides])
    assert case.why in answer.reason
    assert (answer.observable is None) is (case.decides is None)


def test_the_table_turns_every_choice_of_precedence() -> None:
    tried = {case.source.partition("; ")[2] for case in TABLE}
    elsewhere = {"enforcement", "detected_warn", "investigated_warn"}
    for name, values in engine_worlds.options().items():
        assert name in elsewhere or {f"{name}={value}" for value in values} <= tried, name


def test_a_reason_reads_as_a_sentence() -> None:
    blocks = row(1, value="www.example.com", action=BLOCK)
    allows = row(2, value="example.com", action=ALLOW)
    event = Event("e", NOW, "pc1", "", "ConnectionSuccess", HOST)
    assert Matcher([allows, blocks]).decide(event).reason == (
        "Block of a person (www.example.com) wins over Allow of a person (example.com): "
        "network, the closer name wins"
    )


@given(engine_worlds.lists(), engine_worlds.events, engine_worlds.choices, engine_worlds.randoms)
def test_the_order_of_the_list_never_matters(
    rows: list[Indicator], event: Event, choices: Choices, random: Random
) -> None:
    matches = all_matches(rows, event)
    answer = effective(matches, event.group, event.at, choices)
    random.shuffle(matches)
    assert effective(matches, event.group, event.at, choices) == answer


@given(engine_worlds.lists(), engine_worlds.events, engine_worlds.choices)
def test_who_decides_matches_and_applies(
    rows: list[Indicator], event: Event, choices: Choices
) -> None:
    matches = all_matches(rows, event)
    row, seen, _ = effective(matches, event.group, event.at, choices)
    assert (row is not None) is any(applies(listed, event.group, event.at) for _, listed in matches)
    if row is not None:
        assert (seen, row) in matches
        assert applies(row, event.group, event.at)


@given(engine_worlds.lists(), engine_worlds.events, engine_worlds.choices)
def test_rows_that_do_not_apply_change_nothing(
    rows: list[Indicator], event: Event, choices: Choices
) -> None:
    matches = all_matches(rows, event)
    standing = [match for match in matches if applies(match[1], event.group, event.at)]
    if standing:
        with_all = effective(matches, event.group, event.at, choices)
        assert effective(standing, event.group, event.at, choices) == with_all
