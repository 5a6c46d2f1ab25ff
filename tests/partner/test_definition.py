"""A partner's file: what it may say, and how each slip is answered."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.errors import ExitCode, PartnerDefinitionError
from tidegate.partner import FileDelivery, TaxiiDelivery, parse_partner

WHERE = "partners/isac.toml"
TAXII = {
    "kind": "taxii21",
    "url": "https://taxii.example.org/api1/",
    "collection": "365fed99-08fa-fdcd-a1b3-fb247eb41d01",
    "auth": {"kind": "bearer", "token": "keyring:isac"},
}


def profile(**more: object) -> dict[str, Any]:
    base = {
        "id": "isac",
        "tlp_max": "amber",
        "identity": "Example Corp SOC",
        "delivery": {"kind": "file", "path": "out.json"},
    }
    return {**base, **more}


def test_little_has_to_be_said() -> None:
    partner = parse_partner(profile(), WHERE)
    assert partner.title == "isac"
    assert partner.unmarked_as is None
    assert partner.mask == ("groups", "note")
    assert (partner.markings, partner.extension, partner.spec) == ("reference", False, "2.1")
    assert partner.delivery == FileDelivery(kind="file", path="out.json")


def test_the_example_of_the_design_is_read() -> None:
    partner = parse_partner(
        profile(
            title="Sector ISAC",
            filter="action:block,alert conf>=60 -has:note",
            tlp_max="TLP:AMBER",
            mask=["groups", "note"],
            markings="embedded",
            delivery=TAXII,
        ),
        WHERE,
    )
    assert partner.tlp_max == "amber"
    assert isinstance(partner.delivery, TaxiiDelivery)
    assert partner.delivery.timeout == 30


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"tlp": "amber"}, "unknown key `tlp` – did you mean `tlp_max`?"),
        ({"style": "embedded"}, "unknown key `style` – did you mean `markings`?"),
        ({"identty": "x"}, "did you mean `identity`?"),
        ({"tlp_max": "ambre"}, '`tlp_max`: unknown TLP level "ambre" – did you mean "amber"?'),
        ({"unmarked_as": "whit"}, "unknown TLP level"),
        ({"filter": "colour:red"}, "`filter`: "),
        ({"filter": "(conf>=60 OR has:note"}, "`filter`: the parenthesis is never closed"),
        ({"filter": "-title:/(?=a)/"}, "`filter`: the expression title:/(?=a)/ cannot be run"),
        ({"mask": ["grups"]}, '`mask`: unknown field "grups" – did you mean "groups"?'),
        ({"identity": "  "}, "`identity`: must name the organisation that speaks"),
        ({"delivery": {"kind": "ftp"}}, 'unknown kind "ftp"'),
        ({"delivery": {"kind": "file", "path": "../x"}}, "leaves the folder of this file"),
        ({"delivery": {"kind": "file", "url": "x"}}, "did you mean `path`?"),
        ({"delivery": {**TAXII, "auth": {"kind": "bearer", "token": "s3cret"}}}, "holds a value"),
        ({"delivery": {**TAXII, "url": "http://taxii.example.org/"}}, "credentials in clear"),
        ({"extension": True, "mask": ["action"]}, "`extension` tells action and severity"),
        ({"consumer": "misp", "delivery": TAXII}, "gets withdrawals as a list"),
        ({"spec": "2.0", "delivery": TAXII}, "takes STIX 2.1"),
        ({"id": "A/b"}, '"A/b" is not 1 to 40'),
    ],
)
def test_a_slip_is_answered_in_one_line(more: dict[str, object], said: str) -> None:
    with pytest.raises(PartnerDefinitionError) as caught:
        parse_partner(profile(**more), WHERE)
    told = str(caught.value)
    assert told.startswith(f"{WHERE}: ")
    assert said in told
    assert "\n" not in told
    assert "s3cret" not in told
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("key", ["id", "tlp_max", "identity", "delivery"])
def test_what_a_partner_may_have_is_said_and_never_assumed(key: str) -> None:
    data = profile()
    del data[key]
    with pytest.raises(PartnerDefinitionError, match=f"`{key}` is missing"):
        parse_partner(data, WHERE)
