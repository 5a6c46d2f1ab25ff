"""Plan files: what was reviewed is what is applied, to the byte."""

from __future__ import annotations

import contextlib
import hashlib
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import rows as any_row
from strategies.builders import create, plan, row
from tidegate.errors import UsageError
from tidegate.indicators.plan import SyncPlan
from tidegate.store.plan_file import read_plan, write_plan

SMALL = plan(create(row(1, score=12.5), row(2)), serial=7, lineage="ab" * 16, door="sync")


@given(any_row.plans)
@settings(max_examples=30)
def test_any_plan_comes_back_the_same_and_gives_the_same_bytes(wanted: SyncPlan) -> None:
    with TemporaryDirectory() as folder:
        first, second = Path(folder, "one"), Path(folder, "two")
        write_plan(first, wanted)
        read = read_plan(first)
        assert read == wanted
        write_plan(second, read)
        assert second.read_bytes() == first.read_bytes()


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    write_plan(tmp_path / "p", SMALL)
    assert stat.S_IMODE((tmp_path / "p").stat().st_mode) == 0o600


@given(st.data())
@settings(max_examples=200)
def test_a_changed_byte_is_refused_or_says_the_same(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "p")
        write_plan(path, SMALL)
        content = bytearray(path.read_bytes())
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
        with contextlib.suppress(UsageError):
            assert read_plan(path) == SMALL  # white space


@pytest.mark.parametrize(
    ("field", "value"), [("serial", 8), ("reason", "something else"), ("held", [1]), ("door", None)]
)
def test_a_field_edited_by_hand_is_refused(tmp_path: Path, field: str, value: object) -> None:
    path = tmp_path / "p"
    write_plan(path, plan(create(row(1)), serial=7))
    record = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps(record | {field: value}))
    with pytest.raises(UsageError, match="changed after it was planned"):
        read_plan(path)


def test_a_removed_change_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p"
    write_plan(path, SMALL)
    record = orjson.loads(path.read_bytes())
    del record["changes"][0]
    path.write_bytes(orjson.dumps(record))
    with pytest.raises(UsageError, match="changed after it was planned"):
        read_plan(path)


def test_a_checksum_that_somebody_computed_makes_no_plan_of_it(tmp_path: Path) -> None:
    path = tmp_path / "p.plan"
    write_plan(path, SMALL)
    record = orjson.loads(path.read_bytes())
    del record["sha256"]
    record["changes"][1]["after"]["id"] = 5
    text = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
    path.write_bytes(orjson.dumps(record | {"sha256": hashlib.sha256(text).hexdigest()}))
    with pytest.raises(UsageError) as caught:
        read_plan(path)
    assert caught.value.message == (
        f"{path} is no plan of Tidegate: "
        "changes[1].after.id must be 12 hexadecimal digits in lower case"
    )


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'"text"', b"{}", b"\xff\xfe", b'{"sha256": 1}']
)
def test_what_is_no_plan_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.plan"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"p\.plan is no plan of Tidegate") as caught:
        read_plan(path)
    assert "tidegate plan --out" in caught.value.hint
    assert path.read_bytes() == content


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no"):
        read_plan(tmp_path / "absent")
    with pytest.raises(UsageError, match="cannot be read"):
        read_plan(tmp_path)


def test_a_plan_goes_where_it_was_sent(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_plan(tmp_path / "link", SMALL)
    assert (tmp_path / "link").is_symlink()
    assert read_plan(tmp_path / "target") == read_plan(tmp_path / "link") == SMALL
    for path in (tmp_path, Path(), tmp_path / "none" / "p"):
        with pytest.raises(UsageError, match="the plan cannot be written to"):
            write_plan(path, SMALL)
