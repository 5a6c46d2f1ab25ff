"""What every kind of value has in common before it is read: trimmed, bounded, visible.

Owns the first door of `canonical`. Refuses anything that a person cannot see or type: control,
format and private-use characters, unusual spaces, lone surrogates.
"""

from __future__ import annotations

from tidegate.errors import InvalidValue
from tidegate.indicators.limits import VALUE_LENGTH
from tidegate.indicators.text import safe

# A percent-escaped character takes three; longer input cannot shrink to an acceptable value.
INPUT_LENGTH = 3 * VALUE_LENGTH


def plain(text: str) -> str:
    """Trim blanks and line ends; refuse what is empty, endless or holds invisible characters.

    Raises:
        InvalidValue: `empty`, `over_long` or `control_character`.
    """
    trimmed = text.strip(" \t\r\n")
    if trimmed.isascii() and trimmed.isprintable() and 0 < len(trimmed) <= INPUT_LENGTH:
        return trimmed
    if not trimmed:
        raise InvalidValue("empty", "the value is empty")
    if len(trimmed) > INPUT_LENGTH:
        raise over_long(trimmed)
    for place, char in enumerate(trimmed, start=1):
        if not char.isprintable():
            raise InvalidValue(
                "control_character",
                f"{shown(trimmed)} holds the invisible character U+{ord(char):04X} at {place}",
                "remove it, or write an internationalised name in its xn-- form",
            )
    return trimmed


def no_blanks(text: str, what: str) -> None:
    """Refuse a space inside a value that cannot have one."""
    if " " in text:
        raise InvalidValue(
            "control_character",
            f"{shown(text)} holds a space, which no {what} has",
            "give one value at a time",
        )


def over_long(text: str) -> InvalidValue:
    """Build the error for a value beyond the longest that Defender takes."""
    return InvalidValue(
        "over_long",
        f"{shown(text)} has {len(text):,} characters; a value has at most {VALUE_LENGTH}",
    )


def shown(text: str) -> str:
    """Quote a value from outside for a message."""
    return f"“{safe(text, 80)}”"
