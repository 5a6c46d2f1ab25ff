"""Doors in: TAXII collections, bundle files, folders of bundles, and the catalogue of feeds."""
