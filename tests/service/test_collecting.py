"""The collector is off meanwhile, and afterwards as it was."""

import gc
from collections.abc import Iterator

import pytest

from tidegate.service import collecting
from tidegate.service.collecting import uncollected


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_it_is_off_meanwhile_and_on_again_even_after_a_fault() -> None:
    def fails() -> None:
        with uncollected():
            assert not gc.isenabled()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert gc.isenabled()


def test_what_was_off_stays_off() -> None:
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()


def test_much_that_is_left_over_is_taken_off_its_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "_MANY", 100)
    before = gc.get_freeze_count()
    with uncollected():
        kept = [[number] for number in range(1_000)]
    assert len(kept) == 1_000
    assert gc.get_freeze_count() > before
