"""One partner: who they are, what they may have and how they get it; checked as a whole.

Owns `Partner` and `parse_partner`. Refuses I/O (sources/partners.py reads the files), and a profile
without a ceiling: what a partner may see is said, never assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    ValidationError,
    model_validator,
)

from tidegate.errors import PartnerDefinitionError, TidegateError
from tidegate.feed import feed_id
from tidegate.feed.source import Address, InFolder, Remote, api_root
from tidegate.feed.when import tlp_level
from tidegate.indicators.filter import parse
from tidegate.toml_errors import Table, fault, plain, suggestion

MASKS = (
    "action",
    "category",
    "confidence",
    "description",
    "groups",
    "kill_chain",
    "mitre",
    "note",
    "recommended_actions",
    "severity",
    "source",
    "title",
)
"""What a profile can keep back. `note` never leaves anyway; naming it says that one thought of it.

`source` is whose word it is: the references to the feed and its object."""


def _filter(text: str) -> str:
    try:
        parse(text)
    except TidegateError as error:
        raise ValueError(str(error)) from None
    return text


def _mask(words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        if word not in MASKS:
            raise ValueError(f'unknown field "{plain(word)}"{suggestion(word, MASKS)}')
    return tuple(sorted(set(words)))


def _spoken(name: str) -> str:
    if not name.strip():
        raise ValueError("must name the organisation that speaks")
    return " ".join(name.split())


class FileDelivery(Table):
    """One file, replaced by each delivery; a relative `path` starts at the profile's folder."""

    MEANT: ClassVar[Mapping[str, str]] = {"file": "path", "url": "path"}

    kind: Literal["file"]
    path: InFolder


class FolderDelivery(Table):
    """A folder that keeps one bundle per delivery; it must exist."""

    MEANT: ClassVar[Mapping[str, str]] = {"folder": "path", "url": "path"}

    kind: Literal["folder"]
    path: InFolder


class TaxiiDelivery(Remote):
    """One collection of a TAXII 2.1 server that lets us write.

    `url` is the API root or the server's discovery address, `collection` an id or an alias.
    """

    kind: Literal["taxii21"]
    url: Annotated[Address, AfterValidator(api_root)]
    collection: Annotated[str, Field(min_length=1)]


Way = Annotated[FileDelivery | FolderDelivery | TaxiiDelivery, Field(discriminator="kind")]


class Partner(Table):
    """One partner, as their file describes them.

    `unmarked_as` is the TLP level of rows that carry none; None withholds them. `consumer` names
    the product at the other end where it needs its own way: MISP takes revoked objects for live
    ones, so it gets a list of withdrawals instead. `derived_from` adds relationships to the
    original objects, which are not in the bundle: some consumers refuse such a bundle.
    """

    MEANT: ClassVar[Mapping[str, str]] = {
        "tlp": "tlp_max",
        "ceiling": "tlp_max",
        "style": "markings",
        "version": "spec",
        "unmarked": "unmarked_as",
        "author": "identity",
    }

    id: Annotated[str, AfterValidator(feed_id)]
    title: Annotated[str, Field(min_length=1, default_factory=lambda known: known.get("id", ""))]
    filter: Annotated[str, AfterValidator(_filter)] = ""
    tlp_max: Annotated[str, BeforeValidator(tlp_level)]
    unmarked_as: Annotated[str | None, BeforeValidator(tlp_level)] = None
    mask: Annotated[tuple[str, ...], AfterValidator(_mask)] = ("groups", "note")
    identity: Annotated[str, AfterValidator(_spoken)]
    markings: Literal["reference", "embedded"] = "reference"
    extension: StrictBool = False
    derived_from: StrictBool = False
    spec: Literal["2.1", "2.0"] = "2.1"
    consumer: Literal["any", "misp"] = "any"
    delivery: Way

    @model_validator(mode="after")
    def _masks_hold(self) -> Partner:
        for word in ("action", "severity"):
            if self.extension and word in self.mask:
                raise ValueError(
                    f'`extension` tells action and severity; leave "{word}" out of `mask`,'
                    " or set extension = false"
                )
        return self

    @model_validator(mode="after")
    def _withdrawals_arrive(self) -> Partner:
        if self.consumer == "misp" and isinstance(self.delivery, TaxiiDelivery):
            raise ValueError(
                'consumer = "misp" gets withdrawals as a list, which a collection cannot hold;'
                ' deliver to a "file" or "folder"'
            )
        if self.spec == "2.0" and isinstance(self.delivery, TaxiiDelivery):
            raise ValueError('a TAXII 2.1 collection takes STIX 2.1; leave out spec = "2.0"')
        return self


def parse_partner(data: Mapping[str, object], where: str) -> Partner:
    """Check a decoded partner file; `where` is the file as the message should name it.

    Raises PartnerDefinitionError: one line with file, key and the nearest known word.
    """
    try:
        return Partner.model_validate(data)
    except ValidationError as error:
        raise PartnerDefinitionError(f"{where}: {fault(error, data)}") from None
