"""The engines by name. Another engine is a line here, and the tests of all engines run over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tidegate.engines.detection import detection
from tidegate.engines.investigation import investigation
from tidegate.engines.prevention import prevention
from tidegate.engines.verdict import Engine, Verdict

ENGINES: Mapping[Engine, Callable[..., Verdict]] = MappingProxyType(
    {
        Engine.CLOUD_DETECTION: detection,
        Engine.ENDPOINT_PREVENTION: prevention,
        Engine.AUTOMATED_INVESTIGATION: investigation,
    }
)
"""Each takes an event and a matcher first, then what it alone needs."""
