"""Read a bundle as MISP does, and print what became of it; run by an interpreter with misp-stix.

    python misp_reader.py bundle.json

Prints one JSON object: `attributes`, a list of [type, value, to_ids, tags], those of objects
included, and `complaints`, the errors and warnings of the import.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import stix2
from misp_stix_converter import ExternalSTIX2toMISPParser


def main(bundle: Path) -> None:
    """Import the file into an event."""
    parser = ExternalSTIX2toMISPParser()
    parser.load_stix_bundle(stix2.parse(bundle.read_text("utf-8"), allow_custom=True))
    parser.parse_stix_bundle()
    event = parser.misp_event
    found = [*event.attributes, *(each for item in event.objects for each in item.attributes)]
    attributes = [
        [each.type, each.value, bool(each.to_ids), sorted(tag.name for tag in each.tags)]
        for each in found
    ]
    complaints = [str(text) for some in (parser.errors, parser.warnings) for text in some.values()]
    json.dump({"attributes": attributes, "complaints": complaints}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
