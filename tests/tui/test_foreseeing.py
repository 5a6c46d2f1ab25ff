from __future__ import annotations

from tidegate.engines.verdict import Engine, Verdict, Word
from tidegate.indicators.plan import Change
from tidegate.service.foreseeing import Foreseen
from tidegate.tui.foreseeing import SHOWN, Effects, told
from tui.stage import make_row

ROW = make_row(1)
CHANGES = [Change(None, make_row(n), "rule c2") for n in range(3)]


def seen(label: str, *rows: int, changed: bool = True) -> Foreseen:
    before, after = (
        tuple(Verdict(label, it, word, False, None, ROW, "so it is") for it in Engine)
        for word in (Word.ALERTED, Word.BLOCKED)
    )
    engines = (Engine.ENDPOINT_PREVENTION,) if changed else ()
    return Foreseen(label, before, after, engines, tuple(CHANGES[n].row.id for n in rows))


def test_events_are_found_by_row_and_by_heading_and_each_once() -> None:
    found = [seen("a", 0, 1), seen("b", 1), seen("c", 2, changed=False)]
    effects = Effects(found)
    assert [it.label for it in effects.of(CHANGES[:1])] == ["a"]
    assert [it.label for it in effects.of(CHANGES)] == ["a", "b"]
    assert effects.of(CHANGES[2:]) == Effects().of(CHANGES) == []
    assert effects.line.plain == (
        " ≠ judged otherwise: 2 of 3 saved or pasted events  e lists them"
    )
    of_file = Effects(found[:1], "events.jsonl", found[1:])
    assert "1 of 1 saved or pasted event, 1 of events.jsonl" in of_file.line.plain
    assert Effects().line.plain == ""


def test_an_event_is_told_by_the_engines_that_change() -> None:
    lines = [line.plain for line in told([seen("a", 0)])]
    assert lines == [
        "≠ a",
        f"  endpoint prevention  alerted · {ROW.value} → blocked · {ROW.value}",
        "    so it is",
    ]
    many = told([seen("a", 0)] * (SHOWN + 3))
    assert many[-1].plain == "and 3 more"
