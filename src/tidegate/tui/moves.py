"""How the terminal calls the row of a change, and what it says of it in a line.

Pure, from the service's changes to strings. Refuses widgets.
"""

from __future__ import annotations

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.indicators.plan import Op
from tidegate.service.history import AnyChange
from tidegate.service.moves import moved


def kind(change: AnyChange) -> str:
    """The type of the row, or that it is a suppression."""
    short = SHORT_TYPE[change.row.type]
    return short if isinstance(change.row, Indicator) else f"supp. {short}"


def brief(change: AnyChange) -> str:
    """The fields that change, in one line; the reason for a row that comes or goes."""
    return moved(change) if change.op is Op.UPDATE else change.reason
