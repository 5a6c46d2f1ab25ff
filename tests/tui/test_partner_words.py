"""What is said of a delivery: before it leaves, asked, and of what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tidegate.partner import Delivery, Document, Manifest, Partner, Shipment, parse_partner
from tidegate.partner.sent import Bundle
from tidegate.service.partnering import Outcome, Prepared
from tidegate.tui.desks.partners import PartnerView, Showing
from tidegate.tui.partner_words import few_lines, lesson, outcome, place, question, showing_lines

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TAXII = {"kind": "taxii21", "url": "https://taxii.example.org/api1/", "collection": "inbox"}


def partner(**more: object) -> Partner:
    given = {"id": "isac", "tlp_max": "green", "identity": "Example", "delivery": TAXII}
    return parse_partner(given | more, "isac.toml")


def prepared(to: Partner | None = None, carried: int = 3) -> Prepared:
    who = to or partner()
    manifest = Manifest(who.id, 7, "bundle--1", NOW, "0" * 64, 1234, False, {"objects": 1})
    ids = frozenset(f"indicator--{n}" for n in range(carried))
    shipment = Shipment(who, (), ids, manifest, (Document(".json", b"{}"),))
    return Prepared(who, shipment, (), (), (), {}, held=5, unchanged=2)


def test_a_place_is_a_path_or_an_address() -> None:
    assert place(partner()) == "https://taxii.example.org/api1/collections/inbox/"
    assert place(partner(delivery={"kind": "file", "path": "out.json"})) == "out.json"


def test_earlier_deliveries_are_told_once_there_are_some() -> None:
    made = [Bundle(n, "b", "s", NOW, 4, n - 1, "x") for n in (1, 2)]
    view = PartnerView("isac", partner(), 4, tuple(made))
    text = [line for _, line in showing_lines(Showing(prepared(), made[-1], much=False), view)]
    assert "delivery  number 7, since number 2 of 2026-06-01 12:00 UTC" in text
    assert (
        "before    2: 2026-06-01 12:00 UTC, 4 accepted, 1 not taken; 1: 2026-06-01 12:00 UTC,"
        " 4 accepted"
    ) in text
    bare = showing_lines(Showing(prepared(), None, much=False), None)
    assert not any("before" in line for _, line in bare)


@pytest.mark.parametrize(
    ("unmarked", "said"), [(None, "unmarked rows stay"), ("amber", "are taken for TLP:AMBER")]
)
def test_what_unmarked_rows_are_taken_for_is_said(unmarked: str | None, said: str) -> None:
    found = Showing(prepared(partner(unmarked_as=unmarked)), None, much=False)
    assert any(said in line for _, line in showing_lines(found, None))


def test_a_fault_leaves_out_the_folders() -> None:
    view = PartnerView("isac", None, error="/home/ana/partners/isac.toml: no `tlp_max`")
    assert "✗ isac.toml: no `tlp_max`" in few_lines(view).plain
    assert "/home" not in few_lines(replace(view, partner=partner())).plain


def test_the_lesson_holds_the_template_and_its_remarks() -> None:
    found = lesson('id = "x"  # the name\n[delivery]\n', "/p")
    assert ("good", 'id = "x"') in found
    assert ("quiet", "# the name") in found
    assert any("/p/isac.toml" in text for _, text in found)


def test_a_question_names_number_place_and_size() -> None:
    asked, lines, verb = question(Showing(prepared(), None, much=False))
    assert (asked, verb) == ("Send number 7 to isac?", "Send")
    assert "to https://taxii.example.org/api1/collections/inbox/" in lines


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        (None, [("information", "nothing new for isac: nothing was sent")]),
        (
            Delivery(frozenset({"indicator--0"}), "there", done=False, note="2 were not sent"),
            [
                ("warning", "isac has 1 of 3 objects more"),
                ("warning", "2 were not sent; what did not arrive goes with the next delivery"),
            ],
        ),
        (
            Delivery(prepared().shipment.carried, "there", note="a definition was not taken"),
            [
                (
                    "information",
                    "sent to isac: +0 new ~0 changed -0 withdrawn, 2 unchanged, 0 withheld",
                ),
                ("warning", "a definition was not taken"),
            ],
        ),
    ],
)
def test_what_became_of_it(delivery: Delivery | None, said: list[tuple[str, str]]) -> None:
    assert outcome(Outcome(prepared(), delivery)) == said


def test_many_failures_are_told_in_few_sentences() -> None:
    failed = {f"indicator--{number:02}": "no" for number in range(8)}
    said = outcome(Outcome(prepared(carried=8), Delivery(frozenset(), "there", failed)))
    assert [grave for grave, _ in said] == ["warning", "warning", *["error"] * 6]
    assert said[2][1] == "not taken: indicator--00: no"
    assert said[-1][1] == "and 3 more were not taken"
