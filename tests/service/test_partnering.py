"""Sharing with a partner, from the list to what they hold."""

from __future__ import annotations

import errno
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from tidegate.config import Brake, Home
from tidegate.errors import ExportError, HeldBack, StoreDamaged, StoreLocked, UsageError
from tidegate.indicators.kinds import Action, Origin
from tidegate.partner import Delivery, Door, Partner, Progress, Shipment, parse_partner
from tidegate.service import delivering, edit, partnering
from tidegate.service.apply import apply
from tidegate.service.delivering import FolderDoor
from tidegate.service.edit import Fields
from tidegate.service.importing import plan_import
from tidegate.service.look import rows
from tidegate.service.partnering import OutDoor, Prepared, Step, prepare, send, summary_of
from tidegate.service.partners import sent_path, sent_to
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace
from tidegate.store.handout import write_out
from tidegate.store.sent_file import write_sent

Subscribe = Callable[..., FeedFolder]

RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"


def partner(**more: object) -> Partner:
    base = {
        "id": "isac",
        "tlp_max": "green",
        "identity": "Example Corp",
        "delivery": {"kind": "folder", "path": "out"},
    }
    return parse_partner({**base, **more}, "isac.toml")


def unheard(_: int, __: int) -> None:
    """Hear nothing."""


class Memory:
    """A door to a partner who keeps the latest version of everything, and may refuse some."""

    def __init__(self) -> None:
        self.holds: dict[str, dict[str, Any]] = {}
        self.refuses: set[str] = set()
        self.breaks: BaseException | None = None
        self.shipments: list[Shipment] = []

    def check(self) -> str:
        return "it is there"

    def deliver(self, shipment: Shipment, progress: Progress) -> Delivery:
        self.shipments.append(shipment)
        taken = [item for item in shipment.objects if item["id"] not in self.refuses]
        for item in taken:
            ident = str(item["id"])
            held = self.holds.get(ident)
            assert held is None or held["modified"] <= str(item["modified"])  # it only grows
            assert held is None or held["created"] == item["created"]
            assert held is None or not held.get("revoked") or item == held
            self.holds[ident] = dict(item)
        if self.breaks is not None:
            raise self.breaks
        progress(len(taken), len(shipment.objects))
        went = {str(item["id"]) for item in taken} & shipment.carried
        failed = dict.fromkeys(shipment.carried - went, "refused")
        return Delivery(frozenset(went), "memory", failed)

    @property
    def live(self) -> set[str]:
        """The values that the partner acts upon."""
        return {
            item["pattern"].split("'")[1]
            for item in self.holds.values()
            if item["type"] == "indicator" and not item.get("revoked")
        }


@pytest.fixture(name="door")
def _door() -> Memory:
    return Memory()


def steps(prepared: Prepared) -> tuple[int, int, int]:
    new, changed, gone = (len(prepared.of(s)) for s in (Step.NEW, Step.CHANGED, Step.WITHDRAWN))
    return new, changed, gone


def given(ws: Workspace, door: Door, to: Partner | None = None, **how: Any) -> Prepared:  # noqa: ANN401 - passed on
    return send(ws, to or partner(), door, unheard, **how).prepared


def test_a_second_delta_is_empty_and_nothing_is_delivered(
    ws: Workspace, subscribe: Subscribe, door: Memory
) -> None:
    subscribe("acme", [indicator(n) for n in range(3)])
    sync(ws)
    assert steps(given(ws, door)) == (3, 0, 0)
    done = send(ws, partner(), door, unheard)
    assert (done.delivery, done.number, len(door.shipments)) == (None, None, 1)
    assert steps(given(ws, door, full=True)) == (0, 0, 0)
    assert len(door.shipments[1].carried) == 3
    assert [bundle.number for bundle in sent_to(ws, "isac").bundles] == [1, 2]
    assert stat.S_IMODE(sent_path(ws, "isac").stat().st_mode) == 0o600


def test_change_expire_delete_and_the_delta_holds_each(
    ws: Workspace, subscribe: Subscribe, watch: Watch, door: Memory
) -> None:
    feed = subscribe("acme", [indicator(n) for n in range(4)])
    sync(ws)
    expires = Fields(expires=watch.now + timedelta(days=1), title="t")
    apply(ws, edit.plan_add(ws, ["brief.example.com"], expires).plan)
    to = partner(unmarked_as="green")
    given(ws, door, to)
    assert door.live == {"brief.example.com", *(f"h{n}.example.com" for n in range(4))}
    watch.turn(days=2)
    changed = indicator(1, name="Renamed", modified="2026-06-03T00:00:00.000Z")
    feed.publish([indicator(0), changed, indicator(2)], watch.now)
    sync(ws)
    prepared = prepare(ws, to)
    assert {v.named[1] for v in prepared.of(Step.WITHDRAWN)} == {
        "brief.example.com",
        "h3.example.com",
    }
    assert set(prepared.why_withdrawn.values()) == {"left_the_list"}
    assert "h1.example.com" in {v.named[1] for v in prepared.of(Step.CHANGED)}
    given(ws, door, to)
    assert door.live == {f"h{n}.example.com" for n in range(3)}
    named = {i["name"]: i for i in door.holds.values()}
    assert named["Renamed"]["created"] < named["Renamed"]["modified"]
    assert send(ws, to, door, unheard).delivery is None


def test_what_is_no_longer_permitted_is_withdrawn_without_a_word(
    ws: Workspace, subscribe: Subscribe, watch: Watch, door: Memory
) -> None:
    feed = subscribe("acme", [indicator(n) for n in range(3)])
    sync(ws)
    given(ws, door)
    watch.turn(hours=1)
    later = "2026-06-01T12:30:00.000Z"
    red = indicator(
        1, name="canary", description="canary", modified=later, object_marking_refs=[RED]
    )
    feed.publish([indicator(0), red, indicator(2)], watch.now)
    sync(ws)
    prepared = given(ws, door, partner(filter='-"h2.example.com"'))
    assert door.live == {"h0.example.com"}
    assert sorted(prepared.why_withdrawn.values()) == ["left_the_filter", "tlp_above_ceiling"]
    data = b"".join(document.data for document in door.shipments[1].files)
    assert b"canary" not in data
    assert RED.encode() not in data
    assert b"tlp_above" not in data


def test_failures_stay_due_and_go_with_the_next(
    ws: Workspace, subscribe: Subscribe, door: Memory
) -> None:
    subscribe("acme", [indicator(n) for n in range(3)])
    sync(ws)
    due = prepare(ws, partner()).versions
    door.refuses = {due[0].entry.id}
    done = send(ws, partner(), door, unheard)
    assert done.delivery is not None
    assert list(done.delivery.failed) == [due[0].entry.id]
    assert len(door.live) == 2
    door.refuses = set()
    again = given(ws, door)
    assert [v.item for v in again.versions] == [due[0].item]
    assert len(door.live) == 3


def test_a_delivery_cut_off_is_repeated_as_it_was(
    ws: Workspace, subscribe: Subscribe, door: Memory, watch: Watch
) -> None:
    subscribe("acme", [indicator(n) for n in range(3)])
    sync(ws)
    door.breaks = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        given(ws, door)
    door.breaks = None
    watch.turn(hours=1)
    assert steps(given(ws, door)) == (3, 0, 0)
    first, second = (s.files[0].data for s in door.shipments)
    assert first == second
    assert [s.stem for s in door.shipments] == ["isac-000001"] * 2


def test_what_may_have_arrived_is_withdrawn_too(
    ws: Workspace, subscribe: Subscribe, door: Memory, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(n) for n in range(3)])
    sync(ws)
    door.breaks = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        given(ws, door)
    door.breaks = None
    watch.turn(hours=1)
    feed.publish([indicator(0), indicator(1)], watch.now)
    sync(ws)
    assert steps(given(ws, door)) == (2, 0, 1)
    assert door.live == {"h0.example.com", "h1.example.com"}


def test_a_door_that_delivered_nothing_leaves_nothing_to_withdraw(
    ws: Workspace, subscribe: Subscribe, door: Memory, watch: Watch
) -> None:
    feed = subscribe("acme", [indicator(n) for n in range(3)])
    sync(ws)

    class Shut(Memory):
        def deliver(self, shipment: Shipment, progress: Progress) -> Delivery:
            progress(0, len(shipment.carried))
            raise ExportError("the disk is full")

    with pytest.raises(ExportError):
        given(ws, Shut())
    assert sent_to(ws, "isac").bundles == ()
    watch.turn(hours=1)
    feed.publish([indicator(0), indicator(1)], watch.now)
    sync(ws)
    assert steps(given(ws, door)) == (2, 0, 0)


def test_a_full_disk_before_delivery_delivers_nothing(
    ws: Workspace, subscribe: Subscribe, door: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)

    def full(path: Path, _: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(partnering, "write_sent", full)
        with pytest.raises(ExportError, match="No space left") as caught:
            given(ws, door)
    assert "nothing was delivered" in caught.value.hint
    assert door.shipments == []


def test_a_full_disk_after_delivery_sends_the_same_again(
    ws: Workspace, subscribe: Subscribe, door: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    calls: list[Path] = []

    def full_later(path: Path, sent: Any) -> None:  # noqa: ANN401 - passed on
        calls.append(path)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        real(path, sent)

    real = write_sent
    with monkeypatch.context() as patch:
        patch.setattr(partnering, "write_sent", full_later)
        with pytest.raises(ExportError, match="delivered to memory, but"):
            given(ws, door)
    assert steps(given(ws, door)) == (1, 0, 0)
    assert door.shipments[0].files[0] == door.shipments[1].files[0]


def test_preview_and_a_bare_file_advance_nothing(
    ws: Workspace, subscribe: Subscribe, tmp_path: Path
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    out = tmp_path / "out.json"
    for _ in range(2):
        prepared = prepare(ws, partner())
        OutDoor(out).deliver(prepared.shipment, unheard)
        assert steps(prepared) == (1, 0, 0)
    assert not sent_path(ws, "isac").exists()
    assert sorted(p.name for p in tmp_path.glob("out*")) == ["out.json", "out.manifest.json"]
    assert orjson.loads(out.read_bytes())["id"] == prepared.shipment.manifest.bundle


def test_many_withdrawals_at_once_need_a_persons_word(
    ws: Workspace, subscribe: Subscribe, door: Memory
) -> None:
    subscribe("acme", [indicator(n) for n in range(6)])
    sync(ws)
    ws.settings = ws.settings.model_copy(update={"brake": Brake(count=3, percent=10)})
    given(ws, door)
    none = partner(filter="type:sha256")
    for agreed in (0, 5):
        with pytest.raises(HeldBack, match="6 of the 6 indicators") as caught:
            given(ws, door, none, agreed=agreed)
        assert "--withdraw 6" in caught.value.hint
    assert len(door.live) == 6
    given(ws, door, none, agreed=6)
    assert door.live == set()


def test_a_broken_feed_definition_withdraws_nothing(
    ws: Workspace, subscribe: Subscribe, door: Memory
) -> None:
    feed = subscribe("acme", [indicator(1)])
    sync(ws)
    given(ws, door)
    (ws.home.feeds_dir / feed.id / "feed.toml").write_text("id =", "utf-8")
    with pytest.raises(ExportError, match="terms of feed acme cannot be read"):
        given(ws, door)
    assert door.live == {"h1.example.com"}


def test_a_feed_may_forbid_to_pass_on_what_it_says(
    ws: Workspace, subscribe: Subscribe, door: Memory
) -> None:
    subscribe("acme", [indicator(1, name="canary"), indicator(2)], trust=90, title="Secretive",
              head="redistribute = false\n")  # fmt: skip
    subscribe("other", [indicator(1, name="Open word", id=indicator(9)["id"])])
    sync(ws)
    prepared = given(ws, door)
    assert door.live == {"h1.example.com"}
    assert [w.code for w in prepared.withheld] == ["redistribution_forbidden"]
    data = b"".join(document.data for document in door.shipments[0].files)
    for word in (b"canary", b"Secretive", b"acme", indicator(1)["id"].encode()):
        assert word not in data
    assert b"Open word" in data


def test_a_damaged_state_is_refused_and_left_alone(
    ws: Workspace, subscribe: Subscribe, door: Memory
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    given(ws, door)
    path = sent_path(ws, "isac")
    broken = path.read_bytes()[:-9]
    path.write_bytes(broken)
    with pytest.raises(StoreDamaged):
        given(ws, door)
    assert path.read_bytes() == broken


def test_read_only_sends_nothing(ws: Workspace, subscribe: Subscribe, door: Memory) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    ws.read_only = True
    assert steps(prepare(ws, partner())) == (1, 0, 0)
    with pytest.raises(UsageError, match="read-only"):
        given(ws, door)


def test_a_half_written_folder_is_completed_under_the_same_name(
    ws: Workspace, subscribe: Subscribe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(n) for n in range(3)])
    sync(ws)
    real, left = write_out, [1]

    def cut(path: Path, data: bytes) -> None:
        if not left.pop():
            raise KeyboardInterrupt
        left.append(0)
        real(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "write_out", cut)
        with pytest.raises(KeyboardInterrupt):
            send(ws, partner(), FolderDoor(tmp_path), unheard)
    assert not (tmp_path / "isac-000001.json").exists()
    send(ws, partner(), FolderDoor(tmp_path), unheard)
    assert sorted(p.name for p in tmp_path.glob("isac*")) == [
        "isac-000001.json",
        "isac-000001.manifest.json",
    ]


def test_every_withheld_row_has_its_reason(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1), indicator(2, object_marking_refs=[RED])])
    sync(ws)
    apply(ws, edit.plan_add(ws, ["by-hand.example.com"], Fields(title="t")).plan)
    prepared = prepare(ws, partner())
    assert prepared.asked == 3
    assert {(w.row.value, w.code) for w in prepared.withheld} == {
        ("h2.example.com", "tlp_above_ceiling"),
        ("by-hand.example.com", "tlp_unmarked"),
    }
    assert {code: n for code, n, _ in summary_of(prepared.withheld)} == {
        "tlp_above_ceiling": 1,
        "tlp_unmarked": 1,
    }


def test_two_deliveries_to_one_partner_never_overlap(
    ws: Workspace, subscribe: Subscribe, door: Memory
) -> None:
    """The second one is refused until the first is settled; one to somebody else is not."""
    subscribe("acme", [indicator(1), indicator(2)])
    sync(ws)
    other, seen = Memory(), list[int]()

    class Slow(Memory):
        def deliver(self, shipment: Shipment, progress: Progress) -> Delivery:
            with pytest.raises(StoreLocked, match="a delivery to isac is under way"):
                given(ws, door)
            seen.append(len(given(ws, other, partner(id="cert")).versions))
            return super().deliver(shipment, progress)

    slow = Slow()
    given(ws, slow)
    assert (seen, len(slow.live), door.shipments) == ([2], 2, [])
    assert given(ws, door).empty
    assert [bundle.number for bundle in sent_to(ws, "isac").bundles] == [1]


def test_a_delivery_that_died_keeps_nobody_out(
    ws: Workspace, subscribe: Subscribe, door: Memory
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws)
    door.breaks = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        given(ws, door)
    door.breaks = None
    assert steps(given(ws, door)) == (1, 0, 0)


def test_what_a_partner_takes_in_is_what_was_shared(
    ws: Workspace, subscribe: Subscribe, tmp_path: Path, watch: Watch
) -> None:
    sha, md5 = "1" * 64, "2" * 32
    subscribe(
        "acme",
        [
            indicator(1, description="d", kill_chain_phases=[
                {"kill_chain_name": "mitre-attack", "phase_name": "execution"}
            ]),
            indicator(2, f"[file:hashes.'SHA-256' = '{sha}' AND file:hashes.MD5 = '{md5}']"),
            indicator(3, "[url:value = 'http://h3.example.com/a?b=\\'c']", confidence=None),
            indicator(4, "[ipv6-addr:value = '2001:db8::7']"),
        ],
    )  # fmt: skip
    sync(ws)
    out = tmp_path / "out.json"
    OutDoor(out).deliver(prepare(ws, partner(extension=True)).shipment, unheard)
    home = Home(tmp_path / "other")
    home.ensure()
    home.config_file.write_text(DOCUMENTATION, "utf-8")
    other = Workspace.open(home, clock=watch)
    apply(other, plan_import(other, out, Origin.MANUAL).plan)

    def essence(held: Workspace) -> set[tuple[object, ...]]:
        return {
            (r.key, r.action, r.severity, r.title, r.description, r.expires, r.confidence, r.tlp,
             r.aliases, r.category)
            for r in rows(held)
        }  # fmt: skip

    assert essence(other) == essence(ws)
    assert len(essence(ws)) == 4


def test_tenants_deliver_side_by_side_and_are_not_named(
    ws: Workspace, home: Home, watch: Watch, tmp_path: Path
) -> None:
    other = Workspace.open(home, "merger-in-secret", clock=watch)
    fields = Fields(title="t", action=Action.ALERT_ONLY)
    to = partner(unmarked_as="green")
    ids = []
    for each in (ws, other):
        apply(each, edit.plan_add(each, ["h1.example.com"], fields).plan)
        ids += [v.entry.id for v in given(each, FolderDoor(tmp_path), to).versions]
    bundles = [p for p in tmp_path.glob("isac-*.json") if "manifest" not in p.name]
    assert len(bundles) == 2
    assert len(set(ids)) == 2
    assert all("secret" not in p.name and b"secret" not in p.read_bytes() for p in bundles)


def test_an_end_that_is_asked_for_in_time_sends_and_notes_nothing(
    ws: Workspace, subscribe: Subscribe, door: Memory
) -> None:
    subscribe("acme", [indicator(1)])
    sync(ws, confirm=lambda _: True)
    with pytest.raises(ExportError, match="interrupted"):
        given(ws, door, stop=lambda: True)
    assert door.shipments == []
    assert not sent_path(ws, "isac").exists()


@pytest.mark.parametrize("where", ["object_marking_refs", "granular_markings"])
def test_a_marking_that_cannot_be_read_keeps_its_object_back(
    ws: Workspace, subscribe: Subscribe, where: str
) -> None:
    """A feed may wrap its markings wrongly; its default is not for objects that have some."""
    wrong: dict[str, Any] = {where: {"marking_ref": RED}}
    subscribe("acme", [indicator(1), indicator(2, **wrong)])
    sync(ws)
    prepared = prepare(ws, partner())
    assert [(w.row.value, w.code) for w in prepared.withheld] == [
        ("h2.example.com", "marking_unknown")
    ]
    assert b"h2.example.com" not in prepared.shipment.files[0].data
