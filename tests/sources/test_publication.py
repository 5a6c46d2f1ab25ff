"""A document is read whole or refused in one line; test_bundle_file.py has every shape of it."""

import pytest

from tidegate.errors import BundleError
from tidegate.sources.publication import PAGE_OBJECTS, Publication, read_publication
from tidegate.stix.repairs import NOT_A_BUNDLE

BUNDLE = b'{"type": "bundle", "objects": [{"type": "indicator", "id": "indicator--1"}, 7]}'
LIST = b'[{"type": "indicator", "id": "indicator--1"}]'


def test_what_is_in_it_is_told() -> None:
    assert read_publication(BUNDLE, "it", (), "x").counted() == "1 objects, 1 entries that are none"
    assert read_publication(LIST, "it", (), "x").counted() == "1 objects, not in a bundle"


def test_every_page_carries_date_and_cursor_and_the_first_one_the_rest() -> None:
    found = Publication([{"id": str(n)} for n in range(PAGE_OBJECTS + 1)], 3, (NOT_A_BUNDLE,))
    pages = list(found.pages(None, "c"))
    assert [len(page.objects) for page in pages] == [PAGE_OBJECTS, 1]
    assert [page.cursor for page in pages] == ["c", "c"]
    assert [page.junk for page in pages] == [3, 0]
    assert [page.repairs for page in pages] == [(NOT_A_BUNDLE,), ()]


@pytest.mark.parametrize("data", [b"", b"<html>", b"42", "{}".encode("utf-16")])
def test_a_refusal_names_the_document_and_the_fix(data: bytes) -> None:
    with pytest.raises(BundleError) as refused:
        read_publication(data, "the document", (), "mend it")
    assert refused.value.message.startswith("the document")
    assert "mend it" in refused.value.hint


def test_a_feed_may_insist_on_a_bundle() -> None:
    assert read_publication(BUNDLE, "it", (NOT_A_BUNDLE,), "x").repairs == ()
    assert read_publication(LIST, "it", (), "x").repairs == (NOT_A_BUNDLE,)
    with pytest.raises(BundleError, match="no STIX bundle, and this feed takes nothing else"):
        read_publication(LIST, "it", (NOT_A_BUNDLE,), "x")
