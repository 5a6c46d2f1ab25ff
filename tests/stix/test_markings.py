"""TLP by id: both generations, strictest wins, impostors are ignored."""

from __future__ import annotations

import itertools

import pytest

from tidegate.stix.markings import LEVELS, others_of, strictest, tlp_of

WHITE = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
AMBER_STRICT = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
AMBER_STRICT_OPENCTI = "marking-definition--826578e1-40ad-459f-bc73-ede076f81f37"
RED_2 = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
STATEMENT = "marking-definition--00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("refs", "level"),
    [
        ((), None),
        ((STATEMENT,), None),
        ((WHITE,), "clear"),
        (("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",), "green"),
        (("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",), "amber"),
        (("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",), "red"),
        (("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",), "clear"),
        (("marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",), "green"),
        (("marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",), "amber"),
        ((AMBER_STRICT,), "amber+strict"),
        ((AMBER_STRICT_OPENCTI,), "amber+strict"),
        ((RED_2,), "red"),
        ((WHITE, STATEMENT, AMBER_STRICT), "amber+strict"),
        ((RED_2, WHITE), "red"),
    ],
)
def test_level_of_refs(refs: tuple[str, ...], level: str | None) -> None:
    assert tlp_of(refs) == level


def test_strictest_is_the_last_in_order() -> None:
    for size in (1, 2, 3):
        for some in itertools.permutations(LEVELS, size):
            assert strictest(None, *some) == max(some, key=LEVELS.index)


def test_an_unknown_level_is_not_taken_for_a_low_one() -> None:
    with pytest.raises(ValueError, match="not a TLP level"):
        strictest("clear", "purple")


def test_what_is_no_level_is_told_apart_and_never_lost() -> None:
    assert others_of((WHITE, RED_2, AMBER_STRICT_OPENCTI)) == ()
    assert others_of((STATEMENT, WHITE, STATEMENT, "x")) == (STATEMENT, "x")
