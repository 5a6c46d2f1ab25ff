"""The bounds of one pull.

Owns the defaults. Refuses nothing: session.py and pager.py enforce them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one pull. Times in seconds, sizes in bytes."""

    connect_seconds: float = 10
    read_seconds: float = 30
    """Longest silence between two bytes."""
    request_seconds: float = 300
    """One request, from the first byte sent to the last received, redirects included."""
    pull_seconds: float = 3600
    """All requests of a pull together; our own work between two pages does not count."""
    response_bytes: int = 64 * 1024 * 1024
    """One body; holds for the bytes on the wire and for the decompressed ones."""
    redirects: int = 3
    pages: int = 100_000
    objects: int = 10_000_000
    page_size: int = 1000
    """Objects asked for per request; a server may give fewer."""
