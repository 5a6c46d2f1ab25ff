"""One command of the product in a process of its own, with the most memory it held. No test itself.

The figure is the last line on stderr, in KiB. On Linux it is the process's own high-water mark:
what getrusage says there counts the memory of the process that started this one, too.
"""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

from tidegate.cli.main import main


def peak() -> int:
    """Return the most memory that this process held so far, in KiB."""
    status = Path("/proc/self/status")
    if status.is_file():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (
        1024 if sys.platform == "darwin" else 1
    )


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    print(peak(), file=sys.stderr)  # noqa: T201 - what the parent reads
    sys.exit(code)
