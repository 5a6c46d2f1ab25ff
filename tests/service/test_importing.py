"""Taking indicators in by file."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from driving.homes import DOCUMENTATION, FeedFolder, Watch, bundle, indicator
from tidegate.config import Home
from tidegate.errors import UsageError
from tidegate.export.stix_objects import TLP_IDS
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, Origin, Severity
from tidegate.indicators.plan import Op
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.importing import plan_import
from tidegate.service.sharing import FORMATS, render, write
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
SHA, MD5 = "1" * 64, "2" * 32


def saved(folder: Path, *objects: object) -> Path:
    path = folder / "given.json"
    path.write_bytes(bundle(objects))
    return path


def imported(ws: Workspace, path: Path, origin: Origin = Origin.MANUAL) -> list[str]:
    preview = plan_import(ws, path, origin)
    apply(ws, preview.plan)
    return [line.verdict for line in preview.lines]


def test_foreign_rows_are_facts_and_follow_the_file(ws: Workspace, tmp_path: Path) -> None:
    path = saved(tmp_path, indicator(1), indicator(2, "[domain-name:value = 'microsoft.com']"))
    assert imported(ws, path, Origin.FOREIGN) == ["add", "add"]
    row = look.find(ws, "h1.example.com")
    assert (row.origin, row.expires) == (Origin.FOREIGN, None)
    for preview in (
        edit.plan_edit(ws, [row], Fields(title="x")),
        edit.plan_pin(ws, [row], pinned=True),
        edit.plan_add(ws, ["h1.example.com"], Fields(title="x")),
        plan_import(ws, saved(tmp_path, indicator(1, name="x")), Origin.MANUAL),
    ):
        assert [line.verdict for line in preview.lines] == ["refused"]
        assert preview.plan.empty
    preview = plan_import(ws, saved(tmp_path, indicator(1, name="New")), Origin.FOREIGN)
    assert [change.op for change in preview.plan.changes] == [Op.UPDATE]
    apply(ws, preview.plan)
    assert look.find(ws, "h1.example.com").title == "New"
    assert look.find(ws, row.id).created == row.created


def test_feeds_never_touch_foreign_rows(
    ws: Workspace, subscribe: Subscribe, tmp_path: Path
) -> None:
    imported(ws, saved(tmp_path, indicator(1)), Origin.FOREIGN)
    before = look.rows(ws)
    subscribe("acme", [indicator(1)])
    plan = sync(ws).plan
    assert plan.empty
    assert plan.counts.merged == 1
    assert look.rows(ws) == before


def test_an_import_meets_rows_that_are_here(
    ws: Workspace, subscribe: Subscribe, tmp_path: Path
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    apply(ws, edit.plan_add(ws, ["h2.example.com"], Fields()).plan)
    path = saved(tmp_path, indicator(1), indicator(2), indicator(3), indicator(3))
    manual = plan_import(ws, path, Origin.MANUAL)
    told = [(line.verdict, line.value) for line in manual.lines]
    assert told[0] == ("refused", "h1.example.com")
    assert "tidegate edit" in manual.lines[0].detail
    assert told[1] == ("update", "h2.example.com")
    assert told[2] == ("add", "h3.example.com")
    foreign = plan_import(ws, path, Origin.FOREIGN)
    assert [line.verdict for line in foreign.lines][:3] == ["ours", "ours", "add"]


def test_what_is_taken_in_does_not_live_for_ever_by_accident(
    ws: Workspace, watch: Watch, tmp_path: Path
) -> None:
    imported(ws, saved(tmp_path, indicator(1), indicator(2, valid_until="2026-06-20T00:00:00Z")))
    assert look.find(ws, "h1.example.com").expires == watch.now + edit.DEFAULT_TERM
    assert look.find(ws, "h2.example.com").expires == watch.now.replace(day=20, hour=0)
    watch.turn(days=30)
    old = indicator(3, valid_until="2026-06-20T00:00:00Z")
    preview = plan_import(ws, saved(tmp_path, old), Origin.MANUAL)
    assert [line.verdict for line in preview.lines] == ["refused"]
    assert preview.lines[0].detail == "expired"


def test_allow_is_called_out(ws: Workspace, tmp_path: Path) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields(action=Action.ALLOW)).plan)
    out = tmp_path / "o.json"
    write(render(ws, "", tlp_max="red"), out)
    apply(ws, edit.plan_remove(ws, look.rows(ws)).plan)
    preview = plan_import(ws, out, Origin.MANUAL)
    assert preview.lines[0].verdict == "add"
    assert preview.lines[0].detail == "Allow, as the file says"


def test_bad_entries_are_lines_and_bad_files_are_errors(ws: Workspace, tmp_path: Path) -> None:
    path = saved(tmp_path, indicator(1), indicator(2, "[oops"), indicator(3, pattern_type="yara"))
    preview = plan_import(ws, path, Origin.MANUAL)
    assert [line.verdict for line in preview.lines].count("refused") == 2
    assert all(line.detail for line in preview.refused)
    path.write_text("{")
    with pytest.raises(UsageError, match=r"given\.json"):
        plan_import(ws, path, Origin.MANUAL)
    with pytest.raises(UsageError, match="there is no file"):
        plan_import(ws, tmp_path / "none.json", Origin.MANUAL)
    with pytest.raises(UsageError, match="a file is no feed"):
        plan_import(ws, path, Origin.FEED)


def exported(ws: Workspace, folder: Path, format_name: str = "stix", tlp_max: str = "red") -> Path:
    out = folder / f"out.{format_name}"
    write(render(ws, "", format_name=format_name, tlp_max=tlp_max), out)
    return out


def marked(ws: Workspace, folder: Path, level: str) -> Indicator:
    """A manual row of one file that knows as much as a row can know."""
    pattern = f"[file:hashes.'SHA-256' = '{SHA}' AND file:hashes.MD5 = '{MD5}']"
    given = indicator(1, pattern, confidence=80, object_marking_refs=[TLP_IDS[level]], name="one")
    imported(ws, saved(folder, given))
    (row,) = look.rows(ws)
    fields = Fields(note="our secret", category="Malware", recommended_actions="call us")
    apply(ws, edit.plan_edit(ws, [row], fields).plan)
    apply(ws, edit.plan_pin(ws, look.rows(ws), pinned=True).plan)
    (row,) = look.rows(ws)
    assert (row.tlp, row.aliases, row.confidence) == (level, (f"FileMd5:{MD5}",), 80)
    return row


@pytest.mark.parametrize("format_name", FORMATS)
def test_an_import_over_a_row_keeps_what_the_file_does_not_state(
    ws: Workspace, watch: Watch, tmp_path: Path, format_name: str
) -> None:
    before = marked(ws, tmp_path, "red")
    out = exported(ws, tmp_path, format_name)
    apply(ws, edit.plan_edit(ws, [before], Fields(title="two", severity=Severity.LOW)).plan)
    watch.turn(hours=1)
    preview = plan_import(ws, out, Origin.MANUAL)
    assert [(line.verdict, line.detail) for line in preview.lines] == [
        ("update", "severity, title")
    ]
    apply(ws, preview.plan)
    (after,) = look.rows(ws)
    assert after == dataclasses.replace(before, updated=watch.now)
    assert (after.note, after.pinned, after.title) == ("our secret", True, "one")


@pytest.mark.parametrize("format_name", FORMATS)
def test_no_import_ever_loosens_a_marking(ws: Workspace, tmp_path: Path, format_name: str) -> None:
    marked(ws, tmp_path, "red")
    path = exported(ws, tmp_path, format_name)
    if format_name == "stix":
        red, clear = TLP_IDS["red"].encode(), TLP_IDS["clear"].encode()
        path.write_bytes(path.read_bytes().replace(red, clear))
    imported(ws, path)
    apply(ws, edit.plan_edit(ws, look.rows(ws), Fields(title="two")).plan)
    imported(ws, path)
    assert look.rows(ws)[0].tlp == "red"
    assert render(ws, "").withheld == 1


def test_an_import_tightens_a_marking(ws: Workspace, tmp_path: Path) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields()).plan)
    green, red = ([TLP_IDS[level]] for level in ("green", "red"))
    path = saved(
        tmp_path, indicator(1, object_marking_refs=green), indicator(1, object_marking_refs=red)
    )
    assert imported(ws, path) == ["update", "duplicate"]
    assert look.find(ws, "h1.example.com").tlp == "red"


def test_no_import_makes_more_of_a_row_than_its_override_was_given_for(
    ws: Workspace, tmp_path: Path
) -> None:
    seen = Fields(action=Action.ALERT_ONLY, overrides={"public_resolver": "incident 7"})
    apply(ws, edit.plan_add(ws, ["8.8.8.8"], seen).plan)
    out = exported(ws, tmp_path)
    out.write_bytes(out.read_bytes().replace(b'"Alert only"', b'"Alert and block"'))
    (line,) = plan_import(ws, out, Origin.MANUAL).lines
    assert line.verdict == "refused"
    assert "public_resolver" in line.detail
    out.write_bytes(out.read_bytes().replace(b'"Alert and block"', b'"Alert only"'))
    (line,) = plan_import(ws, out, Origin.MANUAL).lines
    assert line.verdict == "unchanged"


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("origin", [Origin.MANUAL, Origin.FOREIGN])
def test_ones_own_export_comes_back_unchanged(
    ws: Workspace, watch: Watch, tmp_path: Path, format_name: str, origin: Origin
) -> None:
    watch.turn(microseconds=123_456)
    given = [
        indicator(1, valid_until="2026-07-01T00:00:00.123456Z"),
        indicator(2),
        indicator(3, description="d", confidence=7, object_marking_refs=[TLP_IDS["amber"]]),
    ]
    imported(ws, saved(tmp_path, *given), origin)
    preview = plan_import(ws, exported(ws, tmp_path, format_name), origin)
    assert {line.verdict for line in preview.lines} == {"unchanged"}
    assert preview.plan.empty


def test_an_own_export_gives_an_expiry_back(ws: Workspace, tmp_path: Path) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields(expires=None)).plan)
    path = exported(ws, tmp_path)
    row = look.rows(ws)[0]
    soon = row.created.replace(day=20)
    apply(ws, edit.plan_edit(ws, [row], Fields(expires=soon)).plan)
    imported(ws, saved(tmp_path, indicator(1, name=row.title)))
    assert look.rows(ws)[0].expires == soon  # somebody else's object says nothing of it
    imported(ws, path)
    assert look.rows(ws)[0].expires is None


def test_foreign_rows_lose_what_the_file_says_is_none(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "tenant.csv"
    head = "IndicatorType,IndicatorValue,Action,Title,Description,Category\n"
    path.write_text(head + "DomainName,h1.example.com,Block,t,d,Malware\n")
    imported(ws, path, Origin.FOREIGN)
    path.write_text(head + "DomainName,h1.example.com,Block,,,\n")
    imported(ws, path, Origin.FOREIGN)
    (row,) = look.rows(ws)
    assert (row.title, row.description, row.category) == ("t", "", "")


def test_absent_foreign_rows_leave_only_when_the_file_is_the_whole(
    ws: Workspace, subscribe: Subscribe, tmp_path: Path
) -> None:
    subscribe("acme", [indicator(8)])
    sync(ws)
    apply(ws, edit.plan_add(ws, ["h9.example.com"], Fields()).plan)
    imported(ws, saved(tmp_path, indicator(1), indicator(2)), Origin.FOREIGN)
    part = saved(tmp_path, indicator(2), indicator(3))
    assert imported(ws, part, Origin.FOREIGN) == ["unchanged", "add"]
    assert len(look.rows(ws)) == 5
    preview = plan_import(ws, part, Origin.FOREIGN, replace=True)
    told = {(line.verdict, line.value, line.detail) for line in preview.lines}
    assert ("remove", "h1.example.com", "no longer in given.json") in told
    apply(ws, preview.plan)
    assert {row.value for row in look.select(ws, "origin:foreign")} == {
        "h2.example.com", "h3.example.com",
    }  # fmt: skip
    assert len(look.rows(ws)) == 4


def test_a_file_without_rows_replaces_nothing(ws: Workspace, tmp_path: Path) -> None:
    imported(ws, saved(tmp_path, indicator(1)), Origin.FOREIGN)
    for given in ((), (indicator(1, "[oops"),)):
        preview = plan_import(ws, saved(tmp_path, *given), Origin.FOREIGN, replace=True)
        assert preview.plan.empty
    with pytest.raises(UsageError, match="only foreign rows"):
        plan_import(ws, saved(tmp_path, indicator(1)), Origin.MANUAL, replace=True)


def test_foreign_rows_displace_the_weakest_rows_of_feeds(
    home: Home, watch: Watch, subscribe: Subscribe, tmp_path: Path
) -> None:
    home.config_file.write_text("limit = 4\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    apply(ws, edit.plan_add(ws, ["h9.example.com"], Fields()).plan)
    subscribe("acme", [indicator(n, confidence=n * 20) for n in (1, 2, 3)])
    sync(ws)
    apply(ws, edit.plan_pin(ws, [look.find(ws, "h1.example.com")], pinned=True).plan)
    path = saved(tmp_path, indicator(4))
    preview = plan_import(ws, path, Origin.FOREIGN)
    assert [(line.verdict, line.value) for line in preview.lines] == [
        ("add", "h4.example.com"), ("remove", "h2.example.com"),
    ]  # fmt: skip
    assert preview.lines[1].detail == "makes room for rows that others made"
    apply(ws, preview.plan)
    assert len(look.rows(ws)) == 4
    # A row that leaves anyway makes room by itself.
    path = saved(tmp_path, indicator(5))
    apply(ws, plan_import(ws, path, Origin.FOREIGN, replace=True).plan)
    assert {row.value for row in look.rows(ws)} == {
        "h1.example.com", "h3.example.com", "h5.example.com", "h9.example.com",
    }  # fmt: skip
    preview = plan_import(ws, saved(tmp_path, indicator(6), indicator(7)), Origin.FOREIGN)
    with pytest.raises(UsageError, match="would hold 5 of 4"):
        apply(ws, preview.plan)
    ws.close()


def test_what_was_read_leniently_is_told(ws: Workspace, tmp_path: Path) -> None:
    path = saved(tmp_path, indicator(1, "[url:value = 'h1.example.com/x']"), indicator(2))
    lenient, plain = plan_import(ws, path, Origin.MANUAL).lines
    assert (lenient.verdict, lenient.detail) == ("add", "read leniently: scheme_missing")
    assert (plain.verdict, plain.detail) == ("add", "")
