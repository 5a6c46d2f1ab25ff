"""The test server itself is honest when it is told to be: the library alone reads it."""

from taxii2client.v21 import Collection, as_pages

from servers.loopback_taxii import COLLECTION, LoopbackTaxii, added, indicators


def test_the_library_reads_it() -> None:
    with LoopbackTaxii(indicators(25)) as server:
        collection = Collection(f"{server.url}collections/{COLLECTION}/")
        read = [page["objects"] for page in as_pages(collection.get_objects, per_request=10)]
        collection.close()
    assert [len(page) for page in read] == [10, 10, 5]
    assert [each["name"] for page in read for each in page] == [f"Sample {n}" for n in range(25)]


def test_times_rise_and_can_be_shared() -> None:
    assert added(0) == added(9, per_time=10) < added(10, per_time=10)
