"""A home in which values have come to every end there is, and what to ask for each of them.

Two syncs and a dry run lead there: the first fills the list; before the second one feed is emptied,
one floods, one forgets a value and people decide things; the dry run plans a feed that was never
applied. The list may have any limit, so that the same ends can be measured on a full one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from driving.homes import DOCUMENTATION, Watch, in_home, indicator, write_feed
from strategies.builders import create, plan, row
from tidegate.config import Home
from tidegate.indicators.kinds import Origin, Severity
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.suppressing import plan_suppress
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

_RULES = '[[rule]]\nname = "dull"\nwhen = { labels = ["dull"] }\nthen = { action = "skip" }\n'
_UNTIL = "2027-01-01T00:00:00Z"
_EBB = 12
_FOUND = 3
"""Rows of feeds `cap` and `low` that are proposed, against the two that have a slot."""


@dataclass
class Ends:
    """An opened home; `asked` says by end what to ask `why`."""

    ws: Workspace
    watch: Watch
    asked: dict[str, str] = field(default_factory=dict)


def build(root: Path, limit: int = 40, bulk: int = 60) -> Ends:
    """Make the home in a new folder. `bulk` are the candidates of the feed that fills the list."""
    home = Home(root)
    home.ensure()
    home.config_file.write_text(f"limit = {limit}\n" + DOCUMENTATION, "utf-8")
    watch = Watch()
    ends = Ends(Workspace.open(home, clock=watch), watch)
    flood = min(200, limit // 10) + 5
    _subscribe(ends, "acme", _acme(ends), rules=_RULES)
    _subscribe(ends, "cap", _some("cap", 1_000, _FOUND), share="ceiling = 2", trust=60)
    _subscribe(ends, "low", _some("low", 2_000, _FOUND), share="floor = 2", trust=10)
    _subscribe(ends, "ebb", _some("ebb", 3_000, _EBB), trust=90)
    _subscribe(ends, "surge", _some("surge", 4_000, 2), trust=95)
    over = named(5_010, "offended", revoked=True)
    _subscribe(ends, "off", [*_some("off", 5_000, 1), over], trust=80)
    _subscribe(ends, "bulk", _bulk(bulk), trust=40)
    _before(ends)
    sync(ends.ws)
    _between(ends, flood)
    sync(ends.ws)
    _after(ends, bulk)
    return ends


def named(number: int, name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any property
    """An indicator for NAME.example.com."""
    return indicator(number, f"[domain-name:value = '{name}.example.com']", **more)


def _some(name: str, first: int, count: int) -> list[dict[str, Any]]:
    return [named(first + n, f"{name}{n}", confidence=90 - n) for n in range(count)]


def _bulk(count: int) -> Iterator[dict[str, Any]]:
    """Many names, the later the weaker."""
    for n in range(count):
        yield named(10_000 + n, f"b{n}", confidence=99 - 99 * n // count, valid_until=_UNTIL)


def _subscribe(
    ends: Ends,
    ident: str,
    objects: object,
    *,
    share: str = "",
    rules: str = "",
    trust: int = 70,
) -> None:
    folder = ends.ws.home.feeds_dir / ident
    table = f"[share]\n{share}\n" if share else ""
    write_feed(folder, trust=trust, rules=table + rules)
    _publish(ends, ident, objects)


def _publish(ends: Ends, ident: str, objects: Any) -> None:  # noqa: ANN401 - any sequence
    in_home(ends.ws.home.root, ident).publish(list(objects), ends.watch.now)


_HASHES = ("1" * 64, "2" * 32)


def _acme(ends: Ends) -> list[dict[str, Any]]:
    """One object for each end that an object comes to by itself, and some that get a slot."""
    del ends
    pattern = f"[file:hashes.'SHA-256' = '{_HASHES[0]}' AND file:hashes.MD5 = '{_HASHES[1]}']"
    either = "[ipv4-addr:value = '198.51.100.7' OR domain-name:value = 'OR.example.com']"
    past = "2026-01-02T00:00:00Z"
    return [
        named(1, "feed"),
        named(2, "pinned"),
        named(3, "owned"),
        named(4, "moved"),
        named(5, "gone"),
        named(6, "suppressed"),
        named(7, "parent"),
        indicator(8, pattern),
        indicator(9, either),
        named(20, "revoked", revoked=True),
        named(21, "expired", valid_until=past),
        named(22, "early", valid_from="2026-12-01T00:00:00Z"),
        named(23, "benign", indicator_types=["benign"]),
        named(24, "dull", labels=["dull"]),
        named(25, "contested"),
        named(25, "contested-too"),
        indicator(26, "[domain-name:value = 'microsoft.com']"),
        indicator(27, "[ipv4-addr:value = '8.8.8.8']"),
        indicator(28, "[domain-name:value = "),
        indicator(29, "[url:value LIKE 'http://%.example.com/like']"),
        indicator(30, "[ipv4-addr:value = '198.51.100.0/24']"),
    ]


def _before(ends: Ends) -> None:
    """What people decide before the first sync."""
    ws = ends.ws
    apply(ws, plan_suppress(ws, "suppressed.example.com", (), "our own mail", None))
    apply(ws, edit.plan_add(ws, ["hand.example.com", "taken.example.com"], Fields()).plan)
    short = Fields(expires=ends.watch.now + timedelta(days=1))
    apply(ws, edit.plan_add(ws, ["over.example.com"], short).plan)
    lasting = Fields(expires=ends.watch.now + timedelta(days=2, hours=1))
    apply(ws, edit.plan_add(ws, ["lapsed.example.com"], lasting).plan)
    known = Fields(overrides={"public_resolver": "incident 7"})
    apply(ws, edit.plan_add(ws, ["9.9.9.9"], known).plan)
    theirs = row(0, value="foreign.example.com", origin=Origin.FOREIGN, created=ends.watch.now)
    state = ws.store.state()
    theirs_too = plan(create(theirs), serial=state.serial, lineage=state.lineage)
    ws.store.apply(theirs_too, limit=ws.settings.limit, now=ends.watch.now, actor="ana")


def _between(ends: Ends, flood: int) -> None:
    """What happens between the syncs: people edit, feeds change."""
    ws = ends.ws
    held = {found.value.partition(".")[0]: found for found in look.rows(ws)}
    apply(ws, edit.plan_pin(ws, [held["pinned"]], pinned=True).plan)
    apply(ws, edit.plan_edit(ws, [held["owned"]], Fields(severity=Severity.LOW)).plan)
    apply(ws, edit.plan_edit(ws, [held["moved"]], Fields(groups=("lab",))).plan)
    apply(ws, edit.plan_remove(ws, [held["taken"]]).plan)
    ends.watch.turn(days=2)
    _publish(ends, "acme", [each for each in _acme(ends) if "'gone." not in each["pattern"]])
    _publish(ends, "ebb", [])
    _publish(ends, "surge", _some("surge", 4_000, 2 + flood))
    ws.catalogue.disable("off")


def _after(ends: Ends, bulk: int) -> None:
    """Plan what is never applied, mark what is covered, and say what to ask."""
    ws = ends.ws
    _subscribe(ends, "late", [named(6_000, "late")], trust=99)
    sync(ws, dry_run=True)
    last = f"b{bulk - 2}.example.com"
    with ws.ledger.transaction() as link:
        link.execute(
            "UPDATE waiting SET reason = 'covered by DomainName parent.example.com' "
            "WHERE value = ?",
            (last,),
        )
    ends.watch.turn(hours=2)
    ends.asked = asked(bulk)


def asked(bulk: int) -> dict[str, str]:
    """What to ask for each end, in a home with so many candidates of the feed that fills it."""
    own = ("hand feed pinned owned moved foreign gone suppressed revoked expired early benign dull "
           "contested taken over late lapsed offended")  # fmt: skip
    return {
        **{name: f"{name}.example.com" for name in own.split()},
        "overridden": "9.9.9.9",
        "file": _HASHES[1],
        "alternative": "or.example.com",
        "brake removal": "ebb0.example.com",
        "brake flood": "surge3.example.com",
        "ceiling": "cap2.example.com",
        "rank": f"b{bulk - 1}.example.com",
        "covered": f"b{bulk - 2}.example.com",
        "off": "off0.example.com",
        "protected": "microsoft.com",
        "resolver": "8.8.8.8",
        "unreadable": str(indicator(28)["id"]),
        "unsupported": str(indicator(29)["id"]),
        "network": "198.51.100.0/24",
        "unknown": "unknown.example.com",
        "no value": "what?",
    }
