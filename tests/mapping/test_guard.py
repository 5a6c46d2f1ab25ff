"""What the guards refuse, what they let pass, and what no setting can weaken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import ConfigError
from tidegate.indicators.kinds import Action, IndicatorType
from tidegate.mapping.guard import GuardFinding, Guards, GuardSettings, Verdict

DOMAIN, URL, IP = IndicatorType.DOMAIN_NAME, IndicatorType.URL, IndicatorType.IP_ADDRESS
MD5, CERT = IndicatorType.FILE_MD5, IndicatorType.CERTIFICATE
SETTINGS = GuardSettings(
    own_domains=("Corp.Own-Site.com.",),
    own_addresses=("8.8.8.0/24", "2606:4700::1"),
    own_hashes=("AB" * 16,),
    own_thumbprints=("aa:bb:" + "cc" * 18,),
)
GUARDS = Guards(SETTINGS)


def check(kind: IndicatorType, value: str, action: Action = Action.ALERT_ONLY) -> GuardFinding:
    return GUARDS.check(kind, value, action)


@pytest.mark.parametrize(
    ("kind", "value", "guard"),
    [
        (DOMAIN, "microsoft.com", "protected"),
        (DOMAIN, "update.microsoft.com", "protected"),
        (DOMAIN, "github.com", "protected"),
        (URL, "https://drive.google.com/uc?id=1", "protected"),
        (DOMAIN, "co.uk", "public_suffix"),
        (DOMAIN, "github.io", "public_suffix"),
        (DOMAIN, "uk", "public_suffix"),
        (URL, "http://github.io/x", "public_suffix"),
        (DOMAIN, "localhost", "special_purpose"),
        (DOMAIN, "printer.local", "special_purpose"),
        (DOMAIN, "abc.onion", "special_purpose"),
        (URL, "http://localhost:8080/", "special_purpose"),
        (URL, "http://10.0.0.1/", "special_purpose"),
        (URL, "http://10.0.0.1:8080/?q", "special_purpose"),
        (URL, "http://[fe80::1]/", "special_purpose"),
        (IP, "10.1.2.3", "special_purpose"),
        (IP, "fe80:0:0:0:0:0:0:1", "special_purpose"),
        (IP, "192.0.2.1", "documentation"),
        (URL, "http://[2001:db8::1]:80/", "documentation"),
        (DOMAIN, "example.com", "documentation"),
        (DOMAIN, "a.b.example.org", "documentation"),
        (DOMAIN, "thing.test", "documentation"),
        (DOMAIN, "corp.own-site.com", "own"),
        (DOMAIN, "vpn.corp.own-site.com", "own"),
        (DOMAIN, "own-site.com", "own"),
        (URL, "https://corp.own-site.com/login", "own"),
        (URL, "https://8.8.8.8/", "own"),
        (IP, "8.8.8.255", "own"),
        (IP, "2606:4700:0:0:0:0:0:1", "own"),
        (URL, "http://[::ffff:8.8.8.8]/", "own"),
        (URL, "http://[::ffff:808:808]:8080/x", "own"),
        (URL, "http://[64:ff9b::808:808]/", "own"),
        (IP, "64:ff9b:0:0:0:0:808:808", "own"),
        (IP, "0:0:0:0:ffff:0:808:808", "own"),
        (IP, "2002:808:808:0:0:0:0:5", "own"),
        (IP, "0:0:0:0:0:0:808:808", "own"),
        (MD5, "ab" * 16, "own"),
        (CERT, "aabb" + "cc" * 18, "own"),
        (MD5, "d41d8cd98f00b204e9800998ecf8427e", "empty_file"),
        (IndicatorType.FILE_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "empty_file"),
        (
            IndicatorType.FILE_SHA256,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "empty_file",
        ),
    ],
)
def test_refused(kind: IndicatorType, value: str, guard: str) -> None:
    finding = check(kind, value)
    assert (finding.guard, finding.verdict) == (guard, Verdict.REFUSE)
    assert finding.reason


@pytest.mark.parametrize("value", ["com", "microsoft.com"])
def test_a_parent_of_a_protected_name_is_refused(value: str) -> None:
    guards = Guards(GuardSettings(own_domains=("eu.microsoft.com",)))
    assert guards.check(DOMAIN, value, Action.BLOCK).verdict is Verdict.REFUSE


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (DOMAIN, "notmicrosoft.com"),
        (DOMAIN, "microsoft.com.evil.net"),
        (DOMAIN, "evil.github.io"),
        (DOMAIN, "evil.co.uk"),
        (DOMAIN, "myexample.com"),
        (URL, "http://evil.github.io/microsoft.com"),
        (URL, "http://evil.net/?u=http://microsoft.com/"),
        (URL, "http://evil.net?microsoft.com"),
        (IP, "1.2.3.4"),
        (IP, "8.8.9.0"),
        (IP, "64:ff9b:0:0:0:0:808:908"),
        (URL, "http://[::ffff:8.8.9.1]/"),
        (MD5, "cd" * 16),
    ],
)
def test_passed(kind: IndicatorType, value: str) -> None:
    assert check(kind, value) == GuardFinding("", Verdict.PASS, "")


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_documentation_can_be_set(verdict: Verdict) -> None:
    guards = Guards(GuardSettings(documentation=verdict))
    sample = guards.check(DOMAIN, "a.example.com", Action.ALERT_ONLY)
    assert sample.verdict is verdict
    assert sample.guard == ("" if verdict is Verdict.PASS else "documentation")
    assert guards.check(IP, "10.0.0.1", Action.ALERT_ONLY).verdict is Verdict.REFUSE
    assert guards.check(DOMAIN, "bing.com", Action.ALERT_ONLY).verdict is Verdict.REFUSE


def test_allow_is_refused_for_special_purpose_only() -> None:
    assert check(IP, "10.0.0.1", Action.ALLOW).guard == "special_purpose"
    for kind, value in (
        (DOMAIN, "microsoft.com"),
        (DOMAIN, "corp.own-site.com"),
        (DOMAIN, "github.io"),
        (DOMAIN, "example.com"),
        (MD5, "d41d8cd98f00b204e9800998ecf8427e"),
    ):
        assert check(kind, value, Action.ALLOW).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "own",
    [
        "::ffff:8.8.8.0/120",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::/48",
        "2002:808:808:1::/64",
        "8.8.8.8",
        "0.0.0.0/0",
    ],
)
def test_an_own_address_is_known_in_every_form(own: str) -> None:
    guards = Guards(GuardSettings(own_addresses=(own,)))
    for value in ("8.8.8.8", "64:ff9b:0:0:0:0:808:808", "2002:808:808:1:0:0:0:1"):
        assert guards.check(IP, value, Action.BLOCK).guard == "own", value
    for value in ("9.9.9.9", "64:ff9b:0:0:0:0:909:909"):
        expected = "own" if own == "0.0.0.0/0" else ""
        assert guards.check(IP, value, Action.BLOCK).guard == expected, value


def test_an_own_network_of_ipv6_is_no_ipv4_network() -> None:
    guards = Guards(GuardSettings(own_addresses=("2606:4700::/32", "2000::/3")))
    assert guards.check(IP, "2606:4700:0:0:0:0:0:9", Action.BLOCK).guard == "own"
    assert guards.check(IP, "8.8.8.8", Action.BLOCK).guard == ""


@pytest.mark.parametrize("level", list(Verdict))
def test_own_values_are_own_inside_documentation_space_too(level: Verdict) -> None:
    guards = Guards(
        GuardSettings(
            documentation=level,
            own_domains=("corp.example.com",),
            own_addresses=("192.0.2.0/28", "2001:db8:1::/48"),
        )
    )
    for kind, value in (
        (DOMAIN, "corp.example.com"),
        (DOMAIN, "vpn.corp.example.com"),
        (URL, "https://corp.example.com/"),
        (IP, "192.0.2.7"),
        (URL, "http://192.0.2.7/"),
        (URL, "http://[::ffff:192.0.2.7]/"),
        (IP, "2001:db8:1:0:0:0:0:1"),
    ):
        finding = guards.check(kind, value, Action.ALERT_AND_BLOCK)
        assert (finding.guard, finding.verdict) == ("own", Verdict.REFUSE), value
        assert guards.check(kind, value, Action.ALLOW).verdict is Verdict.PASS, value
    assert guards.check(IP, "192.0.2.77", Action.BLOCK).verdict is level


def test_a_private_address_is_special_even_when_it_is_own() -> None:
    guards = Guards(GuardSettings(own_addresses=("10.0.0.0/8",)))
    for action in (Action.ALLOW, Action.BLOCK):
        finding = guards.check(IP, "10.1.2.3", action)
        assert (finding.guard, finding.verdict) == ("special_purpose", Verdict.REFUSE)


def test_an_own_address_that_is_none_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match=r"own\.addresses"):
        Guards(GuardSettings(own_addresses=("8.8.8.8/64",)))


def test_suffixes_for_whoever_asks() -> None:
    assert GUARDS.is_suffix("co.uk")
    assert GUARDS.is_suffix("com")
    assert not GUARDS.is_suffix("example.com")


labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


@given(st.lists(labels, min_size=1, max_size=3), st.sampled_from(["microsoft.com", "office.com"]))
def test_everything_under_a_protected_name_is_refused(front: list[str], name: str) -> None:
    host = ".".join([*front, name])
    assert check(DOMAIN, host).guard == "protected"
    assert check(URL, f"https://{host}:8443/x").guard == "protected"
