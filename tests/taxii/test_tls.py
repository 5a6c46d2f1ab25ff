"""Whom a feed trusts, what it shows, and what is said when that does not work out."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from servers import malice
from servers.certificates import Authority, Pair, server_side
from servers.loopback_taxii import LoopbackTaxii
from tidegate.errors import ConfigError, FeedError, FeedRefused
from tidegate.taxii.limits import Limits
from tidegate.taxii.retry import Retry, Waiting
from tidegate.taxii.session import GuardedSession
from tidegate.taxii.tls import ClientCertificate, handshake_fault, tls_context
from tidegate.taxii.way import Way

Start = Callable[..., LoopbackTaxii]

LIMITS = Limits(connect_seconds=2, read_seconds=2, request_seconds=3)
ONCE = Waiting(Retry(attempts=1))
PASSWORD = "pass-phrase-of-the-key"


def ask(server: LoopbackTaxii, way: Way) -> bytes:
    with GuardedSession(server.url, None, LIMITS, ONCE, way) as session:
        return session.get(server.url).content


@pytest.fixture
def here(authority: Authority) -> Pair:
    return authority.issue("127.0.0.1")


@pytest.fixture
def mine(authority: Authority) -> Pair:
    return authority.issue("tidegate")


def test_an_authority_of_ones_own_is_trusted_in_place_of_the_public_ones(
    loopback_taxii: Start, authority: Authority, here: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(authority.folder / "keys.log"))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca))
    server = loopback_taxii(tls=server_side(here))
    with pytest.raises(FeedRefused, match="an authority that is not known here") as refused:
        ask(server, Way())
    assert "`ca = " not in refused.value.message
    assert 'ca = "ca.pem"' in refused.value.hint
    assert b"Loopback" in ask(server, Way(ca=authority.ca))
    assert not (authority.folder / "keys.log").exists()
    assert len(tls_context(authority.ca, None).get_ca_certs()) == 1
    assert server.connections == 2


def test_a_certificate_that_signs_itself_may_be_named_itself(
    loopback_taxii: Start, authority: Authority
) -> None:
    pair = authority.self_signed("127.0.0.1")
    server = loopback_taxii(tls=server_side(pair))
    assert b"Loopback" in ask(server, Way(ca=pair.certificate))
    with pytest.raises(FeedRefused):
        ask(server, Way(ca=authority.ca))


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (lambda authority: authority.issue("127.0.0.1", days=-1), "has expired"),
        (lambda authority: authority.issue("127.0.0.2"), "for another name"),
        (lambda authority: authority.issue("taxii.example.com"), "for another name"),
        (lambda authority: authority.self_signed("127.0.0.1"), "in `ca` did not issue"),
    ],
    ids=["expired", "other address", "other name", "self-signed"],
)
def test_a_certificate_that_is_not_right_is_refused_and_said_how(
    loopback_taxii: Start, authority: Authority, pair: Callable[[Authority], Pair], said: str
) -> None:
    server = loopback_taxii(tls=server_side(pair(authority)))
    with pytest.raises(FeedRefused, match=said) as refused:
        ask(server, Way(ca=authority.ca))
    assert "never turned off" in refused.value.hint
    assert server.seen == []


def test_a_client_certificate_is_shown_to_whom_asks(
    loopback_taxii: Start, authority: Authority, here: Pair, mine: Pair
) -> None:
    server = loopback_taxii(tls=server_side(here, clients_of=authority.ca))
    assert b"Loopback" in ask(server, Way(authority.ca, ClientCertificate(*mine)))
    both = authority.folder / "both.pem"
    both.write_text(mine.certificate.read_text() + mine.key.read_text())
    both.chmod(0o600)
    assert b"Loopback" in ask(server, Way(authority.ca, ClientCertificate(both)))
    locked = authority.issue("tidegate", password=PASSWORD)
    client = ClientCertificate(*locked, PASSWORD)
    assert b"Loopback" in ask(server, Way(authority.ca, client))
    assert PASSWORD not in repr(client)
    stranger = authority.self_signed("stranger")
    for way in (Way(authority.ca), Way(authority.ca, ClientCertificate(*stranger))):
        with pytest.raises(FeedError) as failed:
            ask(server, way)
        # Some systems lose the server's word when it hangs up right behind it.
        assert "`client_cert`" in failed.value.hint or "broke off" in failed.value.message
    assert len(server.seen) == 3


def test_a_redirect_from_tls_to_clear_text_is_refused(
    loopback_taxii: Start, authority: Authority, here: Pair
) -> None:
    server, clear = loopback_taxii(tls=server_side(here), everywhere=True), loopback_taxii()
    for target in (clear.url, server.url.replace("https:", "http:")):
        server.malice = malice.redirect(target)
        with pytest.raises(FeedRefused, match="leads to another server"):
            ask(server, Way(authority.ca))
    assert clear.seen == []


def test_files_that_do_not_do_are_named_by_their_key(
    authority: Authority, mine: Pair, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.pem"
    odd.write_text("-----BEGIN NOTHING-----\n")
    odd.chmod(0o600)
    missing = tmp_path / "missing.pem"
    locked = authority.issue("tidegate", password=PASSWORD)
    other = authority.issue("other").key
    cases: list[tuple[str, str, Path | None, ClientCertificate | None]] = [
        ("`ca`", "no such file", missing, None),
        ("`ca`", "no small plain file", tmp_path, None),
        ("`ca`", "holds no certificate", odd, None),
        ("`client_cert.certificate`", "no such file", None, ClientCertificate(missing)),
        ("`client_cert.certificate`", "no certificate", None, ClientCertificate(odd)),
        (
            "`client_cert.certificate`",
            "no private key",
            None,
            ClientCertificate(mine.certificate),
        ),
        (
            "`client_cert.key`",
            "no such file",
            None,
            ClientCertificate(mine.certificate, missing),
        ),
        (
            "`client_cert.key`",
            "no private key",
            None,
            ClientCertificate(mine.certificate, odd),
        ),
        (
            "`client_cert.key`",
            "is not the key of",
            None,
            ClientCertificate(mine.certificate, other),
        ),
        ("`client_cert.key`", "is encrypted", None, ClientCertificate(*locked)),
        (
            "`client_cert.password`",
            "does not open",
            None,
            ClientCertificate(*locked, "wrong-" + PASSWORD),
        ),
    ]
    mine.certificate.chmod(0o600)
    for key, said, ca, client in cases:
        with pytest.raises(ConfigError) as refused:
            tls_context(ca, client)
        text = str(refused.value)
        assert key in text, text
        assert said in text, text
        assert refused.value.hint
        assert "\n" not in text
        assert PASSWORD not in text


def test_a_key_that_others_can_read_is_refused_as_ssh_refuses_it(
    mine: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ClientCertificate(*mine)
    for mode in (0o640, 0o604, 0o620):
        mine.key.chmod(mode)
        with pytest.raises(ConfigError, match=f"mode {mode:o}") as refused:
            tls_context(None, client)
        assert refused.value.hint == f"chmod 600 {mine.key}"
    monkeypatch.setattr("os.getuid", lambda: mine.key.stat().st_uid + 1)
    tls_context(None, client)


def test_nothing_older_than_tls_1_2_and_nothing_unchecked() -> None:
    context = tls_context(None, None)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "`client_cert`"),
        ("SSLV3_ALERT_BAD_CERTIFICATE", "`client_cert`"),
        ("TLSV1_ALERT_UNKNOWN_CA", "`client_cert`"),
        ("TLSV1_ALERT_PROTOCOL_VERSION", "TLS 1.2"),
        ("UNSUPPORTED_PROTOCOL", "TLS 1.2"),
        ("WRONG_VERSION_NUMBER", "its port"),
        ("", "its port"),
    ],
)
def test_other_faults_of_a_handshake_have_a_hint(reason: str, said: str) -> None:
    error = ssl.SSLError()
    error.reason = reason
    assert said in handshake_fault(error, own_ca=False)[1]


def test_who_only_asks_the_time_minds_all_of_a_certificate_but_its_dates(
    loopback_taxii: Start, authority: Authority, here: Pair
) -> None:
    expired = loopback_taxii(tls=server_side(authority.issue("127.0.0.1", days=-1)))
    with pytest.raises(FeedRefused, match="has expired"):
        ask(expired, Way(ca=authority.ca))
    assert b"Loopback" in ask(expired, Way(ca=authority.ca, dateless=True))
    for server, ca in (
        (loopback_taxii(tls=server_side(here)), None),
        (loopback_taxii(tls=server_side(authority.issue("localhost"))), authority.ca),
    ):
        with pytest.raises(FeedRefused, match="has a certificate"):
            ask(server, Way(ca=ca, dateless=True))
