"""The feeds' language: what a STIX indicator says, read leniently and without guessing. Pure."""
