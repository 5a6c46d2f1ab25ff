"""Lines come whole, numbered and in bounded memory, from any encoding."""

from __future__ import annotations

import gzip
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.sources import event_lines as module
from tidegate.sources.event_lines import LONGEST, Stream
from tidegate.sources.event_problems import Problems


def lines(data: bytes) -> tuple[list[tuple[int, bytes]], list[tuple[str, tuple[int, ...]]]]:
    problems = Problems()
    stream = Stream(io.BytesIO(data), problems)
    found = [(b.first + n, line) for b in stream.blocks() for n, line in enumerate(b.lines)]
    return found, [(p.kind, p.lines) for p in problems]


@given(st.lists(st.binary(max_size=20).map(lambda b: b.replace(b"\n", b"")), max_size=30))
def test_lines_are_those_of_the_stream(given_: list[bytes]) -> None:
    data = b"x\n" + b"\n".join(given_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", 7)
        found, _ = lines(data)
    wanted = data.split(b"\n")
    if not wanted[-1]:
        wanted.pop()
    assert found == list(enumerate(wanted, 1))


@pytest.mark.parametrize(
    "data",
    [
        "ä\nb\n".encode(),
        "ä\nb\n".encode("utf-8-sig"),
        "ä\nb\n".encode("utf-16"),
        b"\xfe\xff" + "ä\nb\n".encode("utf-16-be"),
        gzip.compress("ä\nb\n".encode(), mtime=0),
        gzip.compress("ä\nb\n".encode("utf-16"), mtime=0),
    ],
)
def test_encodings_are_told_apart(data: bytes) -> None:
    assert lines(data) == ([(1, "ä".encode()), (2, b"b")], [])


def test_utf_16_without_a_mark_is_seen() -> None:
    assert lines('{"a":1}\n'.encode("utf-16-le"))[0] == [(1, b'{"a":1}')]


def test_a_line_without_end_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"a\n" + b"x" * (3 * LONGEST) + b"\nb\n" + b"y" * (2 * LONGEST)
    tracemalloc.start()
    found, problems = lines(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [(1, b"a"), (3, b"b")]
    assert problems == [("over_long", (2, 4))]
    assert peak < 6 * LONGEST


def test_offsets_and_open_ends_are_told() -> None:
    data = b"\xef\xbb\xbf" + b"ab\ncd\nef"
    blocks = list(Stream(io.BytesIO(data), Problems()).blocks())
    assert [(b.lines, b.end, b.whole) for b in blocks] == [
        ([b"ab", b"cd"], 9, True),
        ([b"ef"], 11, False),
    ]


def test_a_cut_gzip_gives_what_came_before() -> None:
    whole = gzip.compress(b"".join(b'{"n":%d}\n' % n for n in range(20_000)))
    found, problems = lines(whole[: len(whole) // 2])
    assert len(found) > 100
    assert problems == [("cut_short", ())]


def test_a_stream_that_fails_is_read_up_to_there() -> None:
    class Failing(io.BytesIO):
        def read1(self, size: int | None = 4, /) -> bytes:
            if self.tell():
                raise OSError(5, "Input/output error")
            return super().read1(min(size or 4, 4))

    problems = Problems()
    blocks = list(Stream(Failing(b"a\nb\nc\n"), problems).blocks())
    assert [b.lines for b in blocks] == [[b"a", b"b"]]
    assert [(p.kind, p.detail) for p in problems] == [("unreadable", "Input/output error")]
