"""Device groups that are known: those of config.toml, or else those that rows have.

Owns the judgement of a group's name for every door. Defender knows groups by name only, so a typo
protects nobody: where config.toml lists groups, others are refused; where it lists none, a name
that no row has is only doubted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.service import look
from tidegate.service.workspace import Workspace
from tidegate.toml_errors import suggestion


@dataclass(frozen=True, slots=True)
class KnownGroups:
    """Names, and whether no others are taken (`closed`)."""

    names: tuple[str, ...] = ()
    closed: bool = False

    def doubts(self, groups: Iterable[str]) -> str:
        """What is wrong with the first name that is not known; nothing where all are.

        Without any known name there is nothing to compare with.
        """
        for name in groups:
            if self.names and name not in self.names:
                near = suggestion(name, self.names, mark="'")
                return f"unknown device group {name!r}{near}"
        return ""


def known_groups(ws: Workspace) -> KnownGroups:
    """The groups of config.toml; of all rows where it lists none."""
    listed = tuple(group.name for group in ws.settings.groups)
    if listed:
        return KnownGroups(listed, closed=True)
    return KnownGroups(tuple(sorted({name for row in look.rows(ws) for name in row.groups})))
