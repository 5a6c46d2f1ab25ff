"""The numbers Defender sets, each with its source; refuses numbers of our own choosing.

Sources: "Create indicators" (limit per tenant); "Import indicators" (rows per portal CSV);
Defender's field lengths are undocumented, those here are the ones connectors in the field use.
"""

LIMIT = 15_000
"""Active indicators per tenant; `config.toml` may lower it, never raise it."""

PORTAL_CSV_ROWS = 500
"""Rows that one portal CSV file may hold."""

VALUE_LENGTH = 800
TITLE_LENGTH = 4_000
DESCRIPTION_LENGTH = 4_000
"""Longest texts in characters; longer ones are cut at the door, with a note."""
