"""On whose behalf a server is asked: what the hints of an error name.

Owns the words by which a feed and a partner are found again: the file, and the command that looks
into it. Refuses to change what is asked or answered.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behalf:
    """`file` holds the address and `auth`; `command` checks it, with `{}` for the id."""

    file: str
    who: str
    command: str
    access: str

    def check(self, ident: str) -> str:
        """Return the command that checks it, as a hint writes it."""
        return f"`{self.command.format(ident)}`"


A_FEED = Behalf("feed.toml", "this feed", "tidegate feeds check {}", "read")
