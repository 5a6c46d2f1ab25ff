"""An answer is waited for until somebody asks for an end."""

import threading
from collections.abc import Callable

import pytest

from tidegate.errors import FeedRefused
from tidegate.taxii.stopping import Stopped, heed, never, unless


def going() -> bool:
    return False


@pytest.mark.parametrize("stop", [never, going])
def test_what_comes_back_is_handed_on_and_so_is_a_fault(stop: Callable[[], bool]) -> None:
    def fails() -> int:
        raise FeedRefused("no", "ask why")

    assert unless(stop, lambda: 7) == 7
    assert unless(stop, lambda: None) is None
    with pytest.raises(FeedRefused, match="no"):
        unless(stop, fails)


def test_nobody_waits_for_a_silent_one_and_nothing_is_asked_after_the_end() -> None:
    answered, asked = threading.Event(), threading.Event()

    def silent() -> None:
        asked.set()
        answered.wait(30)

    with pytest.raises(Stopped):
        unless(asked.is_set, silent)
    assert not answered.is_set()
    answered.set()
    with pytest.raises(Stopped):
        unless(asked.is_set, lambda: pytest.fail("it was asked"))


def test_an_end_is_heeded() -> None:
    heed(never)
    with pytest.raises(Stopped, match="interrupted"):
        heed(lambda: True)
