"""Shapes that the parts of the filter language share: predicates, errors, near words.

Refuses to know any field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from difflib import get_close_matches
from operator import ge, gt, le, lt
from types import MappingProxyType
from typing import TypeAlias

from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.text import safe

Predicate: TypeAlias = Callable[[Indicator, datetime], bool]
"""One condition, ready to ask of a row at a time."""

Compiler: TypeAlias = Callable[[str, str, tuple[str, ...]], Predicate]
"""Makes a predicate of a field's name, its operator and its values."""

NONE = "none"
"""The word that stands for a missing marking, number, name or scope."""

COMPARE = MappingProxyType({">=": ge, "<=": le, ">": gt, "<": lt})


class FilterError(UsageError):
    """A filter that cannot be read: `position` and `length` say which characters to underline."""

    def __init__(self, message: str, position: int, length: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.position = position
        self.length = length


class FieldError(ValueError):
    """A condition that means nothing; `hint` says what would, `piece` which part is at fault."""

    def __init__(self, message: str, hint: str = "", piece: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.piece = piece


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, empty when none is near."""
    close = get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else ""


def unknown(name: str, value: str, known: Iterable[str]) -> FieldError:
    """Build the error for a word that a field does not know."""
    words = list(known)
    hint = nearest(value, words) or "one of " + ", ".join(words)
    return FieldError(f"{name} has no “{safe(value, 40)}”", hint)
