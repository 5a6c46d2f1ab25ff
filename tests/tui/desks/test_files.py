"""A line that names a file to take in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.errors import UsageError
from tidegate.indicators.kinds import Origin
from tidegate.tui.desks.files import FileDesk
from tui.stage import opened

_CSV = """\
IndicatorType,IndicatorValue,ExpirationTime,Action,Severity,Title,Description,RecommendedActions,\
RbacGroups,Category,MitreTechniques,GenerateAlert
DomainName,one.badsite.com,,Alert,Medium,One,,,,,,
"""


@pytest.mark.parametrize(
    ("options", "origin"),
    [
        ("", Origin.MANUAL),
        (" --origin manual", Origin.MANUAL),
        (" --origin=foreign", Origin.FOREIGN),
        (" --replace --origin foreign ", Origin.FOREIGN),
        (" --origin foreign  --replace", Origin.FOREIGN),
    ],
)
def test_a_line_names_a_file_and_whose_its_rows_are(
    worked: Path, tmp_path: Path, options: str, origin: Origin
) -> None:
    path = tmp_path / "a --replace of mine.csv"
    path.write_text(_CSV, "utf-8")
    ws = opened(worked)
    preview = FileDesk(ws).plan(f" {path}{options}")
    (added,) = (change.after for change in preview.plan.changes if change.before is None)
    assert added is not None
    assert (added.value, added.origin) == ("one.badsite.com", origin)
    ws.close()


def test_what_cannot_be_meant_is_refused(worked: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(_CSV, "utf-8")
    ws = opened(worked)
    with pytest.raises(UsageError, match="only foreign rows are replaced"):
        FileDesk(ws).plan(f"{path} --replace")
    with pytest.raises(UsageError, match="there is no file"):
        FileDesk(ws).plan(f"{path} --origin feed")
    ws.close()
