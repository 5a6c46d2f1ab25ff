"""A canary for a password: it reaches the server that it is for, and nothing else ever shows it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from driving.canary import CANARY, FORMS, VARIABLE, clean
from driving.homes import Cli, FeedFolder
from running import Tidegate
from servers.echoes import ECHOES
from servers.loopback_taxii import COLLECTION, Answer, LoopbackTaxii, Seen, indicators
from tidegate.cli.main import main

Subscribe = Callable[..., FeedFolder]
Server = Callable[..., LoopbackTaxii]


def auth(kind: str, reference: str) -> str:
    return {
        "basic": f'{{ kind = "basic", username = "u", password = "{reference}" }}',
        "bearer": f'{{ kind = "bearer", token = "{reference}" }}',
        "header": f'{{ kind = "header", name = "X-API-Key", value = "{reference}" }}',
    }[kind]


def source(url: str, kind: str, reference: str) -> str:
    return (
        f'kind = "taxii21"\nurl = "{url}"\ncollection = "{COLLECTION}"\n'
        f"auth = {auth(kind, reference)}\n"
    )


DENIED = ECHOES["status 401"]


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
    server = loopback_taxii(indicators(3), malice=DENIED, everywhere=True)
    subscribe("acme", source=source(server.url, kind, f"file:{secret}"))
    told = ""
    for argv in (("sync", "--yes", "--verbose"), ("feeds", "check", "acme"), ("feeds", "list")):
        ran = cli(*argv)
        told += ran.out + ran.err
        assert ran.code in (0, 7), ran.err
        assert "internal fault" not in ran.err
    assert "feed acme failed" in told
    assert all("evil" not in name.lower() for seen in server.seen for name in seen.headers)
    clean(cli.home, told)


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
    clean(cli.home, told)
    ran = cli("sync", "--yes")
    assert ran.code == 1
    clean(cli.home, ran.out + ran.err)


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads command lines in /proc")
def test_a_canary_is_in_no_command_line_of_any_process(
    tidegate: Tidegate, loopback_taxii: Server, tmp_path: Path
) -> None:
    seen: set[bytes] = set()

    def look(server: LoopbackTaxii, request: Seen) -> Answer | None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.add(path.read_bytes())
            except OSError:
                continue
        return DENIED(server, request)

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
    assert not any(form in line for line in seen for form in FORMS)
    clean(cli.home, done.stdout + done.stderr)
