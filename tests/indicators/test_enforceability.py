"""What Defender enforces only in part is said, and nothing is said that is not known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.indicators.enforceability import (
    OTHER_EXTENSIONS,
    PE_EXTENSIONS,
    enforceability,
)
from tidegate.indicators.kinds import (
    ACTIONS,
    FILE_TYPES,
    NETWORK_TYPES,
    Action,
    Dialect,
    IndicatorType,
)

SHA256 = IndicatorType.FILE_SHA256
HASH = "a" * 64

contexts = st.dictionaries(
    st.sampled_from(["file_name", "mime_type", "elsewhere"]),
    st.lists(
        st.sampled_from(
            [
                *(
                    "setup.exe",
                    "a.dll.",
                    "invoice.pdf",
                    "x.ps1",
                    "x.bin",
                    "README",
                    "",
                    "C:\\a.Scr",
                ),
                *("application/pdf", "application/x-dosexec", "application/octet-stream", "text/x"),
            ]
        )
        | st.text(max_size=8),
        max_size=3,
    ).map(tuple),
)


def codes(
    kind: IndicatorType,
    value: str,
    action: Action = Action.ALERT_AND_BLOCK,
    names: tuple[str, ...] = (),
    types: tuple[str, ...] = (),
) -> list[str]:
    notes = enforceability(kind, value, action, {"file_name": names, "mime_type": types})
    return [note.code for note in notes]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/", []),
        ("https://example.com:8443/", []),
        ("https://example.com/a", ["edge_only"]),
        ("https://example.com/?a=1", ["edge_only"]),
        ("https://[2001:db8:0:0:0:0:0:1]/a", ["edge_only"]),
        ("http://example.com/a", []),
        ("ftp://example.com/a", []),
    ],
)
def test_the_path_of_an_https_url(url: str, expected: list[str]) -> None:
    assert codes(IndicatorType.URL, url) == expected


@pytest.mark.parametrize(
    ("names", "types", "expected"),
    [
        ((), (), []),
        (("setup.exe",), (), []),
        (("invoice.pdf",), (), ["not_pe"]),
        (("INVOICE.PDF",), (), ["not_pe"]),
        (("invoice.pdf.exe",), (), []),
        (("invoice.pdf. ",), (), ["not_pe"]),
        (("invoice.pdf", "invoice.exe"), (), []),
        (("invoice.pdf", "3f2a"), (), []),
        (("invoice.pdf", "invoice.doc"), (), ["not_pe"]),
        (("dropper.bin",), (), []),
        (("README",), (), []),
        (("pdf",), (), []),
        ((), ("application/pdf",), ["not_pe"]),
        ((), ("Text/HTML; charset=utf-8",), ["not_pe"]),
        ((), ("application/octet-stream",), []),
        ((), ("application/x-dosexec",), []),
        ((), ("data",), []),
        (("dropper.bin",), ("application/zip",), ["not_pe"]),
        (("invoice.pdf",), ("application/x-dosexec",), []),
        (("invoice.exe",), ("application/pdf",), []),
        (("invoice.pdf",), ("application/octet-stream",), ["not_pe"]),
    ],
)
def test_a_file_known_as_no_program(
    names: tuple[str, ...], types: tuple[str, ...], expected: list[str]
) -> None:
    assert codes(SHA256, HASH, names=names, types=types) == expected


def test_md5_comes_before_what_the_file_is() -> None:
    assert codes(IndicatorType.FILE_MD5, "a" * 32, names=("a.pdf",)) == ["md5", "not_pe"]


@pytest.mark.parametrize("action", Action)
def test_a_certificate_says_which_actions_it_takes(action: Action) -> None:
    (note,) = enforceability(IndicatorType.CERTIFICATE, "a" * 40, action, {})
    assert note.code == "certificate_action"
    taken = action in ACTIONS[Dialect.TODAY][IndicatorType.CERTIFICATE]
    assert ("leaf certificate" in note.text) is taken


def test_no_extension_is_in_both_tables() -> None:
    assert not PE_EXTENSIONS & OTHER_EXTENSIONS
    assert all(each == each.lower() for each in PE_EXTENSIONS | OTHER_EXTENSIONS)


@given(st.sampled_from(IndicatorType), st.sampled_from(Action), contexts)
def test_a_note_needs_a_reason(
    kind: IndicatorType, action: Action, context: dict[str, tuple[str, ...]]
) -> None:
    value = "https://example.com/a" if kind is IndicatorType.URL else "a"
    notes = enforceability(kind, value, action, context)
    known = context.get("file_name") or context.get("mime_type")
    assert ("not_pe" in {note.code for note in notes}) <= (kind in FILE_TYPES and bool(known))
    assert len({note.code for note in notes}) == len(notes)
    if kind in NETWORK_TYPES:
        assert notes == enforceability(kind, value, action, {})


@given(contexts, st.sampled_from(sorted(PE_EXTENSIONS)))
def test_one_name_of_a_program_is_enough(
    context: dict[str, tuple[str, ...]], extension: str
) -> None:
    names = (*context.get("file_name", ()), f"a.{extension.upper()}")
    assert codes(SHA256, HASH, names=names, types=context.get("mime_type", ())) == []
