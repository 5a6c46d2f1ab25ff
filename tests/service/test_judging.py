"""One event, three engines, the settings of the home."""

from __future__ import annotations

from pathlib import Path

import pytest

from strategies.builders import NOW, create, plan, row
from tidegate.config import Home
from tidegate.engines.verdict import Engine, Word
from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action
from tidegate.indicators.kinds import IndicatorType as T
from tidegate.service.judging import Judged, court, event_of, record_of
from tidegate.service.workspace import Workspace

CONFIG = """
[guards]
documentation = "warn"
[[group]]
name = "Servers"
automation = "semi"
"""


def opened(root: Path, *rows: Indicator, config: str = CONFIG) -> Workspace:
    root.mkdir(exist_ok=True)
    (root / "config.toml").write_text(config)
    ws = Workspace.open(Home(root), clock=lambda: NOW)
    ws.store.apply(plan(create(*rows), serial=0), limit=100, now=NOW, actor="test")
    return ws


def judged(ws: Workspace, record: dict[str, str], finding: str = "malicious") -> Judged:
    event, stated, _ = event_of(ws, record)
    judge = court(ws, ws.store.active(NOW), finding=finding)
    return Judged(event, judge.judge(event, stated))


def test_three_engines_answer_in_order(tmp_path: Path) -> None:
    ws = opened(tmp_path, row(1))
    found = judged(ws, record_of("hxxps://h1[.]example[.]com/x"))
    assert [(it.engine, it.verdict) for it in found.verdicts] == [
        (Engine.CLOUD_DETECTION, Word.ALERTED),
        (Engine.ENDPOINT_PREVENTION, Word.BLOCKED),
        (Engine.AUTOMATED_INVESTIGATION, Word.BLOCKED),
    ]
    assert found.hit
    assert not judged(ws, record_of("other.example.net")).hit
    ws.close()


def test_automation_is_that_of_the_group(tmp_path: Path) -> None:
    ws = opened(tmp_path, row(1))
    for group, remediated in (("", True), ("Clients", True), ("Servers", False)):
        found = judged(ws, record_of("h1.example.com", group))
        assert found.verdicts[2].remediated is remediated, group
    ws.close()


def test_the_finding_of_the_event_comes_before_the_default(tmp_path: Path) -> None:
    ws = opened(tmp_path, row(1, action=Action.ALLOW))
    found = judged(ws, {"RemoteUrl": "h1.example.com", "Verdict": "suspicious"})
    assert "suspicious" in found.verdicts[2].reason
    ws.close()


def test_choices_are_those_of_the_home(tmp_path: Path) -> None:
    rows = (
        row(1, type=T.FILE_SHA256, value="ab" * 32, action=Action.ALLOW),
        row(2, type=T.FILE_MD5, value="cd" * 16),
    )
    record = {"SHA256": "ab" * 32, "MD5": "cd" * 16}
    for name, config, wanted in (
        ("a", "", Word.ALLOWED),
        ("b", '[engines]\nhash_order = "strictest"\n', Word.BLOCKED),
    ):
        ws = opened(tmp_path / name, *rows, config=config)
        assert judged(ws, record).verdicts[1].verdict is wanted
        ws.close()


def test_an_event_is_asked_about_as_of_now(tmp_path: Path) -> None:
    ws = opened(tmp_path, row(1))
    event, _, odd = event_of(
        ws, {"Timestamp": "2020-01-01T00:00:00Z", "RemoteUrl": "a.example.com"}
    )
    assert event.at == NOW
    assert odd == ()
    assert event.id == "a.example.com"
    ws.close()


@pytest.mark.parametrize("record", [{}, {"RemoteUrl": "wpad"}, {"SHA1": "xyz"}])
def test_an_event_that_shows_nothing_is_refused(tmp_path: Path, record: dict[str, str]) -> None:
    ws = opened(tmp_path)
    with pytest.raises(UsageError, match="shows nothing"):
        event_of(ws, record)
    ws.close()


@pytest.mark.parametrize(
    ("value", "column"),
    [
        ("ab" * 32, "SHA256"),
        ("ab" * 20, "SHA1"),
        ("ab" * 16, "MD5"),
        (":".join(["ab"] * 20), "SignerHash"),
        ("192.0.2.1", "RemoteIP"),
        ("a.example.com", "RemoteUrl"),
        ("https://a.example.com/x", "RemoteUrl"),
    ],
)
def test_a_value_becomes_the_event_that_shows_it(tmp_path: Path, value: str, column: str) -> None:
    record = record_of(value)
    assert list(record) == [column]
    ws = opened(tmp_path)
    assert len(event_of(ws, record)[0].observables) == 1
    ws.close()
