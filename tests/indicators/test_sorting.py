from __future__ import annotations

import pytest

from tidegate.errors import UsageError
from tidegate.indicators.sorting import SORTS, Order, read_order
from tui.stage import make_row

ROWS = [make_row(number) for number in range(30)]


@pytest.mark.parametrize("key", SORTS)
def test_every_order_sorts_and_turns_round(key: str) -> None:
    up, down = Order(key).sorted(ROWS), Order(key, down=True).sorted(ROWS)
    values = [SORTS[key][1](row) for row in up]
    assert values == sorted(values)  # type: ignore[type-var]  # each key yields one comparable type
    assert [SORTS[key][1](row) for row in down] == values[::-1]
    assert {row.id for row in up} == {row.id for row in ROWS}


@pytest.mark.parametrize("order", [Order(), Order("expires"), Order("feed", down=True)])
def test_what_is_written_is_read_again(order: Order) -> None:
    assert read_order(str(order)) == order


def test_an_unknown_order_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean severity"):
        read_order("severty")


def test_choosing_the_same_again_turns_it_round() -> None:
    assert Order().chosen("value") == Order("value")
    assert Order("value").chosen("value") == Order("value", down=True)
