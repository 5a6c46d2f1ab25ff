"""Letting indicators out and in by file."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import stix2

from driving.homes import DOCUMENTATION, FeedFolder, Watch, bundle, indicator
from tidegate.config import Home
from tidegate.errors import ExportError, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.indicators.plan import Op
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.importing import plan_import
from tidegate.service.sharing import FORMATS, render, write
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


def saved(folder: Path, *objects: object) -> Path:
    path = folder / "given.json"
    path.write_bytes(bundle(objects))
    return path


def imported(ws: Workspace, path: Path, origin: Origin = Origin.MANUAL) -> list[str]:
    preview = plan_import(ws, path, origin)
    apply(ws, preview.plan)
    return [line.verdict for line in preview.lines]


def essence(row: Indicator) -> tuple[object, ...]:
    return (
        row.key, row.action, row.severity, row.title, row.description, row.expires, row.confidence,
        row.tlp, row.aliases, row.category, row.recommended_actions,
    )  # fmt: skip


def test_a_feeds_rows_come_back_the_same_elsewhere(
    ws: Workspace, subscribe: Subscribe, watch: Watch, tmp_path: Path
) -> None:
    sha, md5 = "1" * 64, "2" * 32
    subscribe(
        "acme",
        [
            indicator(1, description="d", name="n"),
            indicator(2, f"[file:hashes.'SHA-256' = '{sha}' AND file:hashes.MD5 = '{md5}']"),
            indicator(3, "[url:value = 'http://h3.example.com/a?b=\\'c']", confidence=None),
            indicator(4, "[ipv6-addr:value = '2001:db8::7']"),
        ],
    )
    sync(ws)
    apply(ws, edit.plan_add(ws, ["4" * 40], Fields(
        action=Action.ALERT_AND_BLOCK, severity=Severity.HIGH, groups=("a", "b"), expires=None,
        category="Malware", recommended_actions="call us", title="t", description="d",
    ), IndicatorType.CERTIFICATE).plan)  # fmt: skip
    rendered = render(ws, "", tlp_max="red", identity="Example Corp")
    assert rendered.written == 5
    out = tmp_path / "out.json"
    assert write(rendered, out).files == (out,)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert isinstance(stix2.parse(out.read_bytes()), stix2.v21.Bundle)
    other_home = Home(tmp_path / "other")
    other_home.ensure()
    other_home.config_file.write_text(DOCUMENTATION)
    other = Workspace.open(other_home, clock=watch)
    assert set(imported(other, out)) == {"add"}
    assert {r.key: essence(r) for r in look.rows(other)} == {
        r.key: essence(r) for r in look.rows(ws)
    }
    assert set(imported(other, out)) == {"unchanged"}


def test_an_export_goes_nowhere_half(ws: Workspace, tmp_path: Path) -> None:
    rendered = render(ws, "")
    with pytest.raises(ExportError, match="cannot write"):
        write(rendered, tmp_path / "none" / "out.json")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ExportError):
        write(rendered, tmp_path / "folder")
    assert FORMATS == ("stix", "portal-csv")


def test_foreign_rows_are_facts_and_follow_the_file(ws: Workspace, tmp_path: Path) -> None:
    path = saved(tmp_path, indicator(1), indicator(2, "[domain-name:value = 'microsoft.com']"))
    assert imported(ws, path, Origin.FOREIGN) == ["add", "add"]
    row = look.find(ws, "h1.example.com")
    assert (row.origin, row.expires) == (Origin.FOREIGN, None)
    for preview in (
        edit.plan_edit(ws, [row], Fields(title="x")),
        edit.plan_remove(ws, [row]),
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
    assert [line.verdict for line in foreign.lines][:3] == ["refused", "refused", "add"]


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


def test_a_note_never_leaves(ws: Workspace, tmp_path: Path) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com"], Fields(note="our secret source")).plan)
    for name in FORMATS:
        out = tmp_path / f"o-{name}"
        for file in write(render(ws, "", format_name=name, tlp_max="red"), out).files:
            assert b"secret source" not in file.read_bytes()


def test_an_export_is_the_same_bytes_for_the_same_list(ws: Workspace, watch: Watch) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com", "203.0.113.7"], Fields()).plan)
    first = render(ws, "", tlp_max="red")
    watch.turn(hours=1)
    second = render(ws, "", tlp_max="red")

    def objects(data: bytes) -> list[object]:
        found: list[object] = orjson.loads(data)["objects"]
        return found

    assert objects(first.files[0][1]) == objects(second.files[0][1])
    assert first.written == 2
