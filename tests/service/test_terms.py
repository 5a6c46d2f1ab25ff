"""The terms of feeds, and what a free export does about them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from driving.homes import FeedFolder, indicator
from tidegate.errors import ExportError
from tidegate.export.eligible import Feeds
from tidegate.service import edit
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.look import rows
from tidegate.service.sharing import render
from tidegate.service.sync import sync
from tidegate.service.terms import terms_of, within_terms
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
STATEMENT = "marking-definition--00000000-0000-4000-8000-000000000000"
FORBIDS = "redistribute = false\n"
ACCEPTS = f'shareable_markings = ["{STATEMENT}"]\n'


def test_terms_are_what_the_feeds_say(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", title="Acme", head=FORBIDS)
    subscribe("other", title="Other", head=ACCEPTS)
    found = terms_of(ws, ())
    assert found.titles["acme"] == "Acme"
    assert found.forbidding & {"acme", "other"} == {"acme"}
    assert found.accepted == {"other": {STATEMENT}}


def test_terms_that_cannot_be_read_stop_what_needs_them(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", head="trust =")
    assert isinstance(terms_of(ws, ["other"]), Feeds)
    with pytest.raises(ExportError, match="terms of feed acme cannot be read"):
        terms_of(ws, ["acme"])


def test_a_free_export_leaves_out_what_a_feed_keeps_back(
    ws: Workspace, subscribe: Subscribe
) -> None:
    marked = indicator(3, object_marking_refs=[STATEMENT])
    subscribe("acme", [indicator(1), indicator(2)], head=FORBIDS)
    subscribe("other", [indicator(1), marked, indicator(4)])
    sync(ws)
    apply(ws, edit.plan_add(ws, ["mine.example.com"], Fields(title="t")).plan)
    kept, skipped = within_terms(ws, rows(ws))
    assert {row.value for row in kept} == {"h4.example.com", "mine.example.com"}
    assert {(skip.row.value, skip.code) for skip in skipped} == {
        ("h1.example.com", "redistribution_forbidden"),
        ("h2.example.com", "redistribution_forbidden"),
        ("h3.example.com", "marking_unknown"),
    }
    rendered = render(ws, "", tlp_max="red")
    assert rendered.written == 2
    assert {skip.code for skip in rendered.skipped} == {skip.code for skip in skipped}
    # The portal is the tenant's own: what is on its list may be there.
    assert render(ws, "", format_name="portal-csv", tlp_max="red").written == 5


def test_a_marking_that_was_read_goes(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1, object_marking_refs=[STATEMENT])], head=ACCEPTS)
    sync(ws)
    assert len(within_terms(ws, rows(ws))[0]) == 1
    assert STATEMENT.encode() in render(ws, "").files[0][1]
