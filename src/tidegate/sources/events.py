"""Files of events: JSON Lines or CSV, plain or gzipped, in any encoding that exports have.

Owns what a file is and how its records are found; also inside the envelope of the streaming API
(`{"category": "AdvancedHunting-…", "properties": {…}}`, or many of those under `records`). Refuses
to give up: a line that cannot be read is counted, and the rest goes on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, Any

import orjson

from tidegate.errors import UsageError
from tidegate.sources import event_csv
from tidegate.sources.event_columns import KNOWN
from tidegate.sources.event_lines import Block, Stream
from tidegate.sources.event_problems import Problems
from tidegate.sources.event_record import Read, Reader

Object = dict[str, Any]

STDIN = "-"


def open_events(name: str) -> AbstractContextManager[IO[bytes]]:
    """Open a file of events; stdin, for `-`, is left open at the end. Raises UsageError."""
    if name == STDIN:
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(name).open("rb")
    except IsADirectoryError:
        raise UsageError(f"{name} is a folder", "name the files in it") from None
    except OSError as fault:
        reason = (fault.strerror or "it cannot be read").lower()
        raise UsageError(f"{name}: {reason}", "check the name and your rights there") from None


def read_events(stream: Stream, name: str, reader: Reader) -> Iterator[Read]:
    """Yield the events of a stream, without those that the reader's sieve holds back.

    Raises UsageError when the stream is neither JSON Lines nor CSV.
    """
    reader.problems.file = name
    header = _header(stream.head, name)
    if header is None:
        for block in stream.blocks():
            yield from read_block(block, reader)
            reader.beat(reader.count)
        return
    uninteresting = reader.quick()
    delimiter = event_csv.delimiter_of(header)
    for line, record in event_csv.records(_beating(stream, reader), delimiter, reader.problems):
        if uninteresting(record, line):
            reader.count += 1
        elif (read := reader.read(record, line)) is not None:
            yield read


def _beating(stream: Stream, reader: Reader) -> Iterator[Block]:
    for block in stream.blocks():
        reader.beat(reader.count)
        yield block


def is_csv(stream: Stream, name: str) -> bool:
    """Whether the stream is a CSV rather than JSON Lines. Raises UsageError when it is neither."""
    return _header(stream.head, name) is not None


def read_block(block: Block, reader: Reader) -> Iterator[Read]:
    """Yield the events of some JSON Lines."""
    loads, take, problems = orjson.loads, reader.read, reader.problems
    uninteresting = reader.quick()
    passed = 0
    for number, line in enumerate(block.lines, block.first):
        try:
            record = loads(line)
        except orjson.JSONDecodeError:
            documents = _decoded(line, number, problems)
        else:
            if record.__class__ is dict and "properties" not in record and "records" not in record:
                if uninteresting(record, number):
                    passed += 1
                elif (read := take(record, number)) is not None:
                    yield read
                continue
            documents = (record,)
        for found in _objects(documents, number, problems):
            if (read := take(found, number)) is not None:
                yield read
    reader.count += passed


def read_records(stream: Stream, name: str, problems: Problems) -> Iterator[tuple[int, Object]]:
    """Yield the records of a stream that need not hold events, each with its line.

    Raises UsageError when the stream is neither JSON Lines nor CSV.
    """
    problems.file = name
    header = _header(stream.head, name)
    if header is not None:
        yield from event_csv.records(stream.blocks(), event_csv.delimiter_of(header), problems)
        return
    for block in stream.blocks():
        for number, line in enumerate(block.lines, block.first):
            for found in _objects(_decoded(line, number, problems), number, problems):
                yield number, found


def _objects(documents: tuple[object, ...], number: int, problems: Problems) -> Iterator[Object]:
    for document in documents:
        for found in _unwrapped(document):
            if isinstance(found, dict):
                yield found
            else:
                problems.add("not_an_object", number)


def _unwrapped(record: object) -> Iterator[object]:
    """The records in an envelope, or the record itself."""
    if isinstance(record, dict):
        many = record.get("records")
        if isinstance(many, list):
            for one in many:
                yield from _unwrapped(one) if isinstance(one, dict) else (one,)
            return
        inner = record.get("properties")
        if isinstance(inner, str):
            try:
                inner = orjson.loads(inner)
            except orjson.JSONDecodeError:
                inner = None
        if isinstance(inner, dict):
            yield {"time": record["time"], **inner} if "time" in record else inner
            return
    yield record


def _decoded(line: bytes, number: int, problems: Problems) -> tuple[object, ...]:
    """A line that the quick decoder refuses: what is odd in it must not hide the event."""
    if not line.strip():
        return ()
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = line.decode("latin-1")
        problems.add("encoding", number)
    try:
        # Takes lone surrogates and NaN, which file names and scores have had.
        return (json.loads(text, parse_int=str),)
    except (ValueError, RecursionError):
        problems.add("not_json", number)
        return ()


def _header(head: bytes, name: str) -> str | None:
    """The first line of a CSV; None for JSON Lines, and for a file without any content."""
    lines = [line.strip() for line in head.split(b"\n")]
    first = next((line for line in lines if line), b"")
    if not first or first.startswith(b"{"):
        return None
    text = first.decode("utf-8", "replace")
    cells = [cell.strip().strip('"') for cell in text.split(event_csv.delimiter_of(text))]
    if any(cell in KNOWN for cell in cells):
        return text
    if not first.startswith(b"[") and any(line[:1] + line[-1:] == b"{}" for line in lines):
        return None
    hint = "write one object a line: jq -c '.[]'" if first.startswith(b"[") else ""
    raise UsageError(
        f"{name} is neither JSON Lines nor a CSV with the columns of a hunting table", hint
    )
