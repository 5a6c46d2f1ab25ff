"""The journal is read whole, and an anchor noted earlier shows whether it still is what it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from strategies.builders import NOW, create, edit, row
from strategies.stores import apply
from tidegate.errors import ExitCode, UsageError
from tidegate.service.doctor.findings import Anchor, Report
from tidegate.service.doctor.history import parse_anchor, read_history
from tidegate.store import journal as journals
from tidegate.store.tenant_store import TenantStore

Examine = Callable[..., Report]


def journal_codes(report: Report) -> list[str]:
    return [f.code for f in report.findings if f.area == "journal"]


def test_the_whole_history_is_read_and_the_rows_of_then_kept(store: TenantStore) -> None:
    history = read_history(store, 1)
    assert history.whole
    assert (history.changes, history.end.serial, history.last) == (2, 2, NOW)
    assert history.then is not None
    assert history.then[0] == {row(n).id: row(n) for n in range(6)}
    assert history.replay.rows != history.then[0]
    assert read_history(store, 3).then is None
    assert read_history(store, 0).then == ({}, {})


def test_every_file_of_a_journal_that_was_put_away_is_read(
    store: TenantStore, look: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "ROTATE_AT", 1)
    for number in range(3):
        apply(store, *create(*(row(1000 * number + n) for n in range(300, 600))))
    report = look()
    assert report.findings == ()
    (area,) = [area for area in report.areas if area.area == "journal"]
    assert "in " in area.summary
    archive = store.journal.archives()[0]
    data = archive.read_bytes()
    archive.write_bytes(data.replace(b'"actor":"ana"', b'"actor":"eve"', 1))
    report = look()
    assert report.exit_code is ExitCode.DAMAGED
    assert journal_codes(report) == ["broken"]
    assert report.anchor is None


def test_anchor_is_the_end_of_the_journal_and_holds_later(
    store: TenantStore, look: Examine
) -> None:
    anchor = look().anchor
    assert anchor is not None
    assert anchor.serial == 2
    apply(store, *create(row(99)))
    later = look(anchor)
    assert later.ok
    assert later.anchor != anchor
    assert parse_anchor(str(anchor)) == anchor


def test_anchor_shows_a_journal_that_was_cut_short(store: TenantStore, look: Examine) -> None:
    apply(store, *edit(row(1), note="x"))
    anchor = look().anchor
    path = store.journal.path
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert look().ok  # nothing else shows it
    report = look(anchor)
    assert report.exit_code is ExitCode.DAMAGED
    assert journal_codes(report) == ["anchor_missing"]


def test_anchor_shows_a_journal_that_was_written_anew(store: TenantStore, look: Examine) -> None:
    anchor = look().anchor
    assert anchor is not None
    other = dataclasses.replace(anchor, sum="0" * 64)
    report = look(other)
    assert (report.exit_code, journal_codes(report)) == (ExitCode.DAMAGED, ["anchor_differs"])
    path = store.journal.path
    rebuilt = TenantStore(store.folder.parent / "other")
    apply(rebuilt, *create(*(row(n) for n in range(6))))
    apply(rebuilt, *edit(row(0), note="what never was"))
    path.write_bytes(rebuilt.journal.path.read_bytes())
    (store.folder / "tenant.json").write_bytes((rebuilt.folder / "tenant.json").read_bytes())
    assert look().ok
    assert journal_codes(look(anchor)) == ["anchor_differs"]


def test_anchor_behind_a_broken_record_is_not_taken_for_held(
    store: TenantStore, look: Examine
) -> None:
    anchor = look().anchor
    path = store.journal.path
    path.write_bytes(path.read_bytes().replace(b'"ana"', b'"eve"', 1))
    assert journal_codes(look(anchor)) == ["broken", "anchor_unreached"]


@pytest.mark.parametrize(
    "text",
    ["", "3", "3:", "3:abc", ":" + "a" * 64, "-1:" + "a" * 64, "3:" + "g" * 64, "٣:" + "a" * 64],
)
def test_anchor_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="SERIAL:DIGEST"):
        parse_anchor(text)


def test_anchor_is_read_as_people_paste_it() -> None:
    assert parse_anchor(f" 12:{'A' * 64}\n") == Anchor(12, "a" * 64)


def test_an_incomplete_end_is_a_warning_that_tells_how_much(
    store: TenantStore, look: Examine
) -> None:
    with store.journal.path.open("ab") as stream:
        stream.write(b'{"sum":"12')
    report = look()
    (found,) = report.findings
    assert (found.code, found.level, found.fixable) == ("incomplete_end", "warning", True)
    assert "10 bytes of a change that was never acknowledged" in found.message
    assert report.anchor is not None
    apply(store, *create(row(99)))
    assert look().findings == ()
