from __future__ import annotations

from tidegate.indicators.kinds import IndicatorType, Origin
from tidegate.service.story import WhyStep, WhyTrace
from tidegate.tui.widgets.details import facts, few_lines, full, one_line
from tui.stage import NOW, make_row


def test_one_line_holds_the_telling_facts() -> None:
    row = make_row(1, tlp="amber", note="ask Ana", groups=("lab",))
    text = one_line(row, NOW).plain
    for part in ("host1.example.com", '"Wave 1"', "scope lab", "TLP amber", "conf 1", "ask Ana"):
        assert part in text


def test_three_lines_add_action_source_and_description() -> None:
    row = make_row(1, category="Malware", owned={"action": "Allow"}, description="a\nb")
    lines = few_lines(row, NOW).plain.split("\n")
    assert len(lines) == 3
    assert "Alert and block" in lines[1]
    assert "acme-c2" in lines[1]
    assert "yours: action" in lines[1]
    assert lines[2] == " a␊b"


def test_facts_leave_empty_fields_out() -> None:
    names = [name for name, _ in facts(make_row(1, confidence=None), NOW)]
    assert "confidence" not in names
    assert "note" not in names
    assert "overrides" not in names
    assert names[0] == "action"


def test_what_to_do_on_an_alert_is_told_and_who_made_the_row_once() -> None:
    told = dict(facts(make_row(1, recommended_actions="isolate"), NOW))
    assert told["response"] == "isolate"
    told = dict(facts(make_row(1, feeds=(), origin=Origin.MANUAL), NOW))
    assert told["source"] == "manual"
    assert "response" not in told


def test_what_a_person_set_aside_is_told_with_the_reason() -> None:
    reasons = {"warninglist": "seen", "public_resolver": "ours\x1b[2J"}
    row = make_row(1, overrides=reasons)
    assert "overrides public_resolver, warninglist" in one_line(row, NOW).plain
    assert dict(facts(row, NOW))["overrides"] == "public_resolver: ours\x1b[2J; warninglist: seen"
    assert "\x1b" not in full(row, NOW, None).plain


def test_everything_is_said_with_the_trace_and_its_signs() -> None:
    steps = (
        WhyStep("ok", "feed", "seen"),
        WhyStep("no", "score", "too low"),
        WhyStep("odd", "x", "y"),
    )
    trace = WhyTrace("v", IndicatorType.URL, present=False, headline="NOT HERE", steps=steps)
    text = full(make_row(1), NOW, trace).plain
    assert "WHY  NOT HERE" in text
    assert "✓ feed" in text
    assert "✗ score" in text
    assert "· x" in text
    assert "WHY" not in full(make_row(1), NOW, None).plain


def test_a_name_that_hides_letters_is_spelt_out() -> None:
    text = full(make_row(1, value="xn--pple-43d.example.com"), NOW, None).plain
    assert "≠ reads as аpple.example.com" in text
    assert "\\u200b" in full(make_row(1, value="a\u200bb"), NOW, None).plain
