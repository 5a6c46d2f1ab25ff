"""From the list of partners to what each has: previews, questions, deliveries in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from textual.pilot import Pilot

from driving.homes import in_home, indicator
from servers import loopback_inbox as inbox
from servers.loopback_inbox import LoopbackInbox
from servers.loopback_taxii import COLLECTION, Answer, LoopbackTaxii, Seen
from tidegate.errors import StoreDamaged
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_edit
from tidegate.service.look import find
from tidegate.service.partners import sent_to
from tidegate.service.sync import sync
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.partners import PartnersScreen
from tidegate.tui.screens.shipment import ShipmentScreen
from tidegate.tui.widgets.line_list import LineList
from tui.rest import wait_for_idle
from tui.stage import NOW, gate_of, opened, play, screen_text, toasts, until

Start = Callable[..., LoopbackInbox]


def write_partner(home: Path, ident: str, delivery: str, more: str = "") -> None:
    """A partner who may have what is green."""
    folder = home / "partners"
    folder.mkdir(exist_ok=True)
    (folder / f"{ident}.toml").write_text(
        f'id = "{ident}"\ntitle = "Sector ISAC"\ntlp_max = "green"\nidentity = "Example Corp"\n'
        f"{more}[delivery]\n{delivery}",
        "utf-8",
    )


def to_file(home: Path) -> Path:
    out = home.parent / "isac.json"
    write_partner(home, "isac", f'kind = "file"\npath = "{out}"\n')
    return out


def to_server(home: Path, server: LoopbackInbox) -> None:
    write_partner(
        home, "isac", f'kind = "taxii21"\nurl = "{server.url}"\ncollection = "{COLLECTION}"\n'
    )


def words(app: TidegateApp) -> str:
    return " ".join(screen_text(app).split())


def lines(app: TidegateApp) -> str:
    """What the delivery's sheet says, seen or scrolled out of sight, and its keys."""
    texts = [" ".join(text.split()) for _, text in app.screen.query_one(LineList)._texts]
    return "\n".join((*texts, screen_text(app).splitlines()[-3]))


async def shown(app: TidegateApp, pilot: Pilot[int]) -> str:
    """Open the only partner's delivery from wherever one is; return what it says."""
    await pilot.press("P")
    await pilot.pause()
    assert isinstance(app.screen, PartnersScreen)
    await pilot.press("enter")
    await pilot.pause()
    assert isinstance(app.screen, ShipmentScreen)
    await until(pilot, lambda: "working it out" not in screen_text(app))
    return lines(app)


async def sent(app: TidegateApp, pilot: Pilot[int]) -> list[str]:
    """Answer yes, and wait for the end; return what was said."""
    before = len(app.said)
    await pilot.press("s")
    await pilot.pause()
    assert isinstance(app.screen, ConfirmScreen)
    await pilot.press("y")
    await until(pilot, lambda: app.job is None and len(app.said) > before + 1)
    assert isinstance(app.screen, PartnersScreen)
    return [said.text for said in list(app.said)[before + 1 :]]


def test_a_file_is_shown_sent_and_then_there_is_nothing_new(worked: Path) -> None:
    out = to_file(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("6")
        await pilot.pause()
        assert "P partners…" in screen_text(app).splitlines()[-1]
        text = await shown(app, pilot)
        assert f"to file {out}" in text
        assert "at most TLP:GREEN, unmarked rows stay" in text
        assert "masked groups, note" in text
        assert "delivery number 1, the first one" in text
        assert "+4 new ~0 changed -0 withdrawn, 0 unchanged, 0 withheld" in text
        assert "+ domain h1.example.com Alert and block, Low" in text
        assert not out.exists()
        await pilot.press("s")
        await pilot.pause()
        assert "Send number 1 to isac?" in screen_text(app)
        await pilot.press("enter")  # the safe button has the focus
        await pilot.pause()
        assert isinstance(app.screen, ShipmentScreen)
        assert not out.exists()
        (said,) = await sent(app, pilot)
        assert said == ("sent to isac: +4 new ~0 changed -0 withdrawn, 0 unchanged, 0 withheld")
        text = await shown_again(app, pilot)
        assert "there is nothing that they do not have" in text
        assert "s send…" not in text
        await pilot.press("s")
        await pilot.pause()
        assert "nothing that isac does not have" in toasts(app)[-1]
        await pilot.press("f")
        await until(pilot, lambda: "SAME 4" in lines(app))
        assert "number 2, all of it, since number 1 of 2026-06-01 12:00 UTC" in lines(app)
        (said,) = await sent(app, pilot)
        await pilot.press("escape", "L")
        await pilot.pause()
        assert "sent to isac: +4 new" in words(app)

    play(gate_of(worked), scene)
    held = orjson.loads(out.read_bytes())["objects"]
    assert sum(each["type"] == "indicator" for each in held) == 4
    assert [bundle.number for bundle in sent_to(opened(worked), "isac").bundles] == [1, 2]


async def shown_again(app: TidegateApp, pilot: Pilot[int]) -> str:
    """Open it once more from the list of partners, which follows what was sent."""
    assert isinstance(app.screen, PartnersScreen)
    await until(pilot, lambda: "2026-06-01 12:00" in words(app) or app.size.width < 100)
    await pilot.press("enter")
    await pilot.pause()
    await until(pilot, lambda: "working it out" not in screen_text(app))
    return lines(app)


def test_what_is_withheld_is_listed_with_its_reason_and_changes_with_both_sides(
    worked: Path,
) -> None:
    red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
    own = "marking-definition--11111111-1111-4111-8111-111111111111"
    to_file(worked)
    in_home(worked, "acme-c2").publish(
        [
            *(indicator(number) for number in range(1, 4)),
            indicator(4, object_marking_refs=[own]),
            indicator(5, object_marking_refs=[red]),
        ],
        NOW,
    )
    ws = opened(worked)
    sync(ws, ["acme-c2"])

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        text = await shown(app, pilot)
        assert "WITHHELD 2, each for its reason" in text
        assert "⊘ marking_unknown 1" in text
        assert f"· domain h4.example.com it carries {own}" in text
        assert "⊘ tlp_above_ceiling 1" in text
        assert "· domain h5.example.com TLP:RED is above TLP:GREEN" in text

    play(gate_of(worked), scene, (120, 45))
    ws.close()


def test_why_rows_are_withheld_is_counted_where_the_sheet_opens(worked: Path) -> None:
    red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
    to_file(worked)
    shared = [indicator(number) for number in range(1, 30)]
    kept = [indicator(number, object_marking_refs=[red]) for number in range(30, 33)]
    in_home(worked, "acme-c2").publish([*shared, *kept], NOW)
    ws = opened(worked)
    sync(ws, ["acme-c2"])

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await shown(app, pilot)
        assert "withheld 3 tlp_above_ceiling" in words(app)
        assert "h32.example.com" not in words(app)
        await pilot.press("end")
        await wait_for_idle()
        assert "h32.example.com TLP:RED is above" in words(app)

    play(gate_of(worked), scene)
    ws.close()


def test_a_folder_keeps_each_delivery_and_a_command_leads_to_it(worked: Path) -> None:
    out = worked.parent / "out"
    out.mkdir()
    write_partner(worked, "isac", f'kind = "folder"\npath = "{out}"\n')
    write_partner(worked, "other", f'kind = "folder"\npath = "{out / "missing"}"\n')

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("colon", *"partners", "space", *"isac", "enter")
        await pilot.pause()
        assert isinstance(app.screen, ShipmentScreen)
        await until(pilot, lambda: "+4 new" in lines(app))
        await sent(app, pilot)
        await pilot.press("escape", "colon", *"partners", "space", *"nobody", "enter")
        await pilot.pause()
        assert "no partner is called 'nobody' (known: isac, other)" in toasts(app)[-1]
        await pilot.press("j", "c")
        await until(pilot, lambda: "there is no folder" in toasts(app)[-1])
        await pilot.press("enter")
        await until(pilot, lambda: "+4 new" in lines(app))
        (said,) = await sent(app, pilot)
        assert "there is no folder" in said
        assert app.said[-1].severity == "error"

    play(gate_of(worked), scene)
    assert (
        sorted(path.name for path in out.iterdir())
        == [
            "isac-000001.json",
            "isac-000001.manifest.json",
        ]
        or len(list(out.iterdir())) == 2
    )
    assert sent_to(opened(worked), "other").held == 0


def test_a_server_gets_it_batch_by_batch_and_what_it_refuses_is_said(
    worked: Path, loopback_taxii: Start
) -> None:
    server = loopback_taxii(
        kind=LoopbackInbox, judge=lambda e: "\x1b[31mtoo [b]new" if "h2." in str(e) else None
    )
    to_server(worked, server)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("P", "c")
        await until(pilot, lambda: "lets us write" in toasts(app)[-1])
        await pilot.press("escape")
        await shown(app, pilot)
        first, rest, failure = await sent(app, pilot)
        assert first == "isac has 3 of 4 objects more"
        assert "goes with the next delivery" in rest
        assert "too [b]new" in failure
        assert "\x1b" not in failure
        server.judge = lambda _: None
        text = await shown_again(app, pilot)
        assert "+1 new" in text
        assert "3 accepted" not in text
        assert (await sent(app, pilot))[0].startswith("sent to isac: +1 new")

    play(gate_of(worked), scene)
    held = [ident for ident, _ in server.held if ident.startswith("indicator--")]
    assert len(held) == len(set(held)) == 4


def test_a_collection_that_may_only_be_read_gets_nothing_and_says_so(
    worked: Path, loopback_taxii: Start
) -> None:
    server = loopback_taxii(kind=LoopbackInbox, can_write=False)
    to_server(worked, server)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await shown(app, pilot)
        (said,) = await sent(app, pilot)
        assert "does not let us write" in said
        assert app.said[-1].severity == "error"

    play(gate_of(worked), scene)
    assert server.posted == []
    assert sent_to(opened(worked), "isac").held == 0


@pytest.mark.parametrize("key", ["ctrl+x", "ctrl+q"])
def test_a_delivery_is_ended_and_what_arrived_is_noted(
    worked: Path, loopback_taxii: Start, key: str
) -> None:
    ended = threading.Event()

    def silent(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        ended.wait(30)
        return None

    server = loopback_taxii(kind=LoopbackInbox, most=1_500, malice=inbox.posts(None, silent))
    to_server(worked, server)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await shown(app, pilot)
        await pilot.press("s", "y")
        await until(pilot, lambda: len(server.posted) == 2)
        await until(pilot, lambda: "Partners send isac: " in words(app))
        assert "of 4 are there" in words(app)
        if key == "ctrl+x":
            await pilot.press("escape", "q")
            await pilot.pause()
            assert "what arrived so far is noted" in words(app)
            await pilot.press("n", key)
            await until(pilot, lambda: app.job is None)
            assert any("interrupted" in toast for toast in toasts(app))
        else:
            await pilot.press(key)

    play(gate_of(worked), scene)
    assert not ended.is_set()
    ended.set()
    known = sent_to(opened(worked), "isac")
    arrived = {entry.id for entry in known.entries.values() if entry.arrived}
    assert arrived == {i for i, _ in server.posted[0] if i.startswith("indicator--")} != set()
    assert len(known.bundles) == 1


def test_many_withdrawals_are_asked_about_by_their_number(worked: Path) -> None:
    out = to_file(worked)
    (worked / "config.toml").write_text(
        (worked / "config.toml").read_text("utf-8") + "[brake]\ncount = 1\npercent = 10\n", "utf-8"
    )

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await shown(app, pilot)
        await sent(app, pilot)
        write_partner(worked, "isac", f'kind = "file"\npath = "{out}"\n', 'filter = "type:cert"\n')
        text = await shown_again(app, pilot)
        assert "! 4 indicators of the 4 that they have would be withdrawn for good" in text
        assert "- domain h1.example.com left the filter" in text
        await pilot.press("s")
        await pilot.pause()
        assert "Withdraw all indicators that isac has?" in words(app)
        assert "[y] Withdraw 4" in words(app)
        await pilot.press("n")
        await pilot.pause()
        assert "revoked" not in out.read_text()
        (said,) = await sent(app, pilot)
        assert "-4 withdrawn" in said

    play(gate_of(worked), scene)
    held = orjson.loads(out.read_bytes())["objects"]
    assert [each["revoked"] for each in held if each["type"] == "indicator"] == [True] * 4


def test_what_is_sent_is_what_was_shown_or_nothing(worked: Path) -> None:
    out = to_file(worked)
    ws = opened(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await shown(app, pilot)
        apply(ws, plan_edit(ws, [find(ws, "h1.example.com")], Fields(title="Seen again")).plan)
        (said,) = await sent(app, pilot)
        assert "is not what was shown any more (look at it again)" in said

    play(gate_of(worked), scene)
    assert not out.exists()
    ws.close()


def test_without_partners_one_learns_to_write_one(worked: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("P")
        await pilot.pause()
        text = words(app)
        assert "No partner yet." in text
        assert "tidegate partners template isac > isac.toml" in text
        assert 'tlp_max = "green"' in text
        await pilot.press("enter", "c", "P")
        await pilot.pause()
        to_file(worked)
        await pilot.press("P")
        await pilot.pause()
        assert "Sector ISAC" in words(app)

    play(gate_of(worked), scene, (100, 40))


def test_a_broken_file_and_a_damaged_state_are_one_line_and_open_nothing(
    worked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_file(worked)
    write_partner(worked, "broken", 'kind = "file"\npath = "x"\n', 'tlp_mx = "red"\n')

    def damaged(*_: object) -> None:
        raise StoreDamaged("isac.sent.json is not what was written")

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        monkeypatch.setattr("tidegate.service.partners.sent_to", damaged)
        await pilot.press("P")
        await pilot.pause()
        assert "broken.toml: unknown key `tlp_mx`" in words(app)
        for _ in range(2):
            await pilot.press("enter")
            await pilot.pause()
            assert isinstance(app.screen, PartnersScreen)
            await pilot.press("j")
        assert "tlp_mx" in toasts(app)[0]
        assert "not what was written" in toasts(app)[-1]
        await pilot.press("c")
        await pilot.pause()

    play(gate_of(worked), scene)


def test_a_read_only_session_shows_and_sends_nothing(worked: Path) -> None:
    out = to_file(worked)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        text = await shown(app, pilot)
        assert "+4 new" in text
        assert "s send…" not in text
        await pilot.press("s")
        await pilot.pause()
        assert "read-only session" in toasts(app)[-1]
        assert isinstance(app.screen, ShipmentScreen)

    play(gate_of(worked, read_only=True), scene)
    assert not out.exists()
