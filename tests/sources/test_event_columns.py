"""The columns are those of the hunting tables, and each that shows something is known."""

from tidegate.sources.event_columns import FILE_HASHES, KNOWN, SHOWING, THUMBPRINTS, TIMES


def test_what_shows_something_is_known() -> None:
    assert {it.column for it in SHOWING} < KNOWN
    assert len({it.column for it in SHOWING}) == len(SHOWING)
    assert {*FILE_HASHES, *THUMBPRINTS, *TIMES} < KNOWN


def test_the_columns_of_each_table_are_known() -> None:
    for name in (
        *("Timestamp", "DeviceId", "DeviceName", "ActionType", "ReportId", "MachineGroup"),
        *("FileName", "SHA1", "SHA256", "MD5", "RemoteIP", "RemoteUrl", "SignerHash"),
        *("InitiatingProcessSHA1", "InitiatingProcessSHA256", "InitiatingProcessMD5"),
        *("InitiatingProcessFileName", "ProcessCommandLine", "ProcessIntegrityLevel"),
    ):
        assert name in KNOWN
    assert "Sha1" not in KNOWN
