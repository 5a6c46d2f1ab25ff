from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tidegate.export import portal_csv
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, Dialect, IndicatorType, Origin, Severity

NOW = datetime(2026, 11, 1, 12, 30, 15, 123_000, tzinfo=UTC)
ROW = Indicator(
    id="1",
    type=IndicatorType.URL,
    value="https://evil.example.com/a,b",
    action=Action.ALERT_AND_BLOCK,
    severity=Severity.HIGH,
    title="Payload",
    created=NOW,
    updated=NOW,
    origin=Origin.MANUAL,
    description='Says "run", then runs.',
    groups=("Servers", "Workstations"),
    expires=NOW + timedelta(days=30),
    category="Malware",
    mitre=("T1105", "T1059.001"),
    recommended_actions="Isolate.",
    note="internal",
)
IP = replace(ROW, type=IndicatorType.IP_ADDRESS, value="192.0.2.1")
SHA256 = replace(ROW, type=IndicatorType.FILE_SHA256, value="ab" * 32)


def _lines(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def test_bytes_of_todays_dialect() -> None:
    rendered = portal_csv.render([ROW], NOW, Dialect.TODAY)
    assert rendered.files == (
        (
            "",
            (
                b"IndicatorType,IndicatorValue,ExpirationTime,Action,Severity,Title,Description,"
                b"RecommendedActions,RbacGroups,Category,MitreTechniques,GenerateAlert\r\n"
                b'Url,"https://evil.example.com/a,b",2026-12-01T12:30:15.0Z,Block,High,Payload,'
                b'"Says ""run"", then runs.",Isolate.,"Servers,Workstations",Malware,'
                b'"T1105,T1059.001",True\r\n'
            ),
        ),
    )


def test_bytes_of_the_seed_dialect() -> None:
    rendered = portal_csv.render([replace(IP, expires=None, groups=())], NOW, Dialect.SEED)
    header, line = rendered.files[0][1].decode().splitlines()
    assert header.endswith(",RbacGroups,Category,MitreTechniques")
    assert line.startswith("IpAddress,192.0.2.1,,AlertAndBlock,High,Payload,")
    assert line.endswith(',Isolate.,,Malware,"T1105,T1059.001"')


def test_each_tab_has_its_files_of_500() -> None:
    rows = [
        *(replace(ROW, value=f"https://example.com/{n}") for n in range(501)),
        *(replace(IP, value=f"192.0.2.{n}") for n in range(3)),
        *(replace(SHA256, value=f"{n:064x}") for n in range(1000)),
        replace(ROW, type=IndicatorType.DOMAIN_NAME, value="evil.example.com"),
        replace(SHA256, type=IndicatorType.FILE_SHA1, value="ab" * 20),
    ]
    rendered = portal_csv.render(rows, NOW, Dialect.TODAY)
    assert [(suffix, len(_lines(data)) - 1) for suffix, data in rendered.files] == [
        ("-files-001", 500),
        ("-files-002", 500),
        ("-files-003", 1),
        ("-ips-001", 3),
        ("-urls-domains-001", 500),
        ("-urls-domains-002", 2),
    ]
    assert rendered.written == len(rows)
    values = [line[1] for _, data in rendered.files for line in _lines(data)[1:]]
    assert sorted(values) == sorted(row.value for row in rows)


@pytest.mark.parametrize(
    ("row", "dialect", "code"),
    [
        (replace(ROW, type=IndicatorType.FILE_MD5, value="ab" * 16), "today", "type_not_in_csv"),
        (replace(ROW, type=IndicatorType.CERTIFICATE, value="a" * 40), "seed", "type_not_in_csv"),
        (replace(ROW, action=Action.WARN), "seed", "action_not_supported"),
        (replace(ROW, action=Action.BLOCK), "seed", "action_not_supported"),
        (replace(ROW, groups=("A, B",)), "today", "comma_in_list"),
        (replace(ROW, mitre=("T1,T2",)), "today", "comma_in_list"),
        (replace(ROW, expires=NOW), "today", "expired"),
        (replace(ROW, tlp="amber"), "today", "tlp_above_ceiling"),
    ],
)
def test_what_it_cannot_say_is_listed(row: Indicator, dialect: str, code: str) -> None:
    rendered = portal_csv.render([IP, row], NOW, Dialect(dialect))
    assert [(skip.row, skip.code) for skip in rendered.skipped] == [(row, code)]
    assert rendered.written == 1


def test_nothing_to_write_is_a_header() -> None:
    rendered = portal_csv.render([], NOW, Dialect.SEED)
    assert rendered.written == 0
    assert [suffix for suffix, _ in rendered.files] == [""]
    assert len(_lines(rendered.files[0][1])) == 1


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A1", "+1", "-1", "@x", "\tx", "\rx", "a\0b"])
@pytest.mark.parametrize("dialect", Dialect)
def test_no_cell_is_a_formula(text: str, dialect: Dialect) -> None:
    row = replace(IP, title=text, description=text, recommended_actions=text)
    rendered = portal_csv.render([row, SHA256], NOW, dialect)
    cells = _lines(dict(rendered.files)["-ips-001"])[1]
    assert cells.count("'" + text) == 3
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert (rendered.written, rendered.guarded) == (2, 1)


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    "more", [{"groups": ("-Lab",)}, {"category": "=1+1"}, {"mitre": ("@T1",)}, {"groups": ("a\0",)}]
)
def test_what_decides_what_a_row_does_is_refused_rather_than_changed(
    more: dict[str, Any], dialect: Dialect
) -> None:
    rendered = portal_csv.render([replace(ROW, **more), IP], NOW, dialect)
    assert [skip.code for skip in rendered.skipped] == ["formula_in_list"]
    assert (rendered.written, rendered.guarded) == (1, 0)
    assert _lines(rendered.files[0][1])[1][8:11] == [
        "Servers,Workstations",
        "Malware",
        "T1105,T1059.001",
    ]


def test_title_and_description_are_never_empty() -> None:
    rendered = portal_csv.render([replace(ROW, title="", description="")], NOW, Dialect.TODAY)
    cells = _lines(rendered.files[0][1])[1]
    assert cells[5:7] == [ROW.value, "No description."]


def test_surrogates_do_not_stop_it() -> None:
    rendered = portal_csv.render([replace(ROW, title="\ud800")], NOW, Dialect.TODAY)
    assert rendered.written == 1
    assert rendered.files[0][1].decode()
