"""What every test gets: a home of its own, no secrets, and no network beyond this machine."""

from __future__ import annotations

import ipaddress
import itertools
import os
import re
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

from running import Tidegate

pytest_plugins = ["servers.loopback_taxii", "servers.certificates", "servers.sockets"]

# How long an example takes says how busy the machine is; the goals for speed are benchmarks.
settings.register_profile("tidegate", deadline=None)
settings.load_profile("tidegate")

CHECKOUT = Path(__file__).resolve().parents[1]

_SECRET = re.compile(
    r"(PASSWORD|PASSWD|TOKEN|SECRET|API_?KEY|CREDENTIALS?)$|_PROXY$", re.IGNORECASE
)
_KEPT = frozenset({"TIDEGATE_MISP_PYTHON", "TIDEGATE_REAL_DATA", "TIDEGATE_SOAK"})
_homes = itertools.count()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One worker more than processors: tests of the terminal sleep half of their time."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def _person(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the empty home folder of the person who runs the tests."""
    return tmp_path_factory.mktemp("person")


@pytest.fixture(autouse=True)
def _isolated(_person: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own configuration and secrets out of tests."""
    for name in list(os.environ):
        if name not in _KEPT and (name.startswith("TIDEGATE_") or _SECRET.search(name)):
            monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(_person))
    for name in ("CONFIG", "DATA", "STATE", "CACHE", "RUNTIME"):
        suffix = "DIR" if name == "RUNTIME" else "HOME"
        monkeypatch.setenv(f"XDG_{name}_{suffix}", str(_person / name.lower()))
    # A path nobody has made yet; cheaper than a tmp_path for thousands of pure tests.
    monkeypatch.setenv("TIDEGATE_HOME", str(_person / f"tidegate-{next(_homes)}"))


@pytest.fixture(autouse=True)
def _unhurried_servers_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the pauses before a request is sent again."""
    monkeypatch.setattr("tidegate.taxii.retry.rest", lambda _: None)


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """Fail whatever test tries to reach another machine.

    The failure is no Exception, so that code which expects network trouble cannot swallow it.
    Names under .invalid fail as a resolver would fail them.
    """
    patch = pytest.MonkeyPatch()
    lookup: Callable[..., Any] = socket.getaddrinfo

    def getaddrinfo(host: str | bytes | None, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passed on
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and name.rstrip(".").endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "name not known")
        return lookup(host, *args, **kwargs) if _is_here(name) else _refuse(name)

    def guarded(method: str) -> None:
        original: Callable[..., Any] = getattr(socket.socket, method)

        def call(self: socket.socket, *args: Any) -> Any:  # noqa: ANN401 - passed on
            address = args[-1]
            if isinstance(address, tuple) and not _is_here(str(address[0])):
                _refuse(address)
            return original(self, *args)

        patch.setattr(socket.socket, method, call)

    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    for method in ("connect", "connect_ex", "sendto"):
        guarded(method)
    yield
    patch.undo()


def _is_here(host: str | None) -> bool:
    if not host or host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    # A wildcard address is where servers listen.
    return address.is_loopback or address.is_unspecified


def _refuse(target: object) -> NoReturn:
    pytest.fail(f"a test tried to reach {target}: only loopback is allowed")


@pytest.fixture
def now() -> datetime:
    """Return the moment at which tests take place."""
    return datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def real_data() -> Path:
    """Return the folder of real feeds; the test is skipped on machines without it."""
    named = os.environ.get("TIDEGATE_REAL_DATA")
    folder = Path(named) if named else CHECKOUT.parent / "shared" / "data" / "dev"
    if not folder.is_dir():
        pytest.skip("no real data here; TIDEGATE_REAL_DATA names the folder")
    return folder


@pytest.fixture
def tidegate(tmp_path: Path) -> Tidegate:
    """Return the command, with a home in tmp_path that does not exist yet."""
    return Tidegate(tmp_path / "home")
