from __future__ import annotations

import pytest

from tidegate.errors import TidegateError, UsageError
from tidegate.service.questions import questions


def test_json_is_events_and_anything_else_one_value_a_line() -> None:
    (label, make), = questions('{"properties": {"RemoteIP": "192.0.2.1"}}')  # fmt: skip
    assert (label, make()) == ("event 1", {"RemoteIP": "192.0.2.1"})
    assert [label for label, _ in questions('{"a": 1}\n{"a": 2}')] == ["event 1", "event 2"]
    assert [label for label, _ in questions('[{"a": 1}, {"a": 2}]')] == ["event 1", "event 2"]
    found = list(questions("  h1[.]example[.]com \n\n no value\n"))
    assert [label for label, _ in found] == ["h1[.]example[.]com", "no value"]
    assert found[0][1]() == {"RemoteUrl": "h1.example.com"}
    with pytest.raises(TidegateError):
        found[1][1]()


def test_what_cannot_be_read_says_so_and_too_many_lines_are_refused() -> None:
    for text in ("{broken", "[1]"):
        with pytest.raises(UsageError):
            list(questions(text))
    with pytest.raises(UsageError, match="1,001 lines"):
        list(questions("\n".join(f"h{n}.example.com" for n in range(1_001))))
