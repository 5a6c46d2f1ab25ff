"""Decompression gives no more than asked for, so that memory stays bounded inside a chunk too."""

import gzip

import pytest

from tidegate.errors import FeedUnavailable
from tidegate.taxii.body import _Unpacker


def test_no_more_than_asked_for() -> None:
    bomb = gzip.compress(b" " * 1024**2)
    unpack = _Unpacker("https://taxii.example.com/")
    assert unpack.feed(bomb, 10) == b" " * 10
    assert not unpack.finished


def test_bytes_may_arrive_one_by_one() -> None:
    unpack = _Unpacker("https://taxii.example.com/")
    data = gzip.compress(b"first ") + gzip.compress(b"second")
    out = b"".join(unpack.feed(data[at : at + 1], 100) for at in range(len(data)))
    assert out == b"first second"
    assert unpack.finished


def test_damage_is_named() -> None:
    unpack = _Unpacker("https://taxii.example.com/")
    with pytest.raises(FeedUnavailable, match="sent damaged"):
        unpack.feed(b"no gzip at all", 100)
