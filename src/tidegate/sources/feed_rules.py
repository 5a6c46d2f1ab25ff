"""A rule for single values at the head of a feed.toml, with everything else left as it was.

Owns the text of such a rule and where it goes: before all others, since the first match wins. When
the first rule is already one of these and wants the same, it gets the further values. Refuses a
file whose meaning would change in any other way, and to write it: the catalogue does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence

import tomlkit
from tomlkit.exceptions import TOMLKitError

from tidegate.errors import FeedDefinitionError
from tidegate.feed import TEXTS, FeedDefinition, Rule, Then, When, parse_feed
from tidegate.indicators.term import format_term

_HEAD = re.compile(r"\s*\[\[\s*rule\s*\]\]\s*(#.*)?\s*")


def with_rule(text: str, values: Iterable[str], then: Then, where: str) -> str:
    """Return a feed.toml in which these canonical values end as `then`, whatever else it says.

    `then` says all: action, severity, groups, expires, category and texts; `where` is the file's
    name for the message. Raises FeedDefinitionError when the file is not usable, when the rule
    would make Allow without `permit_allow`, or when the rule cannot be put in without changing
    something else.
    """
    try:
        before = parse_feed(tomllib.loads(text), where)
    except tomllib.TOMLDecodeError as fault:
        raise FeedDefinitionError(f"{where}: {fault}", "mend the file") from None
    wanted = sorted(set(values) - _decided(before, then))
    if not wanted:
        return text
    first = before.rules[0] if before.rules else None
    if first is not None and _of_values(first) and first.then == then:
        changed = _extended(text, wanted, where)
        when = When(value=first.when.value | set(wanted))
        expected = (first.model_copy(update={"when": when}), *before.rules[1:])
    else:
        rule = Rule(name=_free_name(before, then), when=When(value=frozenset(wanted)), then=then)
        changed = _inserted(text, _written(rule.name, wanted, then, before.default))
        expected = (rule, *before.rules)
    try:
        after = parse_feed(tomllib.loads(changed), where)
    except tomllib.TOMLDecodeError:
        raise _unwritable(where) from None
    if after.rules != expected or after.model_copy(update={"rules": before.rules}) != before:
        raise _unwritable(where)
    return changed


def _of_values(rule: Rule) -> bool:
    """Whether a rule asks for nothing but its values."""
    return bool(rule.when.value) and rule.when == When(value=rule.when.value)


def _decided(feed: FeedDefinition, then: Then) -> set[str]:
    """The values that rules like these, at the head of the file, let end so already."""
    known: dict[str, Then] = {}
    for rule in feed.rules:
        if not _of_values(rule):
            break
        for value in rule.when.value:
            known.setdefault(value, rule.then)
    return {value for value, found in known.items() if found == then}


def _unwritable(where: str) -> FeedDefinitionError:
    return FeedDefinitionError(
        f"{where}: no rule can be put in without changing something else",
        "write its rules as [[rule]] tables, or put this one in by hand",
    )


def _free_name(feed: FeedDefinition, then: Then) -> str:
    """A name that tells in `why` what the rule does, and that no other rule has."""
    taken = {rule.name for rule in feed.rules}
    name = f"by hand: {then.action}, {then.severity}"
    number = 1
    while (free := name if number == 1 else f"{name} ({number})") in taken:
        number += 1
    return free


def _text(value: str) -> str:
    return tomlkit.string(value).as_string()


def _list(values: Sequence[str]) -> str:
    if len(values) == 1:
        return f"[{_text(values[0])}]"
    return "[\n" + "".join(f"    {_text(value)},\n" for value in values) + "]"


def _written(name: str, values: Sequence[str], then: Then, default: Then) -> str:
    groups = ", ".join(_text(group) for group in then.groups)
    parts = [
        f"action = {_text(str(then.action))}",
        f"severity = {_text(str(then.severity))}",
        f"groups = [{groups}]",
        f"expires = {_text(format_term(then.expires))}",
    ]
    if then.category:
        parts.append(f"category = {_text(then.category)}")
    # An empty text is written where the default has one, which the rule would take otherwise.
    parts += (
        f"{name} = {_text(text)}"
        for name in TEXTS
        if (text := getattr(then, name)) or getattr(default, name)
    )
    return (
        f"[[rule]]\nname = {_text(name)}\n"
        f"when = {{ value = {_list(values)} }}\n"
        f"then = {{ {', '.join(parts)} }}\n"
    )


def _inserted(text: str, rule: str) -> str:
    """Put a rule before the first, above the comment that belongs to that one."""
    lines = text.splitlines(keepends=True)
    heads = [place for place, line in enumerate(lines) if _HEAD.fullmatch(line)]
    if not heads:
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        return text + gap + rule
    place = heads[0]
    while place > 0 and lines[place - 1].lstrip().startswith("#"):
        place -= 1
    return "".join((*lines[:place], rule, "\n", *lines[place:]))


def _extended(text: str, values: Sequence[str], where: str) -> str:
    try:
        document = tomlkit.parse(text)
        document["rule"][0]["when"]["value"].extend(values)
        return tomlkit.dumps(document)
    except (TOMLKitError, TypeError, AttributeError, KeyError, IndexError):
        raise _unwritable(where) from None
