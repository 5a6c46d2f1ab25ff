"""Prevention by action and type, as "Overview of indicators" and "Create indicators" have it."""

from __future__ import annotations

from datetime import datetime

import pytest

from strategies.builders import row
from strategies.engine_worlds import NOW, SECOND, VALUES
from tidegate.engines.choices import Choices
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.matcher import Matcher
from tidegate.engines.prevention import prevention
from tidegate.engines.verdict import Alert, Engine, Verdict, Word
from tidegate.engines.wording import NOTHING
from tidegate.indicators.kinds import FILE_TYPES, Action, IndicatorType, Severity

HTTPS = "https://example.com/a"
FILES = (*FILE_TYPES, IndicatorType.CERTIFICATE)
ROLES = {
    IndicatorType.IP_ADDRESS: Role.REMOTE_IP,
    IndicatorType.DOMAIN_NAME: Role.REMOTE_URL,
    IndicatorType.URL: Role.REMOTE_URL,
    IndicatorType.CERTIFICATE: Role.CERTIFICATE,
}


def _event(
    kind: IndicatorType,
    value: str,
    process: str = "",
    at: datetime = NOW,
    action: str = "ConnectionSuccess",
) -> Event:
    seen = Observable(ROLES.get(kind, Role.FILE), kind, value)
    return Event("e1", at, "pc1", "", action, (seen,), process)


@pytest.mark.parametrize("kind", list(IndicatorType))
@pytest.mark.parametrize(
    ("action", "word", "alerts", "quarantines"),
    [
        # [S] "Microsoft Defender AV will not detect nor block the file from being run".
        (Action.ALLOW, Word.ALLOWED, False, False),
        # [O] Audit: an alert, no enforcement.
        (Action.ALERT_ONLY, Word.ALERTED, True, False),
        # [S] "will prevent file executions (block and remediate)"; [O] networks: Block and alert.
        (Action.ALERT_AND_BLOCK, Word.BLOCKED, True, True),
        # [O] Block: stopped, not remediated.
        (Action.BLOCK, Word.BLOCKED, False, False),
        # [O] Warn: a prompt that the user may pass.
        (Action.WARN, Word.WARNED, False, False),
    ],
)
def test_what_an_action_does(
    kind: IndicatorType, action: Action, word: Word, *, alerts: bool, quarantines: bool
) -> None:
    value = VALUES[kind][0]
    listed = row(1, type=kind, value=value, action=action, title="Acme", severity=Severity.HIGH)
    verdict = prevention(_event(kind, value), Matcher([listed]))
    assert verdict == Verdict(
        "e1",
        Engine.ENDPOINT_PREVENTION,
        word,
        quarantines and kind in FILES,
        Alert("Acme", Severity.HIGH) if alerts else None,
        listed,
        verdict.reason,
    )


def test_a_miss() -> None:
    event = _event(IndicatorType.IP_ADDRESS, "192.0.2.9")
    assert prevention(event, Matcher([row(1)])) == (
        *("e1", Engine.ENDPOINT_PREVENTION, Word.NO_MATCH, False, None, None),
        NOTHING,
    )


def test_a_process_on_the_list_is_stopped_whatever_it_does() -> None:
    listed = row(1, type=IndicatorType.FILE_MD5, value="a" * 32)
    seen = Observable(Role.PROCESS, IndicatorType.FILE_MD5, "a" * 32)
    event = Event("e1", NOW, "pc1", "", "ConnectionSuccess", (seen,))
    verdict = prevention(event, Matcher([listed]))
    assert (verdict.verdict, verdict.remediated) == (Word.BLOCKED, True)


@pytest.mark.parametrize("action", ["ConnectionSuccess", "ConnectionFailed"])
def test_a_blocked_connection_may_be_logged_as_a_success(action: str) -> None:
    """The decision follows the handshake ([N]), so ActionType says nothing about it."""
    listed = row(1, type=IndicatorType.IP_ADDRESS, value="192.0.2.1")
    event = _event(listed.type, listed.value, action=action)
    assert prevention(event, Matcher([listed])).verdict is Word.BLOCKED


def test_expiry_is_checked_at_the_time_of_the_event() -> None:
    listed = row(1, value="example.com", expires=NOW)
    matcher = Matcher([listed])
    before = prevention(_event(listed.type, listed.value, at=NOW - SECOND), matcher)
    assert before.verdict is Word.BLOCKED
    assert prevention(_event(listed.type, listed.value), matcher).verdict is Word.NO_MATCH


@pytest.mark.parametrize(
    ("url", "process", "setting", "word"),
    [
        # [N] HTTPS with a path: "can only be blocked on first party browsers".
        (HTTPS, "msedge.exe", "documented", Word.BLOCKED),
        (HTTPS, "MSEdge.exe", "documented", Word.BLOCKED),
        (HTTPS, "chrome.exe", "documented", Word.NO_MATCH),
        (HTTPS, "chrome.exe", "everything", Word.BLOCKED),
        # Only a browser that sees the path can have told it.
        (HTTPS, "", "documented", Word.BLOCKED),
        # [N] HTTPS by name, and HTTP with its path, in any process.
        ("https://example.com/", "chrome.exe", "documented", Word.BLOCKED),
        ("http://example.com/a", "chrome.exe", "documented", Word.BLOCKED),
    ],
)
def test_the_path_of_an_https_url_is_enforced_in_edge_only(
    url: str, process: str, setting: str, word: Word
) -> None:
    listed = row(1, type=IndicatorType.URL, value=url)
    matcher = Matcher([listed], Choices(enforcement=setting))  # type: ignore[arg-type]
    verdict = prevention(_event(IndicatorType.URL, url, process), matcher)
    assert verdict.verdict is word
    assert (
        "the path of an HTTPS URL is enforced in Edge only; this is chrome.exe" in verdict.reason
    ) is (word is Word.NO_MATCH)


def test_what_cannot_be_seen_leaves_the_decision_to_the_next() -> None:
    unseen = row(1, type=IndicatorType.URL, value=HTTPS, action=Action.ALLOW)
    host = row(2, value="example.com", action=Action.BLOCK)
    verdict = prevention(_event(IndicatorType.URL, HTTPS, "chrome.exe"), Matcher([unseen, host]))
    assert verdict.indicator == host
    assert verdict.reason == (
        "Block of a person (example.com) covers https://example.com/a; "
        "Allow of a person (https://example.com/a) matches, but the path of an HTTPS URL is "
        "enforced in Edge only; this is chrome.exe"
    )


@pytest.mark.parametrize(
    ("name", "setting", "word"),
    [
        # [F] portable executables only; a name that says nothing may well be one.
        ("invoice.pdf", "documented", Word.NO_MATCH),
        ("invoice.pdf", "everything", Word.BLOCKED),
        ("invoice.exe", "documented", Word.BLOCKED),
        ("invoice.bin", "documented", Word.BLOCKED),
    ],
)
def test_files_that_are_no_programs_are_not_enforced(name: str, setting: str, word: Word) -> None:
    listed = row(1, type=IndicatorType.FILE_MD5, value="a" * 32, context={"file_name": (name,)})
    matcher = Matcher([listed], Choices(enforcement=setting))  # type: ignore[arg-type]
    assert prevention(_event(listed.type, listed.value), matcher).verdict is word


def test_a_row_that_is_neither_enforced_nor_for_this_device_says_the_latter() -> None:
    listed = row(1, type=IndicatorType.URL, value=HTTPS, groups=("Servers",))
    verdict = prevention(_event(IndicatorType.URL, HTTPS, "chrome.exe"), Matcher([listed]))
    assert verdict.reason.endswith("is for Servers and the device is in no group")
