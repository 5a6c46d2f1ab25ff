"""What a partner's file says, checked, and what is known of what they were given.

    definition  the profile: ceiling, filter, masks, delivery; `parse_partner`
    shipment    one delivery and what became of it; the protocol of a door

Pure: models made from decoded TOML, and values.
"""

from tidegate.partner.definition import (
    MASKS,
    FileDelivery,
    FolderDelivery,
    Partner,
    TaxiiDelivery,
    parse_partner,
)
from tidegate.partner.shipment import Delivery, Document, Door, Manifest, Progress, Shipment

__all__ = [
    "MASKS",
    "Delivery",
    "Document",
    "Door",
    "FileDelivery",
    "FolderDelivery",
    "Manifest",
    "Partner",
    "Progress",
    "Shipment",
    "TaxiiDelivery",
    "parse_partner",
]
