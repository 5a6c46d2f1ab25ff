"""A fault of ours in one line: its kind and its place, and none of the values it was about."""

from __future__ import annotations

from tidegate.tui.safe import plain


def fault_line(error: BaseException | None) -> str:
    """Name the kind of fault and the innermost place of ours in one line."""
    place = "an unknown place"
    trace = error.__traceback__ if error is not None else None
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        generated = trace.tb_frame.f_code.co_filename.startswith("<")
        if isinstance(name, str) and name.startswith("tidegate") and not generated:
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    kind = type(error).__name__ if error is not None else "fault"
    return plain(f"tidegate: internal fault: {kind} in {place}; what was saved is safe")
