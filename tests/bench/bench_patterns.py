"""What reading a pattern costs: the fast path, our reader, and the library.

The shapes are those of public feeds: one equality, several hashes of one file, a choice of values,
traffic with its type. Our reader reads what the fast path would in parentheses, which the fast path
does not take. The library parses and lists the comparisons, which is less than we do with what is
joined by AND and OR: there the goal is lower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

from stix2patterns.v21.pattern import Pattern

from bench.figure import Figure
from tidegate.stix.pattern import read_pattern

ROUNDS = 7
OURS = 2_000
LIBRARY = 20

PLAIN = (
    f"[file:hashes.'SHA-256' = '{'a' * 64}']",
    "[ipv4-addr:value = '192.0.2.1']",
    "[domain-name:value = 'c2.example.com']",
    "[url:value = 'http://c2.example.com/gate.php?id=1']",
)
JOINED = (
    f"[file:hashes.'SHA-256' = '{'a' * 64}' AND file:hashes.'SHA-1' = '{'b' * 40}'"  # noqa: ISC004 - one pattern
    f" AND file:hashes.MD5 = '{'c' * 32}' AND file:name = 'invoice.exe']",
    "[domain-name:value IN ('a.example.com', 'b.example.com', 'c.example.com')]",
    "[url:value = 'http://example.com/a'] OR [url:value = 'http://example.com/b']",
    "[network-traffic:dst_ref.type = 'ipv4-addr'"  # noqa: ISC004 - one pattern
    " AND network-traffic:dst_ref.value = '192.0.2.1']",
)


def run() -> list[Figure]:
    """Measure all in turn, so that a busy moment hits all; compare medians."""
    bracketed = tuple(f"({pattern})" for pattern in PLAIN)
    fast, plain, joined, plain_library, joined_library = _medians(
        (read_pattern, PLAIN, OURS),
        (read_pattern, bracketed, OURS),
        (read_pattern, JOINED, OURS),
        (_library, bracketed, LIBRARY),
        (_library, JOINED, LIBRARY),
    )
    return [
        Figure("one equality, fast path", fast * 1e6, "µs"),
        Figure("one equality, our reader", plain * 1e6, "µs"),
        Figure("one equality, library", plain_library * 1e6, "µs"),
        Figure("joined, our reader", joined * 1e6, "µs"),
        Figure("joined, library", joined_library * 1e6, "µs"),
        Figure("one equality: fast path / our reader", fast / plain, "times", 1 / 5),
        Figure("one equality: our reader / library", plain / plain_library, "times", 1 / 10),
        Figure("joined: our reader / library", joined / joined_library, "times", 1 / 6),
    ]


def _library(pattern: str) -> object:
    return Pattern(pattern).inspect()


def _medians(
    *contests: tuple[Callable[[str], object], Sequence[str], int],
) -> list[float]:
    """Return seconds for each pattern, of each reader with its patterns and repetitions."""
    taken: list[list[float]] = [[] for _ in contests]
    for _ in range(ROUNDS):
        for seconds, (read, patterns, times) in zip(taken, contests, strict=True):
            began = perf_counter()
            for _ in range(times):
                for pattern in patterns:
                    read(pattern)
            seconds.append((perf_counter() - began) / times / len(patterns))
    return [median(seconds) for seconds in taken]
