"""Tidegate: the gate between threat feeds and the 15,000 indicator slots of a Defender tenant.

The package reads like the journey of one indicator: `sources` and `stix` bring in what feeds say,
`mapping` translates it, `allocation` decides what earns a slot, `store` holds what the tenant has,
`export` lets it out again. `service` ties these together; `cli` and `tui` are thin shells over it.
"""

__version__ = "0.1.0"
