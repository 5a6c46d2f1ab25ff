"""One clear line out of what is wrong in a TOML file of ours.

Owns the base class of every table of feed.toml, partner files and config.toml, and the sentence
that names file, key, offending value and the nearest thing that would have been right. Refuses to
repeat the value of a key that may hold a secret, and to read files.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from tidegate.indicators.text import safe

SECRET_KEYS = frozenset({"password", "token", "value"})
"""Keys whose value never appears in a message, whatever is wrong with it."""

_SHOWN = 40
"""Characters of an offending value that a message repeats."""


class Table(BaseModel):
    """A TOML table that knows its own keys: any other key is an error naming the nearest one.

    `MEANT` names the key behind words that are near to it by their meaning alone.
    """

    MEANT: ClassVar[Mapping[str, str]] = {}

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, data: object) -> object:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        return known_keys_only(data, known, cls.MEANT)


def known_keys_only(
    data: object, known: Sequence[str], meant: Mapping[str, str] = MappingProxyType({})
) -> object:
    """Return the data of a table; raise what pydantic takes for an error where a key is unknown."""
    if not isinstance(data, Mapping):
        raise PydanticCustomError("not_a_table", "{text}", {"text": _a_table_of(known)})
    for key in data:
        if key not in known:
            word = meant.get(str(key), str(key))
            text = f"unknown key `{plain(key)}`{suggestion(word, known, mark='`')}"
            # Braces would be read as placeholders by pydantic's template.
            raise PydanticCustomError("unknown_key", "{text}", {"text": text})
    return data


def suggestion(word: str, known: Iterable[str], *, mark: str = '"') -> str:
    """Say which known word was probably meant: ` – did you mean "x"?`, or all when few."""
    choices = list(known)
    folded = {choice.casefold(): choice for choice in reversed(choices)}
    begun = [choice for choice in folded if choice.startswith(f"{word.casefold()}_")]
    # A key cut short is as good as named: `tlp` is nearer to `title` by its letters alone.
    near = begun or difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.55)
    if near:
        return f" – did you mean {mark}{folded[near[0]]}{mark}?"
    return f" – known: {', '.join(choices)}"


def _a_table_of(known: Iterable[str]) -> str:
    """Say that keys are wanted, and which."""
    return f"must be a table of keys ({', '.join(known)})"


def plain(value: object) -> str:
    """Show a value from a file in one short line of harmless text."""
    return safe(value if isinstance(value, str) else repr(value), _SHOWN)


def fault(error: ValidationError, data: Mapping[str, Any]) -> str:
    """Put the first thing that is wrong into words: key, what it must be, what it is.

    `data` is the decoded file; it tells keys that people wrote from the tags that pydantic adds
    for a choice between tables. More faults are counted at the end of the line.
    """
    details = error.errors(include_url=False)
    first = details[0]
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    key = _key(first, data)
    return f"{_sentence(first, key)}{more}"


def _key(detail: ErrorDetails, data: object) -> str:
    """Write the place of a fault as people would: `source.auth.kind`, rule 2: `then.action`."""
    parts: list[str] = []
    entry = ""
    current = data
    last = len(detail["loc"]) - 1
    for index, part in enumerate(detail["loc"]):
        if isinstance(part, int):
            if isinstance(current, (list, tuple)) and part < len(current):
                current = current[part]
            if isinstance(current, Mapping):
                entry = f"{'.'.join(parts)} {part + 1}: "
                parts.clear()
        elif isinstance(current, Mapping) and part in current:
            parts.append(plain(part))
            current = current[part]
        elif index == last and detail["type"] == "missing":
            parts.append(part)
    dotted = ".".join(parts)
    return f"{entry}`{dotted}`" if dotted else entry.removesuffix(": ")


def _sentence(detail: ErrorDetails, key: str) -> str:
    kind = detail["type"]
    if kind == "unknown_key":
        return f"{key}: {detail['msg']}" if key else detail["msg"]
    if kind == "missing":
        return f"{key} is missing"
    context = detail.get("ctx", {})
    if kind == "union_tag_not_found":
        return f"{key} needs a `kind`"
    if kind == "union_tag_invalid":
        tag = str(context.get("tag", ""))
        known = str(context.get("expected_tags", "")).replace("'", "").split(", ")
        return f'{key}: unknown kind "{plain(tag)}"{suggestion(tag, known)}'
    if kind in _RENDERED:
        message = _RENDERED[kind].format_map(context)
    else:
        message = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    where = f"{key}: " if key else ""
    name = key.strip("`").rsplit(".", 1)[-1]
    value = detail["input"]
    shown = isinstance(value, (str, int, float, bool)) and name not in SECRET_KEYS
    silent = kind in ("value_error", "string_too_short")
    got = f", not {_quoted(value)}" if shown and not silent else ""
    return f"{where}{message}{got}"


def _quoted(value: object) -> str:
    return f'"{plain(value)}"' if isinstance(value, str) else plain(value).lower()


# Pydantic speaks of Python; people who edit TOML think in numbers, text and lists.
_RENDERED = {
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list in brackets",
    "list_type": "must be a list in brackets",
    "dict_type": "must be a table of keys",
    "model_type": "must be a table of keys",
    "model_attributes_type": "must be a table of keys",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be one of {expected}",
    "enum": "must be one of {expected}",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "string_pattern_mismatch": "must have the form {pattern}",
}
