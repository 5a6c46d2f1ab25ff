"""Who competes: wanted rows that nobody keeps out, and that are not there by another's word."""

from __future__ import annotations

import dataclasses

from strategies.builders import NOW, backing, candidate, row, suppression, wanted_from
from tidegate.indicators.kinds import IndicatorType, Origin
from tidegate.service.contending import contenders, kept_out

SHA256, MD5 = "a" * 64, "b" * 32


def test_a_persons_row_is_joined_and_a_suppressed_one_left_out() -> None:
    wanted = wanted_from(candidate(n) for n in range(4))
    held = [row(1), row(2, origin=Origin.FOREIGN)]
    found = contenders(held, wanted, [suppression(0), suppression(1)], {"f"}, NOW)
    assert [item.value for item in found.competing] == ["h3.example.com"]
    assert found.suppressed == {candidate(0).key}
    assert found.joined == 2
    assert {item.value for item in found.near} == {"h1.example.com", "h2.example.com"}


def test_a_row_in_another_scope_is_another_row() -> None:
    wanted = wanted_from([candidate(1, groups=("lab",)), candidate(1)])
    found = contenders([row(1)], wanted, [], {"f"}, NOW)
    assert [item.groups for item in found.competing] == [("lab",)]


def test_a_moved_row_keeps_others_off_its_new_scope() -> None:
    wanted = wanted_from([candidate(1), candidate(1, groups=("lab",), stix_id="indicator--2")])
    made = backing([candidate(1)])(wanted[0]).row
    moved = dataclasses.replace(made, groups=("lab",), owned={"groups": ()})
    assert moved.feed_key != moved.key
    found = contenders([moved], wanted, [], {"f"}, NOW)
    assert [item.groups for item in found.competing] == [()]


def test_a_row_stays_while_one_of_its_feeds_is_off_unless_another_wants_it() -> None:
    wanted = wanted_from([candidate(1)])
    off = row(1, origin=Origin.FEED, feeds=("f", "g"))
    gone = row(2, origin=Origin.FEED, feeds=("g",))
    pinned = row(3, origin=Origin.FEED, feeds=("f",), pinned=True)
    dropped = row(4, origin=Origin.FEED, feeds=("f",))
    found = contenders([off, gone, pinned, dropped], wanted, [], {"f"}, NOW)
    assert found.staying == {gone.feed_key, pinned.feed_key}
    assert list(found.competing) == wanted


def test_a_suppression_keeps_a_file_out_by_any_of_its_hashes() -> None:
    file = candidate(1, type=IndicatorType.FILE_SHA256, value=SHA256, aliases=(f"FileMd5:{MD5}",))
    note = dataclasses.replace(suppression(1), type=IndicatorType.FILE_MD5, value=MD5)
    wanted = wanted_from([file, candidate(2)])
    assert kept_out([note], wanted, NOW) == {file.key}
    assert kept_out([dataclasses.replace(note, until=NOW)], wanted, NOW) == set()
