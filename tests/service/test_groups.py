"""Device groups: config.toml decides which there are; without it rows only suggest."""

from __future__ import annotations

import pytest

from driving.homes import DOCUMENTATION, Watch
from tidegate.config import Home
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_add
from tidegate.service.groups import KnownGroups, known_groups
from tidegate.service.workspace import Workspace


@pytest.mark.parametrize("listed", [True, False])
def test_config_lists_them_or_rows_have_them(home: Home, watch: Watch, *, listed: bool) -> None:
    config = '[[group]]\nname = "Servers"\n[[group]]\nname = "Workstations"\n' if listed else ""
    home.config_file.write_text(DOCUMENTATION + config, "utf-8")
    ws = Workspace.open(home, clock=watch)
    apply(ws, plan_add(ws, ["192.0.2.1"], Fields(groups=("Lab",))).plan)
    expected = KnownGroups(("Servers", "Workstations"), closed=True)
    assert known_groups(ws) == (expected if listed else KnownGroups(("Lab",)))
    ws.close()


def test_the_nearest_name_is_offered() -> None:
    known = KnownGroups(("Servers", "Workstations"))
    assert known.doubts(["Servers"]) == ""
    assert known.doubts(["Serv"]) == "unknown device group 'Serv' – did you mean 'Servers'?"
    assert known.doubts(["lab"]).endswith("– known: Servers, Workstations")
    assert KnownGroups().doubts(["anything"]) == ""
