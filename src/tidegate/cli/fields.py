"""From options such as --expires 30d to the fields of an edit, each with its own message."""

from __future__ import annotations

import argparse
from datetime import datetime

from tidegate.cli import diagnostics
from tidegate.errors import UsageError
from tidegate.feed import CATEGORIES
from tidegate.indicators.kinds import Action, Severity, parse_action, parse_severity
from tidegate.indicators.term import parse_expiry
from tidegate.service.edit import UNSET, Fields
from tidegate.service.groups import known_groups
from tidegate.service.overriding import asked
from tidegate.service.workspace import Workspace


def fields_of(ws: Workspace, args: argparse.Namespace) -> Fields:
    """Read the field options. Raises UsageError naming the option and what it takes."""
    if args.group and args.all_devices:
        raise UsageError("both --group and --all-devices were given", "use one of them")
    groups = tuple(args.group) if args.group else () if args.all_devices else UNSET
    if args.group:
        _known_groups(ws, args.group)
    return Fields(
        action=UNSET if args.action is None else _action(args.action),
        severity=UNSET if args.severity is None else _severity(args.severity),
        title=UNSET if args.title is None else args.title,
        description=UNSET if args.description is None else args.description,
        groups=groups,
        expires=UNSET if args.expires is None else _expiry(ws, args.expires),
        note=UNSET if args.note is None else args.note,
        category=UNSET if args.category is None else _category(args.category),
        recommended_actions=UNSET if args.recommended_actions is None else args.recommended_actions,
        overrides=asked(args.override or (), args.reason),
    )


def _action(text: str) -> Action:
    action = parse_action(text)
    if action is None:
        raise UsageError(
            f"--action: unknown action {text!r}", "one of " + ", ".join(a.value for a in Action)
        )
    return action


def _severity(text: str) -> Severity:
    severity = parse_severity(text)
    if severity is None:
        raise UsageError(f"--severity: unknown severity {text!r}", "one of " + ", ".join(Severity))
    return severity


def _category(text: str) -> str:
    for name in CATEGORIES:
        if name.casefold() == text.replace(" ", "").casefold():
            return name
    raise UsageError(f"--category: unknown category {text!r}", "one of " + ", ".join(CATEGORIES))


def _expiry(ws: Workspace, text: str) -> datetime | None:
    try:
        return parse_expiry(text, ws.clock())
    except ValueError as fault:
        raise UsageError(f"--expires: {fault}", "write 30d, 12h, 2026-12-31 or never") from fault


def _known_groups(ws: Workspace, names: list[str]) -> None:
    """Refuse a group that config.toml does not list, if it lists any; else warn of a new name."""
    known = known_groups(ws)
    doubts = known.doubts(names)
    if doubts and known.closed:
        raise UsageError(f"--group: {doubts}", "one of " + ", ".join(known.names))
    if doubts:
        diagnostics.note(f"warning: --group: {doubts}")
