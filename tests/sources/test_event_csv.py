"""A CSV of events is read row by row, whatever single rows look like."""

from __future__ import annotations

import io

from tidegate.sources.event_csv import delimiter_of, records
from tidegate.sources.event_lines import Stream
from tidegate.sources.event_problems import Problems


def read(text: str | bytes) -> tuple[list[tuple[int, dict[str, str]]], list[tuple[str, int]]]:
    data = text if isinstance(text, bytes) else text.encode()
    problems = Problems()
    stream = Stream(io.BytesIO(data), problems)
    delimiter = delimiter_of(data.split(b"\n")[0].decode())
    return (
        list(records(stream.blocks(), delimiter, problems)),
        [(p.kind, p.lines[0]) for p in problems],
    )


def test_quotes_line_ends_and_semicolons() -> None:
    wanted = [(2, {"A": "1", "B": "x\ny"}), (4, {"A": "2", "B": 'z"'})]
    assert read('A,B\r\n1,"x\ny"\r\n2,"z"""\r\n') == (wanted, [])
    assert read('A;B\n1;"x\ny"\n2;"z"""\n') == (wanted, [])


def test_ragged_rows_are_read_as_far_as_they_fit() -> None:
    rows, problems = read("A,B\n1\n1,2,3\n\n4,5\n")
    assert rows == [(2, {"A": "1"}), (3, {"A": "1", "B": "2"}), (5, {"A": "4", "B": "5"})]
    assert problems == [("ragged_row", 2)]


def test_a_quote_without_end_costs_its_own_line() -> None:
    rows, problems = read('A,B\n1,"x\n2,3\n4,5\n')
    assert rows == [(3, {"A": "2", "B": "3"}), (4, {"A": "4", "B": "5"})]
    assert problems == [("broken_row", 2)]


def test_a_quote_without_end_in_a_long_file_costs_its_own_line() -> None:
    rows, problems = read('A,B\n1,"x\n' + "2,3\n" * 100_000)
    assert len(rows) == 100_000
    assert problems == [("broken_row", 2)]


def test_a_file_of_quotes_ends() -> None:
    rows, problems = read("A,B\n" + '1,"x\n' * 50_001)
    assert problems[0] == ("broken_row", 2)
    assert len(rows) < 50_000


def test_bytes_that_are_no_utf_8_are_read_as_latin_1() -> None:
    assert read("A,B\nä,2\n".encode("latin-1")) == ([(2, {"A": "ä", "B": "2"})], [("encoding", 2)])
