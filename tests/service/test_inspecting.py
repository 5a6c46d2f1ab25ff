"""One refused object, in whichever feeds have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from driving.homes import FeedFolder, indicator
from tidegate.errors import UsageError
from tidegate.ledger.link import Link, Rows
from tidegate.service.inspecting import inspect
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
RANGE = "[ipv4-addr:value = '198.51.100.0/24']"


def test_each_feed_has_its_own_object_and_reasons(ws: Workspace, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1, RANGE)])
    subscribe("beta", [indicator(1, "[domain-name:value = ")])
    subscribe("good", [indicator(1)])
    sync(ws)
    acme, beta = inspect(ws, indicator(1)["id"])
    assert (acme.feed, beta.feed) == ("acme", "beta")
    assert acme.raw == indicator(1, RANGE)
    assert acme.grammar == ""
    assert "refuses it, too" in beta.grammar
    ((rejection, remedy),) = acme.rejections
    assert (rejection.code, remedy.decided_by) == ("cidr", "value")


def test_a_refused_value_names_its_objects_with_all_their_rejections(
    ws: Workspace, subscribe: Subscribe
) -> None:
    both = "[ipv4-addr:value = '198.51.100.0/24' OR ipv4-addr:value = '10.0.0.1']"
    subscribe("acme", [indicator(1, both), indicator(2, RANGE), indicator(3)])
    sync(ws)
    found = inspect(ws, "198.51.100.0/24")
    assert {each.id for each in found} == {indicator(1)["id"], indicator(2)["id"]}
    (first,) = (each for each in found if each.id == indicator(1)["id"])
    assert {rejection.code for rejection, _ in first.rejections} == {
        "cidr",
        "guard_special_purpose",
    }


def test_an_object_that_has_gone_since_is_told_without_it(
    ws: Workspace, subscribe: Subscribe
) -> None:
    subscribe("acme", [indicator(1, "[domain-name:value = ")])
    sync(ws)
    ws.ledger.link.execute("DELETE FROM object")
    (found,) = inspect(ws, indicator(1)["id"])
    assert (found.raw, found.grammar) == (None, "")
    assert found.record()["object"] is None
    with pytest.raises(UsageError, match="refused nothing"):
        inspect(ws, "")


FIRST = {"created_by_ref": "identity--1", "name": "first"}
SECOND = {"created_by_ref": "identity--1", "name": "second"}


@pytest.mark.parametrize(
    ("first", "second", "code", "differs", "ends"),
    [
        (FIRST, SECOND, "conflicting_versions", ("name",), "a newer version ends it"),
        (
            FIRST,
            {"created_by_ref": "identity--2", "modified": "2026-03-01T00:00:00.000Z"},
            "other_creator",
            ("created_by_ref", "modified", "name"),
            "its own creator said stays in force",
        ),
        (
            {"revoked": True},
            {"modified": "2026-03-01T00:00:00.000Z"},
            "revocation_withdrawn",
            ("modified", "revoked"),
            "under a new id",
        ),
    ],
)
def test_versions_that_were_refused_are_there_with_what_ends_that(
    ws: Workspace,
    subscribe: Subscribe,
    first: dict[str, object],
    second: dict[str, object],
    code: str,
    differs: tuple[str, ...],
    ends: str,
) -> None:
    feed = subscribe("acme", [indicator(1, None, **first), indicator(1, None, **second)])
    sync(ws)
    (found,) = inspect(ws, indicator(1)["id"])
    (version,) = found.versions
    assert (version.code, set(version.differs) - {"name"}) == (code, set(differs) - {"name"})
    assert {str(found.raw), str(version.object)} == {
        str(indicator(1, None, **first)),
        str(indicator(1, None, **second)),
    }
    ((rejection, remedy),) = found.rejections
    assert rejection.code == code
    assert "versioning" in remedy.decided_by
    assert ends in remedy.change
    assert "tidegate feeds rewind acme" in remedy.change
    assert found.record()["versions"]
    feed.publish([indicator(1, None, **first)])
    sync(ws)
    with pytest.raises(UsageError, match="refused nothing"):
        inspect(ws, indicator(1)["id"])


def test_a_value_that_many_objects_hold_is_looked_for_once(
    ws: Workspace, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(n, RANGE) for n in range(30)])
    sync(ws)
    asked: list[str] = []
    execute = Link.execute

    def heard(link: Link, sql: str, values: Sequence[object] = ()) -> Rows:
        asked.append(sql)
        return execute(link, sql, values)

    monkeypatch.setattr(Link, "execute", heard)
    assert len(inspect(ws, "198.51.100.0/24")) == 30
    assert sum("FROM rejection" in sql for sql in asked) <= 2
