"""Examining a home: the invariants that tests hold it to, told to people with what mends them."""
