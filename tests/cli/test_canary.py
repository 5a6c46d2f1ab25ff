"""A canary for a password: it reaches the server that it is for, and nothing else ever shows it."""

from __future__ import annotations

import base64
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
import requests

from driving.homes import Cli, FeedFolder, indicator
from running import Tidegate
from servers.loopback_taxii import COLLECTION, Answer, LoopbackTaxii, Seen, indicators
from tidegate.cli.main import main

Subscribe = Callable[..., FeedFolder]
Server = Callable[..., LoopbackTaxii]

CANARY = "Canary-7f3b9d-Battery-Staple"
VARIABLE = "TIDEGATE_TEST_CANARY"

LOOKS = (
    ("list", "--json"),
    ("why", "h1.example.com"),
    ("feeds", "list"),
    ("feeds", "list", "--json"),
    ("feeds", "show", "acme", "--json"),
    ("feeds", "check", "acme", "--verbose"),
    ("rejections", "--json"),
    ("held", "list", "--json"),
    ("history", "--json"),
    ("snapshots", "--json"),
    ("doctor", "--json"),
)
"""What people run when a feed fails."""


def forms(secret: str) -> set[bytes]:
    """The secret as it is, as Basic sends it, as an address and as JSON write it."""
    raw = secret.encode()
    sent = {
        base64.b64encode(b"u:" + raw),
        base64.b64encode(raw + b":" + raw),
        base64.b64encode(raw),
    }
    return {raw, quote(secret).encode(), orjson.dumps(secret)[1:-1], *sent} - {b""}


def auth(kind: str, reference: str) -> str:
    return {
        "basic": f'{{ kind = "basic", username = "u", password = "{reference}" }}',
        "user": f'{{ kind = "basic", username = "{reference}", password = "{reference}" }}',
        "bearer": f'{{ kind = "bearer", token = "{reference}" }}',
        "header": f'{{ kind = "header", name = "X-API-Key", value = "{reference}" }}',
    }[kind]


def source(url: str, kind: str, reference: str, *, whole: bool = False) -> str:
    if whole:
        return f'kind = "https"\nurl = "{url}"\nauth = {auth(kind, reference)}\n'
    return (
        f'kind = "taxii21"\nurl = "{url}"\ncollection = "{COLLECTION}"\n'
        f"auth = {auth(kind, reference)}\n"
    )


def answer(fault: str) -> Callable[[LoopbackTaxii, Seen], Answer]:
    """A server that fails, most of the time by throwing back whatever it was sent."""

    def echoed(_: LoopbackTaxii, seen: Seen) -> Answer:
        sent = " ".join(seen.headers.values())
        place = {"Location": f"http://192.0.2.1/{quote(sent)}"}
        return {
            "denied": Answer(orjson.dumps({"title": sent, "description": sent}), status=401),
            "broken": Answer(sent.encode(), status=500),
            "moved": Answer(b"", status=302, headers=place),
            "led on": Answer(b"", status=302, headers={"Location": f"{seen.path}/{quote(sent)}"}),
            "malformed": Answer(b'{"objects": [' + sent.encode()),
            "page": Answer(f"<html>{sent}</html>".encode(), media_type="text/html"),
        }[fault]

    return echoed


def fill(cli: Cli, subscribe: Subscribe) -> None:
    """Something in every file of the home: snapshots, history, the ledger, withheld changes."""
    feed = subscribe("plain", [indicator(n) for n in range(30)])
    cli.sync()
    feed.publish([])
    cli.sync(code=3)
    for name in ("snapshots", "journal.jsonl", "tenant.json", "held.json"):
        assert (cli.home / "tenants" / "default" / name).exists(), name


def clean(home: Path, told: str, secret: str) -> None:
    for form in forms(secret):
        assert form.decode() not in told
        for path in home.rglob("*"):
            assert form.decode() not in path.name
            assert not path.is_file() or form not in path.read_bytes(), path


@pytest.mark.parametrize("whole", [False, True], ids=["taxii", "https"])
@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("basic", "denied"),
        ("user", "broken"),
        ("bearer", "moved"),
        ("header", "led on"),
        ("header", "malformed"),
        ("bearer", "page"),
    ],
)
def test_a_canary_in_the_environment_is_shown_by_no_failing_sync(
    cli: Cli,
    subscribe: Subscribe,
    loopback_taxii: Server,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    fault: str,
    *,
    whole: bool,
) -> None:
    monkeypatch.setenv(VARIABLE, CANARY)
    server = loopback_taxii(indicators(3), malice=answer(fault), everywhere=True)
    fill(cli, subscribe)
    subscribe("acme", source=source(server.url, kind, f"env:{VARIABLE}", whole=whole))
    told = ""
    for argv in (("sync", "--yes", "--verbose"), ("sync", "--yes", "--json"), *LOOKS):
        ran = cli(*argv)
        told += ran.out + ran.err
        assert argv[0] != "sync" or ran.code == 7, ran.err
    assert "feed acme failed" in told
    sent = " ".join(value for seen in server.seen for value in seen.headers.values()).encode()
    assert any(form in sent for form in forms(CANARY)), "the canary was never sent: no test"
    clean(cli.home, told, CANARY)


@pytest.mark.parametrize(
    ("kind", "odd"),
    [
        ("bearer", "\nX-Evil: 1"),
        ("header", "\nX-Evil: 1"),
        ("basic", "\nX-Evil: 1"),
        ("header", " "),
        ("bearer", "€"),
        ("header", "\x00"),
        ("bearer", "\x1b[2J"),
        ("basic", "€"),
        ("basic", "\ud800"),
    ],
    ids=ascii,
)
def test_a_canary_that_no_header_can_carry_is_not_quoted_by_the_error(
    cli: Cli,
    subscribe: Subscribe,
    loopback_taxii: Server,
    tmp_path: Path,
    kind: str,
    odd: str,
) -> None:
    """Libraries like to quote the header that they refuse."""
    secret = tmp_path / "secret"
    text = odd + CANARY + odd + "x"
    secret.write_bytes(text.encode("utf-8", "surrogatepass"))
    server = loopback_taxii(indicators(3), malice=answer("denied"), everywhere=True)
    subscribe("acme", source=source(server.url, kind, f"file:{secret}"))
    told = ""
    for argv in (("sync", "--yes", "--verbose"), ("feeds", "check", "acme"), ("feeds", "list")):
        ran = cli(*argv)
        told += ran.out + ran.err
        assert ran.code in (0, 7), ran.err
        assert "internal fault" not in ran.err
    assert "feed acme failed" in told
    assert all("evil" not in name.lower() for seen in server.seen for name in seen.headers)
    clean(cli.home, told, CANARY)


def test_a_canary_is_in_no_traceback_of_a_fault_of_ours(
    cli: Cli, subscribe: Subscribe, loopback_taxii: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, CANARY)

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("the adapter broke down")

    server = loopback_taxii(indicators(3))
    subscribe("acme", source=source(server.url, "bearer", f"env:{VARIABLE}"))
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", break_down)
    with pytest.raises(RuntimeError) as found:
        main(["--home", str(cli.home), "sync", "--yes", "--verbose"])
    told = "".join(traceback.format_exception(found.value))
    assert "the adapter broke down" in told
    clean(cli.home, told, CANARY)
    ran = cli("sync", "--yes")
    assert ran.code == 1
    clean(cli.home, ran.out + ran.err, CANARY)


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads command lines in /proc")
def test_a_canary_is_in_no_command_line_of_any_process(
    tidegate: Tidegate, loopback_taxii: Server, tmp_path: Path
) -> None:
    seen: set[bytes] = set()

    def look(server: LoopbackTaxii, request: Seen) -> Answer:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.add(path.read_bytes())
            except OSError:
                continue
        return answer("denied")(server, request)

    server = loopback_taxii(indicators(3), malice=look, everywhere=True)
    cli = Cli(tidegate.home)
    made = tmp_path / "acme"
    made.mkdir()
    (made / "feed.toml").write_text(
        'id = "acme"\ntitle = "A feed"\nlicence = "CC0-1.0"\ntrust = 70\ntlp_default = "green"\n'
        f"[source]\n{source(server.url, 'basic', f'env:{VARIABLE}')}\n"
        '[default]\naction = "Warn"\nseverity = "High"\nexpires = "30d"\n',
        "utf-8",
    )
    cli.subscribe(made)
    done = Tidegate(tidegate.home, {VARIABLE: CANARY}).run("sync", "--yes", "--verbose")
    assert done.returncode == 7
    assert any(sys.executable.encode() in line and b"sync" in line for line in seen)
    assert not any(form in line for line in seen for form in forms(CANARY))
    clean(cli.home, done.stdout + done.stderr, CANARY)
