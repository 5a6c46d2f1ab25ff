"""Groups come from an inventory in either format."""

from pathlib import Path

import pytest

from tidegate.errors import UsageError
from tidegate.sources.devices import read_devices
from tidegate.sources.event_problems import Problems


@pytest.mark.parametrize(
    "text",
    [
        "DeviceId,DeviceName,MachineGroup\nD1,WS-1,Clients\n",
        '{"DeviceId":"D1","DeviceName":"WS-1","MachineGroup":" Clients"}\n',
    ],
)
def test_devices_are_known_by_id_and_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "devices"
    path.write_text(text, "utf-8")
    assert read_devices(str(path), Problems()) == {"d1": "Clients", "ws-1": "Clients"}


def test_bad_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "devices"
    path.write_text('{"DeviceName":"a","MachineGroup":"G"}\n{x\n{"DeviceName":7}\n', "utf-8")
    problems = Problems()
    assert read_devices(str(path), problems) == {"a": "G"}
    assert [(p.kind, p.lines) for p in problems] == [("not_json", (2,))]


def test_a_file_without_groups_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "devices"
    path.write_text("DeviceName,Other\na,b\n", "utf-8")
    with pytest.raises(UsageError, match="tells no device's group"):
        read_devices(str(path), Problems())
