"""What the guards refuse, what they let pass, and what no setting can weaken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.config import SETTABLE_GUARDS
from tidegate.errors import ConfigError
from tidegate.indicators.kinds import Action, IndicatorType
from tidegate.indicators.value import classify
from tidegate.mapping.guard import (
    FIXED_GUARDS,
    OVERRIDABLE,
    PASSED,
    GuardFinding,
    Guards,
    GuardSettings,
    Verdict,
)
from tidegate.mapping.guard_names import PROTECTED
from tidegate.mapping.warninglist import Form, Warninglist
from tidegate.mapping.warninglist_match import Warninglists

DOMAIN, URL, IP = IndicatorType.DOMAIN_NAME, IndicatorType.URL, IndicatorType.IP_ADDRESS
MD5, CERT = IndicatorType.FILE_MD5, IndicatorType.CERTIFICATE
SETTINGS = GuardSettings(
    own_domains=("Corp.Own-Site.com.",),
    own_addresses=("8.8.8.0/24", "2606:4700::1"),
    own_hashes=("AB" * 16,),
    own_thumbprints=("aa:bb:" + "cc" * 18,),
)
GUARDS = Guards(SETTINGS)
NOTHING_OWN = Guards(GuardSettings())
BLOCKING = tuple(action for action in Action if action is not Action.ALLOW)
NOBODYS = ("own", "protected", "special_purpose", "public_suffix", "empty_file")
ALL_GUARDS = (*OVERRIDABLE, *NOBODYS)


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
def test_the_level_of_documentation_is_the_operators(verdict: Verdict) -> None:
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
    for value in ("9.9.9.8", "64:ff9b:0:0:0:0:909:908"):
        expected = "own" if own == "0.0.0.0/0" else ""
        assert guards.check(IP, value, Action.BLOCK).guard == expected, value


def test_an_own_network_of_ipv6_is_no_ipv4_network() -> None:
    guards = Guards(GuardSettings(own_addresses=("2606:4700::/32", "2000::/3")))
    assert guards.check(IP, "2606:4700:0:0:0:0:0:9", Action.BLOCK).guard == "own"
    assert guards.check(IP, "8.8.8.9", Action.BLOCK).guard == ""


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


@pytest.mark.parametrize(
    "written",
    [
        "8.8.8.8",
        "1.1.1.1",
        "9.9.9.9",
        "2001:4860:4860::8888",
        "2606:4700:4700:0:0:0:0:1111",
        "2620:fe::fe",
        "::ffff:8.8.8.8",
        "64:ff9b::1.1.1.1",
        "https://1.1.1.1/dns-query",
        "http://0x08080808/",
        "http://[2620:fe::9]:8080/",
    ],
)
def test_a_public_resolver_is_refused_by_name_of_the_guard(written: str) -> None:
    kind, value = classify(written)
    guards = Guards(GuardSettings())
    finding = guards.check(kind, value, Action.ALERT_AND_BLOCK)
    assert (finding.guard, finding.verdict) == ("public_resolver", Verdict.REFUSE)
    assert guards.check(kind, value, Action.ALLOW).verdict is Verdict.PASS
    lenient = Guards(GuardSettings(public_resolver=Verdict.WARN))
    assert lenient.check(kind, value, Action.BLOCK).verdict is Verdict.WARN


@pytest.mark.parametrize(
    "written",
    [
        "MICROSOFT.COM",
        "microsoft.com.",
        "hxxp://microsoft[.]com/",
        "ｍｉｃｒｏｓｏｆｔ.com",
        "http://microsoft。com/",
        "https://MICROSOFT.com:443/%2e%2e/x",
        "https://%6dicrosoft.com/",
    ],
)
def test_a_disguise_of_a_protected_name_is_that_name(written: str) -> None:
    kind, value = classify(written)
    for action in (Action.BLOCK, Action.ALERT_AND_BLOCK, Action.WARN, Action.ALERT_ONLY):
        finding = GUARDS.check(kind, value, action)
        assert (finding.guard, finding.verdict) == ("protected", Verdict.REFUSE)


IMPOSTORS = ("micrоsoft.com", "login.rnicrosoft.com", "https://goog1e.com/x", "corp.0wn-site.com")


@pytest.mark.parametrize("written", IMPOSTORS)
def test_an_impostor_may_be_blocked_and_is_pointed_out(written: str) -> None:
    kind, value = classify(written)
    for action in (Action.BLOCK, Action.ALERT_ONLY, Action.ALLOW):
        finding = GUARDS.check(kind, value, action)
        assert (finding.guard, finding.verdict) == ("homoglyph", Verdict.WARN), action
        assert "looks like" in finding.reason


@pytest.mark.parametrize("written", IMPOSTORS)
@pytest.mark.parametrize(
    ("level", "of_a_block", "of_an_allow"),
    [
        (Verdict.WARN, Verdict.WARN, Verdict.WARN),
        # There is no milder Allow: it is pointed out.
        (Verdict.DOWNGRADE, Verdict.DOWNGRADE, Verdict.WARN),
        (Verdict.REFUSE, Verdict.REFUSE, Verdict.REFUSE),
    ],
)
def test_the_level_of_impostors_is_the_operators(
    written: str, level: Verdict, of_a_block: Verdict, of_an_allow: Verdict
) -> None:
    settings = GuardSettings(own_domains=("corp.own-site.com",), homoglyph=level)
    kind, value = classify(written)
    guards = Guards(settings)
    for action, verdict in ((Action.BLOCK, of_a_block), (Action.ALLOW, of_an_allow)):
        finding = guards.check(kind, value, action)
        assert (finding.guard, finding.verdict) == ("homoglyph", verdict), action
    # The name that is imitated is no impostor, and its own guard is as it was.
    assert guards.check(DOMAIN, "microsoft.com", Action.ALLOW) == PASSED
    assert guards.check(DOMAIN, "microsoft.com", Action.BLOCK).guard == "protected"
    assert guards.check(DOMAIN, "notmicrosoft.com", Action.BLOCK) == PASSED


def test_what_a_person_may_override_is_what_an_operator_may_set() -> None:
    assert set(OVERRIDABLE) == {"warninglist", *SETTABLE_GUARDS}
    assert not set(OVERRIDABLE) & set(FIXED_GUARDS)


def near_misses() -> list[tuple[IndicatorType, str]]:
    """Make at least 200 values that resemble a protected one and are none of them."""
    names = [
        changed
        for name in PROTECTED
        for changed in (
            f"not{name}",
            f"my-{name}",
            f"{name}.evil.net",
            f"{name.replace('.', '-')}.net",
            f"{name.partition('.')[0]}-login.com",
            f"{name.partition('.')[0]}.zip",
            f"{name.partition('.')[0]}.org",
            f"{name.partition('.')[0]}.evil.co.uk",
            f"{name.partition('.')[0]}.github.io",
        )
    ]
    addresses = [
        *("9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
        *("128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0"),
        *("192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0"),
        *("223.255.255.255", "8.8.8.9", "8.8.4.5", "1.1.1.2", "1.0.0.2", "9.9.9.10"),
    ]
    urls = [f"https://evil.net/{name}" for name in names[:80]]
    hashes = ["d41d8cd98f00b204e9800998ecf8427f", "e41d8cd98f00b204e9800998ecf8427e"]
    return [
        *((DOMAIN, name) for name in names),
        *((IP, address) for address in addresses),
        *((URL, url) for url in urls),
        *((MD5, value) for value in hashes),
    ]


def test_near_misses_pass() -> None:
    guards = Guards(GuardSettings())
    values = near_misses()
    assert len(set(values)) >= 200
    held = [
        (value, finding)
        for kind, value in values
        if (finding := guards.check(kind, value, Action.ALERT_AND_BLOCK)) != PASSED
    ]
    assert held == []


def with_lists(settings: GuardSettings) -> Guards:
    def one(key: str, form: Form, *entries: str) -> Warninglist:
        return Warninglist(key, key.title(), form, entries, frozenset(IndicatorType))

    return Guards(
        settings,
        Warninglists(
            [
                one("akamai", Form.CIDR, "23.4.5.0/24"),
                one("top", Form.HOSTNAME, "busy-shop.net", "herokuapp.com", "amazonaws.com"),
                one("samples", Form.HOSTNAME, "example.com", "microsoft.com"),
                one("ranges", Form.CIDR, "192.0.2.0/24", "8.8.8.8"),
                one("tool", Form.STRING, "ef" * 16),
            ]
        ),
    )


@pytest.mark.parametrize(
    ("kind", "value", "guards"),
    [
        # Each that was overridden lets the next one speak, in whatever order they speak.
        (IP, "8.8.8.8", ["public_resolver", "warninglist"]),
        (URL, "https://8.8.8.8/x", ["public_resolver", "warninglist"]),
        (IP, "192.0.2.1", ["documentation", "warninglist"]),
        (DOMAIN, "a.example.com", ["documentation", "warninglist"]),
        (DOMAIN, "busy-shop.net", ["warninglist"]),
        (DOMAIN, "rnicrosoft.com", ["homoglyph"]),
        (MD5, "ef" * 16, ["warninglist"]),
    ],
)
def test_an_overridden_guard_is_silent_and_hides_no_other(
    kind: IndicatorType, value: str, guards: list[str]
) -> None:
    asked = with_lists(GuardSettings())
    for count, guard in enumerate(guards):
        finding = asked.check(kind, value, Action.ALERT_AND_BLOCK, guards[:count])
        assert finding.guard == guard
        assert finding.stops(Action.ALERT_AND_BLOCK) is (guard != "homoglyph")
    assert asked.check(kind, value, Action.ALERT_AND_BLOCK, guards) is PASSED
    for count in range(len(guards)):
        others = [guard for guard in OVERRIDABLE if guard != guards[count]]
        assert asked.check(kind, value, Action.ALERT_AND_BLOCK, others).guard == guards[count]


@given(st.sets(st.sampled_from(ALL_GUARDS)))
def test_a_guard_that_nobody_overrides_speaks_whatever_is_asked(overridden: set[str]) -> None:
    settings = GuardSettings(
        own_domains=("a.example.com",), own_addresses=("192.0.2.9",), own_hashes=("ab" * 16,)
    )
    asked = with_lists(settings)
    for kind, value, guard in (
        (DOMAIN, "a.example.com", "own"),
        (IP, "192.0.2.9", "own"),
        (MD5, "ab" * 16, "own"),
        (DOMAIN, "login.microsoft.com", "protected"),
        (URL, "https://microsoft.com/", "protected"),
        (IP, "10.0.0.1", "special_purpose"),
        (DOMAIN, "printer.local", "special_purpose"),
        (DOMAIN, "co.uk", "public_suffix"),
        (DOMAIN, "herokuapp.com", "public_suffix"),
        (MD5, "d41d8cd98f00b204e9800998ecf8427e", "empty_file"),
    ):
        finding = asked.check(kind, value, Action.ALERT_AND_BLOCK, overridden)
        assert (finding.guard, finding.verdict) == (guard, Verdict.REFUSE), (value, overridden)


@pytest.mark.parametrize("action", list(Action))
def test_what_stops_a_row(action: Action) -> None:
    for verdict in Verdict:
        lenient = action in (Action.ALERT_ONLY, Action.ALLOW)
        stops = verdict is Verdict.REFUSE or (verdict is Verdict.DOWNGRADE and not lenient)
        assert GuardFinding("g", verdict, "r").stops(action) is stops


@pytest.mark.parametrize(
    ("kind", "value", "guard", "verdict"),
    [
        (IP, "23.4.5.6", "warninglist", Verdict.WARN),
        (URL, "http://23.4.5.6/x", "warninglist", Verdict.WARN),
        (IP, "23.4.6.0", "", Verdict.PASS),
        (DOMAIN, "busy-shop.net", "warninglist", Verdict.REFUSE),
        (DOMAIN, "www.busy-shop.net", "warninglist", Verdict.REFUSE),
        (URL, "https://www.busy-shop.net/basket", "warninglist", Verdict.REFUSE),
        (MD5, "ef" * 16, "warninglist", Verdict.REFUSE),
        # What lives on a platform is not the platform.
        (DOMAIN, "evil.herokuapp.com", "warninglist", Verdict.WARN),
        (DOMAIN, "evil.s3.amazonaws.com", "warninglist", Verdict.WARN),
        (DOMAIN, "herokuapp.com", "public_suffix", Verdict.REFUSE),
        (DOMAIN, "amazonaws.com", "warninglist", Verdict.REFUSE),
        # A guard of ours that refuses, and the guard of samples, speak before any list.
        (DOMAIN, "microsoft.com", "protected", Verdict.REFUSE),
        (IP, "8.8.8.8", "public_resolver", Verdict.REFUSE),
        (DOMAIN, "a.example.com", "documentation", Verdict.WARN),
        (IP, "192.0.2.1", "documentation", Verdict.WARN),
    ],
)
def test_warninglists(kind: IndicatorType, value: str, guard: str, verdict: Verdict) -> None:
    guards = with_lists(GuardSettings(documentation=Verdict.WARN))
    finding = guards.check(kind, value, Action.ALERT_AND_BLOCK)
    assert (finding.guard, finding.verdict) == (guard, verdict)
    assert guards.check(kind, value, Action.ALLOW) == PASSED


def test_a_list_does_not_hide_that_an_allowed_name_is_an_impostor() -> None:
    listed = Warninglist("top", "Top", Form.STRING, ("micr0soft.com",), frozenset(IndicatorType))
    guards = Guards(GuardSettings(), Warninglists([listed]))
    assert guards.check(DOMAIN, "micr0soft.com", Action.ALLOW).guard == "homoglyph"
    assert guards.check(DOMAIN, "micr0soft.com", Action.BLOCK).guard == "warninglist"


def test_each_list_has_the_level_that_the_operator_gave_it() -> None:
    levels = {"akamai": Verdict.REFUSE, "top": Verdict.DOWNGRADE}
    guards = with_lists(GuardSettings(lists=levels, public_resolver=Verdict.WARN))
    assert guards.check(IP, "23.4.5.6", Action.BLOCK).verdict is Verdict.REFUSE
    finding = guards.check(DOMAIN, "www.busy-shop.net", Action.BLOCK)
    assert finding.verdict is Verdict.DOWNGRADE
    assert finding.reason == "www.busy-shop.net is on the list top (Top) as busy-shop.net"
    # The worst of what is said counts.
    assert guards.check(IP, "8.8.8.8", Action.BLOCK).guard == "warninglist"


def reversed_labels(name: str) -> list[str]:
    return name.split(".")[::-1]


def related(name: str, member: str) -> bool:
    """Say whether one name is the other or lies under it: from the root on, the shorter agrees."""
    ours, theirs = reversed_labels(name), reversed_labels(member)
    length = min(len(ours), len(theirs))
    return ours[:length] == theirs[:length]


LABELS = st.sampled_from(["a", "b", "ab", "a-b", "shop", "xn--bcher-kva"])
# `zz` has no rules in the Public Suffix List, and nothing there looks like a protected name.
OWN_NAMES = st.lists(LABELS, min_size=1, max_size=4).map(lambda front: ".".join([*front, "zz"]))


@st.composite
def names_near(draw: st.DrawFn, members: list[str]) -> str:
    """Draw a name, most often one that is, lies over or under, or nearly is one of the members."""
    member = draw(st.sampled_from(members))
    labels = member.split(".")
    match draw(st.sampled_from(["same", "below", "above", "longer", "inside", "other"])):
        case "below":
            return ".".join([*draw(st.lists(LABELS, min_size=1, max_size=3)), member])
        case "above":
            return ".".join(labels[draw(st.integers(0, len(labels) - 1)) :])
        case "longer":
            return f"{draw(LABELS)}{member}"
        case "inside":
            return f"{member}.{draw(OWN_NAMES)}"
        case "other":
            return draw(OWN_NAMES)
        case _:
            return member


@given(st.data(), st.lists(OWN_NAMES, min_size=1, max_size=4), st.sampled_from(BLOCKING))
def test_a_name_is_refused_as_own_exactly_when_coverage_relates_them(
    data: st.DataObject, own: list[str], action: Action
) -> None:
    guards = Guards(GuardSettings(own_domains=tuple(own)))
    name = data.draw(names_near(own))
    hit = any(related(name, member) for member in own)
    for kind, value in (
        (DOMAIN, name),
        (URL, f"https://{name}:8443/a?b=c"),
        (URL, f"http://{name}"),
    ):
        finding = guards.check(kind, value, action)
        assert (finding.guard == "own") == hit, value
        assert not hit or finding.verdict is Verdict.REFUSE
        assert guards.check(kind, value, Action.ALLOW) == PASSED


@given(st.data(), st.sampled_from(BLOCKING))
def test_a_name_is_refused_as_protected_exactly_when_coverage_relates_them(
    data: st.DataObject, action: Action
) -> None:
    name = data.draw(names_near(list(PROTECTED)))
    hit = any(related(name, member) for member in PROTECTED)
    for kind, value in (
        (DOMAIN, name),
        (URL, f"https://{name}:8443/a?b=c"),
        (URL, f"http://{name}"),
    ):
        finding = NOTHING_OWN.check(kind, value, action)
        assert (finding.guard == "protected") == hit, value
        assert not hit or finding.verdict is Verdict.REFUSE


@given(st.data(), st.sampled_from(PROTECTED))
def test_what_names_a_protected_one_elsewhere_than_in_its_host_is_left_alone(
    data: st.DataObject, member: str
) -> None:
    host = data.draw(OWN_NAMES)
    for url in (
        f"https://{host}/{member}",
        f"https://{host}?u={member}",
        f"https://{host}/@{member}",
    ):
        assert NOTHING_OWN.check(URL, url, Action.BLOCK).guard != "protected", url


@st.composite
def addresses_near(draw: st.DrawFn, bits: int, first: int, length: int) -> int:
    """Draw an address in, right beside, or anywhere away from a network."""
    size = 1 << (bits - length)
    start = first // size * size
    inside = start + draw(st.integers(0, size - 1))
    beside = draw(st.sampled_from([start - 1, start, start + size - 1, start + size]))
    anywhere = draw(st.integers(0, (1 << bits) - 1))
    return draw(st.sampled_from([inside, beside, anywhere])) % (1 << bits)


def v4(number: int) -> str:
    return ".".join(str(number >> shift & 0xFF) for shift in (24, 16, 8, 0))


def v6(number: int) -> str:
    return ":".join(f"{number >> shift & 0xFFFF:x}" for shift in range(112, -16, -16))


# Ordinary addresses, so that no registry speaks first: 11.0.0.0/8, 2600::/12.
@given(st.data(), st.integers(0, 2**24 - 1), st.integers(9, 32), st.sampled_from(BLOCKING))
def test_an_ipv4_address_is_refused_exactly_when_it_lies_in_a_network_of_ours(
    data: st.DataObject, low: int, length: int, action: Action
) -> None:
    first = 11 << 24 | low
    number = 11 << 24 | data.draw(addresses_near(24, low, length - 8))
    guards = Guards(GuardSettings(own_addresses=(f"{v4(first)}/{length}",)))
    hit = number >> (32 - length) == first >> (32 - length)
    text = v4(number)
    carried = f"{number >> 16:x}:{number & 0xFFFF:x}"
    for kind, value in (
        (IP, text),
        (URL, f"http://{text}:8080/x"),
        (IP, f"64:ff9b:0:0:0:0:{carried}"),
        (URL, f"https://[::ffff:{carried}]/x"),
    ):
        finding = guards.check(kind, value, action)
        assert finding.guard == ("own" if hit else ""), value
        assert finding.verdict is (Verdict.REFUSE if hit else Verdict.PASS)
        assert guards.check(kind, value, Action.ALLOW) == PASSED


@given(st.data(), st.integers(0, 2**116 - 1), st.integers(13, 128), st.sampled_from(BLOCKING))
def test_an_ipv6_address_is_refused_exactly_when_it_lies_in_a_network_of_ours(
    data: st.DataObject, low: int, length: int, action: Action
) -> None:
    top = 0x260 << 116
    number = top | data.draw(addresses_near(116, low, length - 12))
    guards = Guards(GuardSettings(own_addresses=(f"{v6(top | low)}/{length}",)))
    hit = number >> (128 - length) == (top | low) >> (128 - length)
    for kind, value in ((IP, v6(number)), (URL, f"http://[{v6(number)}]:8080/x")):
        finding = guards.check(kind, value, action)
        assert (finding.guard == "own") == hit, value
        assert not hit or finding.verdict is Verdict.REFUSE
