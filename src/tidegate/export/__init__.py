"""Doors out: STIX bundles for partners and CSV files for the Defender portal."""
