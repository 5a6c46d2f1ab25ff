"""Letting indicators out by file."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import stix2

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.errors import ExportError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.importing import plan_import
from tidegate.service.sharing import FORMATS, render, write
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]


def imported(ws: Workspace, path: Path) -> list[str]:
    preview = plan_import(ws, path, Origin.MANUAL)
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


def test_an_export_follows_a_symlink(ws: Workspace, tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    write(render(ws, ""), link)
    assert link.is_symlink()
    assert orjson.loads(target.read_bytes())["type"] == "bundle"


def test_several_files_do_not_fit_into_one_stream(ws: Workspace) -> None:
    apply(ws, edit.plan_add(ws, ["h1.example.com", "203.0.113.7"], Fields()).plan)
    write(render(ws, "type:ip", format_name="portal-csv"), Path(os.devnull))
    with pytest.raises(ExportError, match="this export takes 2 of them"):
        write(render(ws, "", format_name="portal-csv"), Path(os.devnull))
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize("name", ["", ".", "..", "/"])
def test_a_name_that_is_no_file_is_refused(ws: Workspace, name: str) -> None:
    with pytest.raises(ExportError, match="is a folder"):
        write(render(ws, ""), Path(name))
