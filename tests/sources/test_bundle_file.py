"""Bundles on disk: every container and encoding that may come, and one line for what may not."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tidegate.errors import BundleError
from tidegate.sources.base import FeedPage, check_steps
from tidegate.sources.bundle_file import BundleFile, FolderOfBundles
from tidegate.sources.publication import PAGE_OBJECTS


def indicator(number: int) -> dict[str, Any]:
    return {"type": "indicator", "id": f"indicator--{number}", "name": f"Sample {number}"}


def bundle(*objects: object) -> dict[str, Any]:
    return {"type": "bundle", "id": "bundle--1", "objects": list(objects)}


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def ids(read: list[FeedPage]) -> list[object]:
    return [each["id"] for page in read for each in page.objects]


def test_a_bundle_is_read_whole_and_dated_by_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "b.json", bundle(indicator(1), 7, indicator(2)))
    os.utime(path, (1_780_000_000, 1_780_000_000))
    source = BundleFile(path)
    (page,) = source.pages("an old cursor")
    assert source.whole
    assert ids([page]) == ["indicator--1", "indicator--2"]
    assert page.junk == 1
    assert page.cursor is None
    assert page.published == datetime.fromtimestamp(1_780_000_000, UTC)


def test_a_large_bundle_comes_in_pages(tmp_path: Path) -> None:
    count = 2 * PAGE_OBJECTS + 1
    path = write(tmp_path / "b.json", bundle(*map(indicator, range(count)), "junk"))
    read = list(BundleFile(path).pages(None))
    assert [len(page.objects) for page in read] == [PAGE_OBJECTS, PAGE_OBJECTS, 1]
    assert sum(page.junk for page in read) == 1
    assert len(set(map(str, ids(read)))) == count


@pytest.mark.parametrize("document", [bundle(), {"type": "bundle"}, {}, [], {"objects": []}])
def test_an_empty_publication_is_one_empty_page(tmp_path: Path, document: object) -> None:
    (page,) = BundleFile(write(tmp_path / "b.json", document)).pages(None)
    assert page.objects == ()
    assert page.published is not None


def test_a_byte_order_mark_is_no_reason_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text(json.dumps(bundle(indicator(1))), encoding="utf-8-sig")
    assert ids(list(BundleFile(path).pages(None))) == ["indicator--1"]


def test_an_odd_token_costs_its_object_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    tokens = (b"NaN", b"1e999", b"9" * 5_000, rb'"\ud800"', b'"\xff"', b"[" * 300 + b"]" * 300)
    odd = (b'{"type": "indicator", "id": "indicator--0", "x": ' + token + b"}" for token in tokens)
    good = (json.dumps(indicator(number)).encode() for number in (1, 2))
    path.write_bytes(b'{"type": "bundle", "objects": [' + b",".join([*odd, *good]) + b"]}")
    (page,) = BundleFile(path).pages(None)
    assert ids([page]) == ["indicator--1", "indicator--2"]
    assert page.junk == len(tokens)
    steps = list(check_steps(BundleFile(path)))
    assert steps[-1].detail == f"2 objects, {len(tokens)} entries that are none"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b'{"type": "bundle",\n "objects": [', r"line 2 column \d+: not JSON"),
        (b"<html></html>", "line 1 column 1: not JSON"),
        (b'{"a": NaN,\n "b": }', "line 2 column 7: not JSON"),
        (b'{"a": "\xff"}', "no STIX object"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deep"),
        ('{"type": "bundle"}'.encode("utf-16"), "not in UTF-8"),
        (b'{"hello": "world"}', "no STIX object"),
        (b"42", "no STIX object"),
        (b"null", "no STIX object"),
    ],
)
def test_files_that_hold_no_stix(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(data)
    with pytest.raises(BundleError, match=said) as refused:
        list(BundleFile(path).pages(None))
    assert str(path) in refused.value.message
    assert refused.value.hint
    assert "\n" not in str(refused.value)


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "absent.json", "is not there"), (tmp_path, "is a folder")):
        with pytest.raises(BundleError, match=said):
            list(BundleFile(path).pages(None))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a POSIX thing")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "b.json"
    os.mkfifo(pipe)
    with pytest.raises(BundleError, match="not a regular file"):
        list(BundleFile(pipe).pages(None))


def test_size_is_capped(tmp_path: Path) -> None:
    path = write(tmp_path / "b.json", bundle(indicator(1)))
    with pytest.raises(BundleError, match="larger"):
        list(BundleFile(path, max_bytes=20).pages(None))


def test_a_folder_is_read_by_name_and_bad_files_come_last(tmp_path: Path) -> None:
    write(tmp_path / "c.json", bundle(indicator(3)))
    write(tmp_path / "a.STIX2", bundle(indicator(1)))
    write(tmp_path / "notes.txt", bundle(indicator(9)))
    (tmp_path / "b.json").write_text("{")
    (tmp_path / "sub.json").mkdir()
    read: list[FeedPage] = []
    with pytest.raises(BundleError, match=r"b\.json, line 1.*1 more") as refused:
        read.extend(FolderOfBundles(tmp_path).pages(None))
    assert refused.value.hint
    assert ids(read) == ["indicator--1", "indicator--3"]


def test_a_folder_that_is_empty_or_none(tmp_path: Path) -> None:
    (page,) = FolderOfBundles(tmp_path).pages(None)
    assert page.objects == ()
    path = write(tmp_path / "b.json", bundle())
    for wrong, said in ((path, "is not a folder"), (tmp_path / "absent", "is not there")):
        with pytest.raises(BundleError, match=said):
            list(FolderOfBundles(wrong).pages(None))


def test_check_steps(tmp_path: Path) -> None:
    path = write(tmp_path / "b.json", bundle(indicator(1), 7))
    steps = list(check_steps(BundleFile(path)))
    assert [(step.step, step.ok) for step in steps] == [
        ("file", True),
        ("readable", True),
        ("objects", True),
    ]
    assert steps[2].detail == "1 objects, 1 entries that are none"
    steps = list(check_steps(FolderOfBundles(tmp_path)))
    assert [step.step for step in steps] == ["folder", "b.json"]
    path.write_text("{")
    assert [step.ok for step in check_steps(BundleFile(path))] == [True, True, False]
    assert [step.ok for step in check_steps(FolderOfBundles(tmp_path))] == [True, False]
    assert [step.ok for step in check_steps(BundleFile(tmp_path / "absent"))] == [False]
    assert [step.ok for step in check_steps(FolderOfBundles(tmp_path / "absent"))] == [False]
