"""The ledger: what each feed said last, no matter in which pages or in which order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.builders import NOW, held_indicators
from tidegate.errors import ConfigError, StoreDamaged, StoreLocked
from tidegate.ledger.ledger import FeedState, Ledger, Object
from tidegate.ledger.link import Link
from tidegate.ledger.refused import contested, refusals

LATER = NOW + timedelta(days=1)


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def indicator(number: int, modified: str = "2026-01-01T00:00:00Z", **fields: Any) -> Object:  # noqa: ANN401 - any STIX property
    return {
        "type": "indicator",
        "id": f"indicator--{number}",
        "modified": modified,
        **fields,
    }


def pull(
    ledger: Ledger,
    *pages: Sequence[Object],
    feed: str = "f",
    whole: bool = False,
    cursor: str | None = None,
    finish: bool = True,
    source: str = "",
) -> int:
    run = ledger.start_run(feed, NOW, source=source)
    for page in pages:
        ledger.add_page(feed, run, page, junk=0, cursor=cursor, whole=whole, now=NOW)
    if finish:
        ledger.finish_run(feed, run, whole=whole, published=None, now=NOW)
    return run


def names(ledger: Ledger, feed: str = "f") -> dict[str, object]:
    return {item["id"]: item.get("name") for item in held_indicators(ledger, feed)}


# -- pages and cursors ---------------------------------------------------------------------------


def test_a_feed_that_was_never_pulled_is_blank(ledger: Ledger) -> None:
    assert ledger.feed("f") == FeedState("f")
    assert ledger.count_objects("f") == (0, 0)
    assert list(held_indicators(ledger, "f")) == []
    assert ledger.object("f", "indicator--1") is None


def test_objects_come_back_as_they_were_delivered(ledger: Ledger, tmp_path: Path) -> None:
    item = indicator(1, name="„ü“\u202e", x_custom={"deep": [1, 2.5, None, True]})
    pull(ledger, [item, {"type": "malware", "id": "malware--1", "name": "M"}])
    again = Ledger(tmp_path / "ledger.sqlite")
    for each in (ledger, again):
        assert each.object("f", "indicator--1") == item
        assert list(held_indicators(each, "f")) == [item]
        assert each.count_objects("f") == (2, 1)
    again.close()


def test_a_run_is_written_down(ledger: Ledger) -> None:
    run = ledger.start_run("f", NOW)
    ledger.add_page("f", run, [indicator(1)], junk=2, cursor="one", whole=False, now=NOW)
    ledger.add_page("f", run, [indicator(2)], junk=1, cursor="two", whole=False, now=NOW)
    ledger.finish_run("f", run, whole=False, published=NOW, now=LATER)
    assert ledger.feed("f") == FeedState(
        "f", "two", published=NOW, last_attempt=NOW, last_success=LATER, fetched=5, junk=3
    )


def test_a_page_without_a_cursor_keeps_the_one_before(ledger: Ledger) -> None:
    pull(ledger, [indicator(1)], cursor="one")
    pull(ledger, [indicator(2)], cursor=None)
    assert ledger.feed("f").cursor == "one"


def test_the_next_run_counts_from_nothing_and_has_a_higher_number(ledger: Ledger) -> None:
    first = pull(ledger, [indicator(1), indicator(2)])
    second = pull(ledger, [indicator(1)])
    assert second > first
    assert ledger.feed("f").fetched == 1


def test_a_page_and_its_cursor_land_together_or_not_at_all(ledger: Ledger) -> None:
    run = pull(ledger, [indicator(1)], cursor="one", finish=False)

    def broken() -> Iterator[Object]:
        yield indicator(2)
        yield indicator(3, unserialisable={1, 2})

    with pytest.raises(TypeError):
        ledger.add_page("f", run, broken(), junk=0, cursor="two", whole=False, now=NOW)
    # A fault of the disk in between: the objects are there already, the cursor is not.
    ledger.link.execute(
        "CREATE TRIGGER full BEFORE UPDATE OF cursor ON feed "
        "BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END"
    )
    with pytest.raises(StoreDamaged, match="disk full"):
        ledger.add_page("f", run, [indicator(4)], junk=0, cursor="two", whole=False, now=NOW)
    ledger.link.execute("DROP TRIGGER full")
    assert names(ledger).keys() == {"indicator--1"}
    assert (ledger.feed("f").cursor, ledger.feed("f").fetched) == ("one", 1)
    ledger.add_page("f", run, [indicator(4)], junk=0, cursor="two", whole=False, now=NOW)
    assert ledger.feed("f").cursor == "two"


def test_a_page_seen_twice_counts_once(ledger: Ledger) -> None:
    page = [indicator(1), indicator(2), {"type": "indicator", "name": "without id"}]
    pull(ledger, page, page)
    assert ledger.count_objects("f") == (3, 3)


def test_a_failed_run_keeps_what_landed_and_says_why(ledger: Ledger) -> None:
    pull(ledger, [indicator(1)], cursor="one", finish=False)
    ledger.fail_run("f", "connection reset")
    state = ledger.feed("f")
    assert (state.error, state.cursor, state.last_success) == ("connection reset", "one", None)
    assert names(ledger).keys() == {"indicator--1"}
    pull(ledger)
    assert ledger.feed("f").error == ""


def test_a_second_writer_waits_and_is_then_told(ledger: Ledger) -> None:
    other = Ledger(ledger.path)
    other.link.execute("PRAGMA busy_timeout = 50")
    with ledger.transaction(), pytest.raises(StoreLocked, match="is in use"):
        other.start_run("f", NOW)
    other.start_run("f", NOW)
    other.close()


def test_a_fault_of_ours_inside_a_transaction_takes_everything_back(ledger: Ledger) -> None:
    def fault(link: Link) -> None:
        link.execute("INSERT INTO feed (id) VALUES ('f')")
        raise RuntimeError

    with pytest.raises(RuntimeError), ledger.transaction() as link:
        fault(link)
    assert ledger.feed("f").last_attempt is None
    assert ledger.start_run("f", NOW) == 1


def test_a_commit_that_fails_is_taken_back(ledger: Ledger) -> None:
    ledger.link.execute("PRAGMA foreign_keys = ON")
    ledger.link.execute("CREATE TABLE child (f REFERENCES feed (id) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(StoreDamaged, match="FOREIGN KEY"), ledger.transaction() as link:
        link.execute("INSERT INTO child VALUES ('nobody')")
    assert not ledger.link.in_transaction
    assert ledger.start_run("f", NOW) == 1


def test_damage_in_the_file_is_reported_as_such(ledger: Ledger) -> None:
    with pytest.raises(StoreDamaged, match=r"ledger\.sqlite"), ledger.transaction():
        raise sqlite3.DatabaseError("database disk image is malformed")


# -- versions ------------------------------------------------------------------------------------


def test_an_older_version_never_overwrites_a_newer(ledger: Ledger) -> None:
    pull(ledger, [indicator(1, "2026-01-02T00:00:00Z", name="new")])
    pull(ledger, [indicator(1, "2026-01-01T00:00:00Z", name="old")])
    assert names(ledger) == {"indicator--1": "new"}
    pull(ledger, [indicator(1, "2026-01-02T00:00:00Z", name="corrected in place")])
    assert names(ledger) == {"indicator--1": "new"}
    assert contested(ledger, "f") == {"indicator--1"}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("2026-01-01T00:00:09.6Z", "2026-01-01T00:00:09.64Z"),
        ("2026-01-01T00:00:09Z", "2026-01-01T00:00:09.001Z"),
        ("2026-01-01T00:00:09.999Z", "2026-01-01T00:00:10Z"),
        ("2026-01-01T10:00:00+05:00", "2026-01-01T06:00:00Z"),
        ("2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00.2Z"),
        ("2026-01-01t00:00:00z", "2026-01-01T00:00:01Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:01Z"),
        ("last Tuesday", "1970-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59-01:00", "1970-01-01T00:00:00Z"),
        (7, "1970-01-01T00:00:00Z"),
    ],
)
def test_timestamps_compare_as_times(ledger: Ledger, older: Any, newer: str) -> None:  # noqa: ANN401 - a feed may write anything
    for number, order in enumerate([(older, newer), (newer, older)]):
        for modified in order:
            pull(ledger, [indicator(number, modified, name=str(modified))])
    assert set(names(ledger).values()) == {newer}


def test_created_stands_in_for_a_missing_modified(ledger: Ledger) -> None:
    new = indicator(1, name="b", created="2026-01-02T00:00:00Z")
    del new["modified"]
    pull(ledger, [new])
    pull(ledger, [indicator(1, "2026-01-01T00:00:00Z", name="a")])
    assert names(ledger) == {"indicator--1": "b"}


versions = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 5), st.booleans()),
    max_size=8,
    unique_by=lambda v: v[:2],
)


@given(versions, st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=20)
def test_order_and_pages_never_matter(
    tmp_path_factory: pytest.TempPathFactory,
    found: list[tuple[int, int, bool]],
    dice: Any,  # noqa: ANN401 - random.Random as hypothesis plays it
    size: int,
) -> None:
    results = []
    for _ in range(2):
        dice.shuffle(found)
        items = [
            indicator(n, f"2026-01-01T00:00:0{at}Z", name=str(at), revoked=gone)
            for n, at, gone in found
        ]
        ledger = Ledger(tmp_path_factory.mktemp("order") / "ledger.sqlite")
        pull(ledger, *(items[i : i + size] for i in range(0, len(items), size)))
        results.append(sorted(held_indicators(ledger, "f"), key=lambda item: str(item["id"])))
        ledger.close()
    assert results[0] == results[1]
    assert {i["id"]: (i["name"], i["revoked"]) for i in results[0]} == {
        f"indicator--{n}": _in_force([(at, gone) for m, at, gone in found if m == n])
        for n, _, _ in found
    }


def _in_force(found: list[tuple[int, bool]]) -> tuple[str, bool]:
    """The newest revocation, or else the newest version."""
    gone, at = max((gone, at) for at, gone in found)
    return str(at), gone


@pytest.mark.parametrize("whole", [False, True])
def test_revoked_stays_revoked(ledger: Ledger, whole: bool) -> None:  # noqa: FBT001 - parametrised
    pull(ledger, [indicator(1, revoked=True, name="gone")], whole=whole)
    pull(ledger, [indicator(1, "2026-02-01T00:00:00Z", name="back again")], whole=whole)
    (item,) = held_indicators(ledger, "f")
    assert (item["revoked"], item["name"]) == (True, "gone")
    assert [r.code for r in refusals(ledger, "f")] == ["revocation_withdrawn"]


def test_a_revocation_that_arrives_late_still_counts(ledger: Ledger) -> None:
    pull(ledger, [indicator(1, "2026-02-01T00:00:00Z", name="new")])
    pull(ledger, [indicator(1, "2026-01-01T00:00:00Z", name="old", revoked=True)])
    (item,) = held_indicators(ledger, "f")
    assert (item["revoked"], item["name"]) == (True, "old")
    assert [r.code for r in refusals(ledger, "f")] == ["revocation_withdrawn"]


def test_only_true_revokes(ledger: Ledger) -> None:
    pull(ledger, [indicator(1, revoked="true"), indicator(2, revoked=1), indicator(3)])
    assert [item.get("revoked") for item in held_indicators(ledger, "f")] == ["true", 1, None]


# -- whole publications --------------------------------------------------------------------------


def test_a_whole_publication_forgets_what_is_gone(ledger: Ledger) -> None:
    pull(ledger, [indicator(1)], [indicator(2)], whole=True)
    pull(ledger, [indicator(2)], [indicator(3)], whole=True)
    assert names(ledger).keys() == {"indicator--2", "indicator--3"}
    pull(ledger, whole=True)
    assert names(ledger) == {}


def test_an_incremental_feed_forgets_nothing(ledger: Ledger) -> None:
    pull(ledger, [indicator(1)])
    pull(ledger, [indicator(2)])
    assert names(ledger).keys() == {"indicator--1", "indicator--2"}


def test_a_whole_publication_that_broke_off_forgets_nothing(ledger: Ledger) -> None:
    pull(ledger, [indicator(1), indicator(2)], whole=True)
    pull(ledger, [indicator(2)], whole=True, finish=False)
    ledger.fail_run("f", "cut off")
    assert names(ledger).keys() == {"indicator--1", "indicator--2"}


def test_a_whole_publication_replaces_even_by_an_older_version(ledger: Ledger) -> None:
    pull(ledger, [indicator(1, "2026-01-02T00:00:00Z", name="as published before")], whole=True)
    pull(ledger, [indicator(1, "2026-01-01T00:00:00Z", name="as published now")], whole=True)
    assert names(ledger) == {"indicator--1": "as published now"}


@pytest.mark.parametrize("order", [("1", "2"), ("2", "1")])
def test_within_one_publication_the_later_version_wins(
    ledger: Ledger, order: tuple[str, str]
) -> None:
    pull(ledger, [indicator(1, "2026-03-01T00:00:00Z", name="before")], whole=True)
    items = [indicator(1, f"2026-01-0{day}T00:00:00Z", name=day) for day in order]
    pull(ledger, items[:1], items[1:], whole=True)
    assert names(ledger) == {"indicator--1": "2"}


def test_the_cursor_of_a_whole_publication_holds_from_its_end_to_the_next_ones_first_page(
    ledger: Ledger,
) -> None:
    def finish(run: int, cursor: str | None, *, whole: bool = True) -> None:
        ledger.finish_run("f", run, whole=whole, published=None, now=NOW, cursor=cursor)

    run = pull(ledger, [indicator(1)], [indicator(2)], whole=True, cursor="one", finish=False)
    assert ledger.feed("f").cursor is None
    finish(run, "one")
    assert ledger.feed("f").cursor == "one"
    finish(pull(ledger, finish=False), None, whole=False)  # the publication as before
    assert ledger.feed("f").cursor == "one"
    assert names(ledger).keys() == {"indicator--1", "indicator--2"}
    slow = pull(ledger, [indicator(2)], whole=True, finish=False)
    assert ledger.feed("f").cursor is None
    quick = pull(ledger, [indicator(3)], whole=True, finish=False)
    finish(slow, "two")
    assert ledger.feed("f").cursor is None, "not of what the ledger holds"
    finish(quick, "three")
    assert ledger.feed("f").cursor == "three"
    pull(ledger, source="elsewhere", finish=False)
    assert ledger.feed("f").cursor is None


# -- two pulls at once ---------------------------------------------------------------------------


def test_run_numbers_never_come_twice(ledger: Ledger) -> None:
    other = Ledger(ledger.path)
    assert ledger.start_run("f", NOW) < other.start_run("f", NOW) < ledger.start_run("f", NOW)
    last = pull(ledger, [indicator(1)], whole=True)
    assert pull(ledger, whole=True) > last  # now nothing is left to count from
    assert pull(ledger, whole=True) > last + 1
    other.close()


@pytest.mark.parametrize("first_done", ["slow", "quick"])
def test_a_slow_pull_takes_nothing_from_a_later_one(ledger: Ledger, first_done: str) -> None:
    pull(ledger, [indicator(9)], whole=True)
    other = Ledger(ledger.path)
    slow, quick = ledger.start_run("f", NOW), other.start_run("f", NOW)

    def page(of: Ledger, run: int, *items: Object) -> None:
        of.add_page("f", run, items, junk=0, cursor=None, whole=True, now=NOW)

    page(ledger, slow, indicator(1, name="slow"), indicator(2, name="slow"))
    page(other, quick, indicator(1, name="quick"), indicator(3, name="quick"))
    page(ledger, slow, indicator(3, "2026-02-01T00:00:00Z", name="slow"))
    order = [(ledger, slow), (other, quick)]
    for of, run in order if first_done == "slow" else reversed(order):
        of.finish_run("f", run, whole=True, published=None, now=NOW)
    assert names(ledger) == {"indicator--1": "quick", "indicator--3": "quick"}
    other.close()


# -- another source ------------------------------------------------------------------------------


def test_the_same_source_keeps_its_cursor(ledger: Ledger) -> None:
    pull(ledger, [indicator(1)], cursor="one", source="a")
    pull(ledger, [indicator(2)], source="a")
    assert ledger.feed("f").cursor == "one"
    assert names(ledger).keys() == {"indicator--1", "indicator--2"}


def test_another_source_starts_anew_and_replaces_the_old_when_it_is_read(ledger: Ledger) -> None:
    pull(ledger, [indicator(1), indicator(2)], cursor="of a", source="a")
    run = ledger.start_run("f", LATER, source="b")
    assert ledger.feed("f").cursor is None
    assert names(ledger).keys() == {"indicator--1", "indicator--2"}
    ledger.add_page("f", run, [indicator(3)], junk=0, cursor="of b", whole=False, now=LATER)
    assert names(ledger).keys() == {"indicator--1", "indicator--2", "indicator--3"}
    ledger.finish_run("f", run, whole=False, published=None, now=LATER)
    assert names(ledger).keys() == {"indicator--3"}
    assert ledger.feed("f").cursor == "of b"
    pull(ledger, [indicator(4)], source="b")
    assert names(ledger).keys() == {"indicator--3", "indicator--4"}


def test_a_new_source_that_fails_keeps_the_last_good_and_finishes_later(ledger: Ledger) -> None:
    pull(ledger, [indicator(1)], cursor="of a", source="a")
    pull(ledger, source="b", finish=False)
    assert names(ledger).keys() == {"indicator--1"}
    pull(ledger, [indicator(2)], cursor="half of b", source="b", finish=False)
    assert names(ledger).keys() == {"indicator--1", "indicator--2"}
    assert ledger.feed("f").cursor == "half of b"
    pull(ledger, [indicator(3)], source="b")
    assert names(ledger).keys() == {"indicator--2", "indicator--3"}


def test_going_back_to_the_old_source_is_another_change(ledger: Ledger) -> None:
    pull(ledger, [indicator(1)], cursor="of a", source="a")
    pull(ledger, [indicator(2)], cursor="of b", source="b", finish=False)
    pull(ledger, [indicator(3)], source="a")
    assert names(ledger).keys() == {"indicator--3"}
    assert ledger.feed("f").cursor is None


def test_versions_and_revocations_of_another_source_do_not_count(ledger: Ledger) -> None:
    newer = indicator(1, "2026-05-01T00:00:00Z", name="a", revoked=True)
    pull(ledger, [newer], source="a")
    pull(ledger, [indicator(1, "2026-01-01T00:00:00Z", name="b")], source="b")
    (item,) = held_indicators(ledger, "f")
    assert (item["name"], item.get("revoked")) == ("b", None)


def test_the_date_of_a_publication_leaves_with_its_source(ledger: Ledger) -> None:
    for source, published, shown in (("a", NOW, NOW), ("a", None, NOW), ("b", None, None)):
        run = ledger.start_run("f", NOW, source=source)
        ledger.finish_run("f", run, whole=True, published=published, now=LATER)
        assert ledger.feed("f").published == shown


def test_a_slow_pull_from_the_old_source_leaves_the_new_cursor_alone(ledger: Ledger) -> None:
    slow = ledger.start_run("f", NOW, source="a")
    quick = ledger.start_run("f", NOW, source="b")
    ledger.add_page("f", slow, [indicator(1)], junk=0, cursor="of a", whole=False, now=NOW)
    assert ledger.feed("f").cursor is None
    ledger.finish_run("f", slow, whole=False, published=None, now=NOW)
    ledger.finish_run("f", quick, whole=False, published=None, now=NOW)
    assert names(ledger) == {}


# -- feeds among themselves ----------------------------------------------------------------------


def test_feeds_are_namespaces_of_their_own(ledger: Ledger) -> None:
    pull(ledger, [indicator(1, name="f says")], cursor="of f")
    pull(
        ledger,
        [indicator(1, "2027-01-01T00:00:00Z", name="g says", revoked=True)],
        feed="g",
        whole=True,
    )
    pull(ledger, feed="g", whole=True)
    (item,) = held_indicators(ledger, "f")
    assert (item["name"], item.get("revoked")) == ("f says", None)
    assert list(held_indicators(ledger, "g")) == []
    assert ledger.feed("f").cursor == "of f"
    assert ledger.feed("g").cursor is None


# -- odd objects ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ident", [None, "", 7, ["indicator--1"]])
def test_an_object_without_identity_is_kept_by_its_content(ledger: Ledger, ident: object) -> None:
    item = indicator(1) | {"id": ident}
    pull(ledger, [item, item, item | {"name": "another"}])
    found = list(held_indicators(ledger, "f"))
    assert len(found) == 2
    assert all(each["id"].startswith("unidentified--") for each in found)
    assert ledger.object("f", found[0]["id"]) is not None


def test_a_missing_type_is_read_off_the_id(ledger: Ledger) -> None:
    pull(ledger, [{"id": "indicator--1"}, {"id": "malware--1", "type": None}])
    assert ledger.count_objects("f") == (2, 1)


def test_objects_come_in_a_stable_order(ledger: Ledger) -> None:
    pull(ledger, [{**indicator(n), "type": "malware"} for n in (3, 1, 2)])
    found = [item["id"] for item in ledger.objects_of("f", ("malware",))]
    assert found == [f"indicator--{n}" for n in (1, 2, 3)]


def test_times_come_back_in_utc(ledger: Ledger) -> None:
    run = ledger.start_run("f", datetime(2026, 1, 1, tzinfo=UTC))
    ledger.finish_run("f", run, whole=False, published=None, now=LATER)
    state = ledger.feed("f")
    assert (state.last_attempt, state.last_success) == (datetime(2026, 1, 1, tzinfo=UTC), LATER)
    assert state.published is None


def test_pages_that_a_full_disk_undid_are_not_left_out_by_a_later_cursor(ledger: Ledger) -> None:
    run = ledger.start_run("acme", NOW)

    def page(number: int, **more: str) -> None:
        said = [{"type": "tool", "id": f"tool--{number}", **more}]
        ledger.add_page("acme", run, said, junk=0, cursor=str(number), whole=False, now=NOW)

    ledger.put_off_commits()
    page(1)
    (pages,) = ledger.link.execute("PRAGMA page_count").fetchone()
    ledger.link.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ConfigError, match="full"):
        page(2, name="x" * 100_000)
    ledger.link.execute("PRAGMA max_page_count = 1000000")
    with pytest.raises(ConfigError, match="could not be kept"):
        page(3)
    ledger.commit()
    assert (ledger.count_objects("acme"), ledger.feed("acme").cursor) == ((0, 0), None)
    page(1)
    assert ledger.feed("acme").cursor == "1"


def test_a_page_that_fails_takes_those_along_that_were_to_be_committed_with_it(
    ledger: Ledger,
) -> None:
    run = ledger.start_run("acme", NOW)

    def page(number: int, *more: Object) -> None:
        said = ({"type": "tool", "id": f"tool--{number}"}, *more)
        ledger.add_page("acme", run, said, junk=0, cursor=str(number), whole=False, now=NOW)

    page(1)
    ledger.put_off_commits()
    page(2)
    with pytest.raises(TypeError):
        page(3, {"type": "tool", "id": "tool--x", "name": object()})
    ledger.commit()
    assert (ledger.count_objects("acme"), ledger.feed("acme").cursor) == ((1, 0), "1")
    page(2)
    assert (ledger.count_objects("acme"), ledger.feed("acme").cursor) == ((2, 0), "2")
