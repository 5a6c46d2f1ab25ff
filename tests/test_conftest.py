"""The isolation holds: no other machine, no secret, no home of the developer."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from pathlib import Path

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.com"])
def test_other_machines_are_out_of_reach(host: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="only loopback"):
        socket.create_connection((host, 80), timeout=1)


def test_an_address_given_straight_to_a_socket_is_refused() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        pytest.raises(pytest.fail.Exception, match="only loopback"),
    ):
        one.sendto(b"", ("198.51.100.7", 53))


def test_names_under_invalid_do_not_resolve() -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("taxii.invalid", 443)


def test_loopback_is_reachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_the_home_is_new_and_nobody_elses(tmp_path: Path) -> None:
    assert not Path(os.environ["TIDEGATE_HOME"]).exists()
    assert list(Path.home().iterdir()) == []


def test_now_is_aware_and_in_utc(now: datetime) -> None:
    assert now.utcoffset() == timedelta(0)
