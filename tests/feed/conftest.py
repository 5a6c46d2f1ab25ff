"""One whole definition, and ways to change one key of it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tidegate.errors import FeedDefinitionError
from tidegate.feed import FeedDefinition, parse_feed

WHERE = "feeds/acme-c2/feed.toml"
ACME = """
id = "acme-c2"
title = "Acme command-and-control"
licence = "CC-BY-4.0"
trust = 70
tlp_default = "amber"
every = "1h"

[source]
kind = "taxii21"
url = "https://taxii.example.com/api1/"
collection = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
auth = { kind = "basic", username = "tidegate", password = "env:ACME_PASSWORD" }

[share]
floor = 500
ceiling = 6000

[[rule]]
name = "confident C2 is blocked"
when = { type = ["DomainName", "ip"], confidence = ">=80", indicator_types = "Malicious-Activity" }
then = { action = "Alert and block", expires = "30d", category = "CommandAndControl" }

[[rule]]
name = "rumours are left out"
when = { confidence = "<10" }
then = { action = "skip" }

[default]
action = "alert"
severity = "Low"
groups = ["Servers"]
expires = "14d"
"""

Change = Mapping[str, object]


def changed(changes: Change) -> dict[str, Any]:
    """The definition with some keys set, each by its path; `...` removes one."""
    data = tomllib.loads(ACME)
    for path, value in changes.items():
        *steps, last = path.split(".")
        table: Any = data
        for step in steps:
            table = table[int(step)] if step.isdigit() else table[step]
        if value is ...:
            del table[last]
        else:
            table[last] = value
    return data


@pytest.fixture(scope="session")
def read() -> Callable[[Change], FeedDefinition]:
    """Reads the definition with changes."""
    return lambda changes: parse_feed(changed(changes), WHERE)


@pytest.fixture(scope="session")
def said() -> Callable[[Change], str]:
    """The one line said about the definition with changes, without the file's name."""

    def refuse(changes: Change) -> str:
        with pytest.raises(FeedDefinitionError) as raised:
            parse_feed(changed(changes), WHERE)
        text = str(raised.value)
        assert text.isprintable()
        assert text.startswith(f"{WHERE}: ")
        return text.removeprefix(f"{WHERE}: ")

    return refuse
