from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tidegate.errors import BundleError
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.sources.import_csv import read_portal_csv
from tidegate.sources.import_row import ImportReading, ImportRow

TODAY = (
    "IndicatorType,IndicatorValue,ExpirationTime,Action,Severity,Title,Description,"
    "RecommendedActions,RbacGroups,Category,MitreTechniques,GenerateAlert\r\n"
)
SEED = (
    "indicatorType,indicatorValue,expirationTime,action,severity,title,description,"
    "recommendedActions,rbacGroupNames,category,mitretechniques\n"
)
SHORT = "IndicatorType,IndicatorValue,Action\n"


def _read(text: str) -> ImportReading:
    return read_portal_csv(text, "x.csv")


def _codes(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in _read(text).problems]


def test_a_row_of_today() -> None:
    reading = _read(
        TODAY + "Url,HTTPS://Evil.Example.com/a,2027-01-31T12:00:00.1234567Z,Block,High,Payload,"
        '"Says ""run"".",Isolate.,"Workstations, Servers",Malware,"T1105,T1059",TRUE\r\n'
    )
    assert reading.problems == ()
    assert reading.rows == (
        ImportRow(
            line=2,
            type=IndicatorType.URL,
            value="https://evil.example.com/a",
            action=Action.ALERT_AND_BLOCK,
            severity=Severity.HIGH,
            title="Payload",
            description='Says "run".',
            groups=("Servers", "Workstations"),
            expires=datetime(2027, 1, 31, 12, 0, 0, 123456, tzinfo=UTC),
            category="Malware",
            mitre=("T1105", "T1059"),
            recommended_actions="Isolate.",
            stated=frozenset(
                {"expires", "description", "category", "mitre", "recommended_actions"}
            ),
        ),
    )


def test_a_column_that_is_not_there_states_nothing() -> None:
    text = "IndicatorType,IndicatorValue,Action,Title,Category\nUrl,http://h.example.com/,Block,,\n"
    (row,) = _read(text).rows
    assert row.stated == {"category"}


def test_a_row_of_the_seed_era() -> None:
    (row,) = _read(SEED + f"fileSha1,{'AB' * 20},,AlertAndBlock,,t,d,,Servers,,\n").rows
    assert (row.type, row.value) == (IndicatorType.FILE_SHA1, "ab" * 20)
    assert (row.action, row.severity) == (Action.ALERT_AND_BLOCK, None)
    assert (row.expires, row.groups) == (None, ("Servers",))


@pytest.mark.parametrize(
    ("action", "alert", "read"),
    [
        ("Allowed", "False", Action.ALLOW),
        ("Audit", "True", Action.ALERT_ONLY),
        ("Alert", "", Action.ALERT_ONLY),
        ("AlertAndBlock", "", Action.ALERT_AND_BLOCK),
        ("BlockAndRemediate", "True", Action.ALERT_AND_BLOCK),
        ("BlockAndRemediate", "False", Action.ALERT_AND_BLOCK),
        ("Block", "True", Action.ALERT_AND_BLOCK),
        ("Block", "False", Action.BLOCK),
        ("Block", "", Action.BLOCK),
        ("warn", " false ", Action.WARN),
    ],
)
def test_actions_of_every_dialect(action: str, alert: str, read: Action) -> None:
    text = (
        f"IndicatorType,IndicatorValue,Action,GenerateAlert\nIpAddress,192.0.2.1,{action},{alert}\n"
    )
    assert [row.action for row in _read(text).rows] == [read]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("IpAddress,192.0.2.0/24,2027-01-01T00:00:00Z,Block,Low", "cidr"),
        ("IpAddress,,,Block,Low", "empty"),
        ("FileSha256,abc,,Block,Low", "hash_length"),
        ("Registry,x,,Block,Low", "unknown_type"),
        ("IpAddress,192.0.2.9,,Explode,Low", "unknown_action"),
        ("IpAddress,192.0.2.9,,Block,Severe", "unknown_severity"),
        ("IpAddress,192.0.2.9,tomorrow,Block,Low", "bad_expiry"),
        ("IpAddress,192.0.2.9,next week,Block,Low", "bad_expiry"),
        ("IpAddress,192.0.2.9,,Block,Low,more", "too_many_cells"),
        ('IpAddress,"192.0.2.9"x,,Block,Low', "line_unreadable"),
        ('IpAddress,192.0.2.9,,Block,"Low', "line_unreadable"),
        ("IpAddress,192.0.2.9,,Block," + "x" * 140_000, "line_unreadable"),
        ("IpAddress", "empty"),
    ],
)
def test_one_bad_line_never_sinks_the_rest(line: str, code: str) -> None:
    header = "IndicatorType,IndicatorValue,ExpirationTime,Action,Severity\n"
    good = "IpAddress,192.0.2.{},,Block,Low\n"
    reading = _read(header + good.format(1) + line + "\n" + good.format(2))
    assert [(row.line, row.value) for row in reading.rows] == [(2, "192.0.2.1"), (4, "192.0.2.2")]
    assert [(problem.line, problem.code) for problem in reading.problems] == [(3, code)]
    assert reading.problems[0].detail


def test_bad_generate_alert() -> None:
    text = "IndicatorType,IndicatorValue,Action,GenerateAlert\nIpAddress,192.0.2.1,Block,maybe\n"
    assert _codes(text) == [(2, "bad_generate_alert")]


def test_lines_are_counted_through_quoted_line_ends() -> None:
    text = (
        "IndicatorType,IndicatorValue,Action,Title\n"
        'IpAddress,192.0.2.1,Block,"two\r\nlines"\r\n\r\nIpAddress,192.0.2.2,Block,one\n'
    )
    assert [(row.line, row.title) for row in _read(text).rows] == [(2, "two\r\nlines"), (5, "one")]


def test_what_a_spreadsheet_does_to_it_is_read() -> None:
    text = SHORT.replace(",", ";") + "IpAddress;192.0.2.1;Block\n;;\n"
    assert [row.value for row in _read(text).rows] == ["192.0.2.1"]


def test_a_semicolon_in_a_foreign_column_is_no_delimiter() -> None:
    text = "IndicatorType,IndicatorValue,Action,a;b\nIpAddress,192.0.2.1,Block,\n"
    assert [row.value for row in _read(text).rows] == ["192.0.2.1"]


def test_the_guard_before_formulas_is_taken_off() -> None:
    text = "IndicatorType,IndicatorValue,Action,Title\nIpAddress,192.0.2.1,Block,'=1+1\n"
    assert _read(text + "IpAddress,192.0.2.2,Block,'quoted'\n").rows[0].title == "=1+1"
    assert _read(text + "IpAddress,192.0.2.2,Block,'quoted'\n").rows[1].title == "'quoted'"


def test_foreign_columns_are_named() -> None:
    text = "Colour,IndicatorType,IndicatorValue,Action,\nred,IpAddress,192.0.2.1,Block,\n"
    reading = _read(text)
    assert len(reading.rows) == 1
    assert [(problem.line, problem.code) for problem in reading.problems] == [(1, "column_ignored")]
    assert "Colour" in reading.problems[0].detail


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("IndicatorType,Action\n", "lacks the column IndicatorValue"),
        ("IndicatorType,IndicatorValue,Action,rbacGroups,RbacGroupNames\n", "RbacGroups twice"),
        ("a,b,c\n", "neither JSON nor the portal's CSV"),
        ('"IndicatorType,IndicatorValue,Action\n', "neither JSON nor the portal's CSV"),
    ],
)
def test_a_header_that_is_none(header: str, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        _read(header + "IpAddress,192.0.2.1,Block\n")


def test_endless_broken_quotes_end() -> None:
    reading = _read(SHORT + '"x\n' * 301 + "IpAddress,192.0.2.1,Block\n")
    assert reading.problems[-1].code == "line_unreadable"
    assert "lines were not read" in reading.problems[-1].detail


def test_no_detail_carries_a_control_character() -> None:
    reading = _read(SHORT + "\x1b[31m,x,Block\nIpAddress,192.0.2.1,\x07\u202e\n")
    assert len(reading.problems) == 2
    assert all(problem.detail.isprintable() for problem in reading.problems)
