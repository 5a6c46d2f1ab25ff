from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.config import Home
from tidegate.engines.verdict import Word
from tidegate.errors import UsageError
from tidegate.indicators.kinds import Action
from tidegate.service import bench, cases
from tidegate.service.apply import apply
from tidegate.service.bench import ask, ask_file
from tidegate.service.edit import Fields, plan_add, plan_remove
from tidegate.service.pulling import Abandoned
from tidegate.service.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    opened = Workspace.open(Home(tmp_path / "home"))
    for value, action in (
        ("evil.badsite.com", Action.ALERT_AND_BLOCK),
        ("odd.badsite.com", Action.ALERT_ONLY),
        ("good.badsite.com", Action.ALLOW),
    ):
        apply(opened, plan_add(opened, [value], Fields(action=action), None).plan)
    return opened


def quiet(_: int) -> None:
    pass


def test_values_are_asked_line_by_line_and_what_differs_comes_first(ws: Workspace) -> None:
    found = ask(ws, "good.badsite.com\nevil[.]badsite[.]com\n\nodd.badsite.com\nnonsense !")
    assert [(it.label, it.differ) for it in found] == [
        ("odd.badsite.com", True),
        ("good.badsite.com", False),
        ("evil[.]badsite[.]com", False),
        ("nonsense !", False),
    ]
    assert found[-1].fault
    assert not found[-1].verdicts
    assert {it.verdict for it in found[1].verdicts} == {Word.ALLOWED}


def test_json_is_events_alone_in_a_list_one_a_line_or_in_an_envelope(ws: Workspace) -> None:
    event = '{"RemoteUrl": "http://evil.badsite.com/", "DeviceName": "pc1"}'
    for text in (event, f"[{event}]", f'{{"properties": {event}}}'):
        (answer,) = ask(ws, text)
        assert (answer.device, answer.differ) == ("pc1", False)
    assert len(ask(ws, f"{event}\n{event}")) == 2


@pytest.mark.parametrize("text", ["{broken", "[1]", "\n".join(["a.example"] * 1_001)])
def test_what_cannot_be_asked_says_why(ws: Workspace, text: str) -> None:
    with pytest.raises(UsageError):
        ask(ws, text)


def test_a_file_keeps_what_differs_most_and_counts_all(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "KEPT", 2)
    names = ["good", "evil", "odd", "evil", "good", "unknown"]
    events = tmp_path / "events.jsonl"
    events.write_text(
        "".join(f'{{"RemoteUrl": "http://{name}.badsite.com/{n}"}}\n'
                for n, name in enumerate(names)),
        "utf-8",
    )  # fmt: skip
    found, counts = ask_file(ws, str(events), quiet)
    assert (counts.events, counts.hits) == (6, 5)
    assert [it.differ for it in found] == [True, False]
    assert "/0" in found[1].label
    with pytest.raises(Abandoned):
        ask_file(ws, str(events), quiet, lambda: True)


def test_under_a_plan_what_it_changes_comes_first_with_what_is_so_now(
    ws: Workspace, tmp_path: Path
) -> None:
    held = next(row for row in ws.store.active(ws.clock()) if row.value == "evil.badsite.com")
    made = plan_remove(ws, [held]).plan
    cases.save(ws, "good", {"RemoteUrl": "good.badsite.com"}, "malicious")
    cases.save(ws, "evil", {"RemoteUrl": "evil.badsite.com"}, "clean")
    found = ask(ws, "good.badsite.com\nevil.badsite.com\nno value", made)
    assert [(it.label, len(it.changed)) for it in found] == [
        ("evil.badsite.com", 3),
        ("good.badsite.com", 0),
        ("no value", 0),
    ]
    assert {it.verdict for it in found[0].verdicts} == {Word.NO_MATCH}
    assert found[0].before[1].verdict is Word.BLOCKED
    found = bench.ask_cases(ws, made)
    assert [(it.label, it.finding, bool(it.changed)) for it in found] == [
        ("evil", "clean", True),
        ("good", "malicious", False),
    ]
    events = tmp_path / "events.jsonl"
    events.write_text(
        "".join(f'{{"RemoteUrl": "http://{it}.badsite.com/"}}\n' for it in ("good", "evil")),
        "utf-8",
    )
    found, counts = ask_file(ws, str(events), quiet, plan=made)
    assert (counts.events, counts.hits, [it.label for it in found]) == (
        2, 1, ["http://evil.badsite.com/"],
    )  # fmt: skip
