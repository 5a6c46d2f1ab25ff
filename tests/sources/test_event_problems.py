"""Problems are counted by file and kind, with their first lines."""

from tidegate.sources.event_problems import WORDS, Problem, Problems


def test_the_first_lines_stand_for_all() -> None:
    problems = Problems()
    assert not problems
    problems.file = "a.jsonl"
    for line in range(1, 10):
        problems.add("not_json", line)
    problems.add("unknown_column", 4, "“Foo”")
    problems.file = "b.jsonl"
    problems.add("not_json", 7)
    assert list(problems) == [
        Problem("a.jsonl", "not_json", "", 9, (1, 2, 3)),
        Problem("a.jsonl", "unknown_column", "“Foo”", 1, (4,)),
        Problem("b.jsonl", "not_json", "", 1, (7,)),
    ]
    assert [p.words for p in problems][1] == WORDS["unknown_column"] + ": “Foo”"


def test_a_file_cannot_name_kinds_without_end() -> None:
    problems = Problems()
    for number in range(5000):
        problems.add("unknown_column", 1, str(number))
    assert len(list(problems)) == 1001
    assert sum(p.times for p in problems) == 5000
