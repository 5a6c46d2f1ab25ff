"""Cases 12 to 23: certificates, names, redirects, statuses, headers and bodies."""

from __future__ import annotations

import json
from collections.abc import Callable

from hostile.case import Case, Ending, Stage, Turn, Way, turns
from servers import malice
from servers.certificates import Authority, Pair
from servers.loopback_taxii import Answer, LoopbackTaxii, Malice, Seen

HASTY = {"timeout": 1, "deadline": 1}
"""The shortest times that feed.toml takes, in seconds."""

CAP = {"response_bytes": 1024**2}
PUBLIC = "9.9.9.9"
"""An address that no list calls special; no test gets there."""

METADATA = "http://169.254.169.254/latest/meta-data/"
_BROKE_OFF = "broke off in the middle of its answer"
_NOT_HTTP = "does not answer in HTTP that can be read"
_UNTRUSTED = "a certificate"
_TOO_LATE = "was not done within 1 s"


def leads_away(stage: Stage) -> None:
    """Redirect to another server, which keeps what it is sent."""
    turns(malice.redirect(f"{stage.other.url}objects/", 307))(stage)


def proves_by(make: Callable[[Authority], Pair]) -> Turn:
    """Another certificate from now on."""

    def turn(stage: Stage) -> None:
        assert stage.authority is not None
        assert stage.server.tls is not None
        stage.server.tls.load_cert_chain(*make(stage.authority))

    return turn


def discovers(root: str, *, gone: bool = False) -> Malice:
    """Discovery that names one API root, wherever it is; with `gone`, the one here is no more."""

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        if seen.path == "/taxii2/":
            return Answer(json.dumps({"title": "D", "default": root, "api_roots": [root]}).encode())
        return Answer(b"{}", status=404) if gone else None

    return answer


CASES = (
    Case(
        12,
        "gzip bomb, nested encodings",
        (
            Way(
                name="bomb",
                turn=turns(malice.gzip_bomb(300)),
                ending=Ending(code=7, says="more than 64 MiB", kilobytes=2000, megabytes=300),
            ),
            Way(
                name="nested",
                turn=turns(malice.zipped("gzip, gzip"), more=True),
                ending=Ending(code=7, says="in an encoding that was not asked for"),
            ),
            Way(
                name="empty members",
                turn=turns(malice.many_members()),
                ending=Ending(code=7, says="damaged compressed data", kilobytes=200),
            ),
            Way(
                name="endless file name",
                caps=CAP,
                turn=turns(malice.endless_gzip_name()),
                ending=Ending(code=7, says="more than 1 MiB", kilobytes=9000),
            ),
            Way(
                name="1 GiB announced",
                turn=turns(malice.giant_body(announced=True)),
                ending=Ending(code=7, says="more than 64 MiB", kilobytes=9000, megabytes=200),
            ),
            Way(
                name="1 GiB unannounced",
                turn=turns(malice.giant_body(announced=False)),
                ending=Ending(code=7, says="more than 64 MiB", kilobytes=80_000, megabytes=300),
            ),
        ),
    ),
    Case(
        13,
        "body byte by byte",
        (
            Way(
                turn=turns(malice.slow_body(0.02)),
                source=HASTY,
                ending=Ending(code=7, says=_TOO_LATE),
            ),
            Way(
                name="none at all",
                turn=turns(malice.silent),
                source=HASTY,
                ending=Ending(code=7, says=_TOO_LATE),
            ),
        ),
    ),
    Case(
        14,
        "headers byte by byte",
        (
            Way(
                turn=turns(malice.slow_head()),
                source=HASTY,
                ending=Ending(code=7, says=_TOO_LATE),
            ),
            Way(
                name="headers without end",
                turn=turns(malice.endless_head()),
                ending=Ending(code=7, says=_NOT_HTTP, kilobytes=4000),
            ),
            Way(
                name="no HTTP",
                turn=turns(malice.bare(b"SSH-2.0-server\r\n")),
                ending=Ending(code=7, says=_NOT_HTTP),
            ),
            Way(
                name="nothing but a hang-up",
                turn=turns(malice.bare(b"")),
                ending=Ending(code=7, says=_BROKE_OFF, requests=5, waits=10),
            ),
        ),
    ),
    Case(
        15,
        "redirect elsewhere",
        (
            Way(turn=leads_away, ending=Ending(code=7, says="which was not contacted")),
            Way(
                name="to cloud metadata",
                turn=turns(malice.redirect(METADATA)),
                ending=Ending(code=7, says="http://169.254.169.254/, which was not contacted"),
            ),
            Way(
                name="to itself for ever",
                turn=turns(malice.redirect_for_ever),
                ending=Ending(code=7, says="redirects more than 3 times", requests=5),
            ),
        ),
    ),
    Case(
        16,
        "https to http",
        (
            Way(
                tls=True,
                turn=leads_away,
                ending=Ending(code=7, says="which was not contacted"),
            ),
        ),
    ),
    Case(
        17,
        "API root at cloud metadata",
        (
            Way(
                source={"kind": "taxii"},
                manner=discovers("/api1/"),
                turn=turns(discovers("http://169.254.169.254/api1/", gone=True)),
                ending=Ending(code=7, says="not contacted: http://169.254.169.254", requests=5),
            ),
        ),
    ),
    Case(
        18,
        "DNS rebinding",
        (
            *(
                Way(
                    name=name,
                    tls=True,
                    names=addresses,
                    turn=turns(more=True),
                    heals=False,
                    ending=Ending(code=7, says=says, requests=0, waits=5),
                )
                for name, addresses, says in (
                    # Whoever connects to the address that was checked finds nobody there, and
                    # checks what the name means by then when it asks again.
                    ("public, then this machine", (PUBLIC, "127.0.0.1"), "allow_private"),
                    ("this machine", ("127.0.0.1",), "allow_private"),
                    ("cloud metadata", ("169.254.169.254",), "allow_private"),
                )
            ),
        ),
    ),
    Case(
        19,
        "login page with status 200",
        (
            Way(
                turn=turns(malice.login_page()),
                ending=Ending(code=7, says="answers with text/html, not with TAXII"),
            ),
        ),
    ),
    Case(
        20,
        "Retry-After of 10^9 seconds or long past",
        (
            Way(
                name="10^9",
                turn=turns(malice.failing(99, 429, after="1000000000")),
                # At most 120 s before each of three repetitions.
                ending=Ending(
                    code=7, says="answered 429, at the last of 4 attempts", requests=5, waits=360
                ),
            ),
            Way(
                name="10^9, past the deadline",
                source={"deadline": 60},
                turn=turns(malice.failing(99, 429, after="1000000000")),
                ending=Ending(code=7, says="answered 429"),
            ),
            Way(
                name="past",
                turn=turns(
                    malice.failing(2, 503, after="Thu, 01 Jan 1970 00:00:00 GMT"), more=True
                ),
                ending=Ending(arrived=10, advances=True, requests=5, waits=5),
            ),
        ),
    ),
    Case(
        21,
        "body shorter than its length",
        (Way(turn=turns(malice.truncated, more=True), ending=Ending(code=7, says=_BROKE_OFF)),),
    ),
    Case(
        22,
        "expired or self-signed certificate",
        tuple(
            Way(
                name=name,
                tls=True,
                turn=turn,
                heals=False,
                ending=Ending(code=7, says=_UNTRUSTED, requests=0),
            )
            for name, turn in (
                ("expired", proves_by(lambda by: by.issue("127.0.0.1", days=-1))),
                ("self-signed", proves_by(lambda by: by.self_signed("127.0.0.1"))),
                ("of another", proves_by(lambda by: by.issue("other.example.com"))),
            )
        ),
    ),
    Case(
        23,
        "quoted or missing media type",
        (
            *(
                Way(
                    name=text,
                    turn=turns(malice.media_type(text), more=True),
                    ending=Ending(arrived=10, requests=3),
                )
                for text in (
                    'application/taxii+json; version="2.1"',
                    "Application/TAXII+JSON;Version=2.1",
                )
            ),
            Way(
                name="missing",
                turn=turns(malice.media_type(None), more=True),
                ending=Ending(code=7, says="answers with no media type, not with TAXII"),
            ),
        ),
    ),
)
