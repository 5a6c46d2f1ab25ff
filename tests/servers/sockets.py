"""Servers below HTTP: a proxy, and whatever a function does with a raw connection.

proxy(target_port)                       tunnels every CONNECT to a port of this machine
raw_server(lambda peer, stopping: ...)   one thread for each connection
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import pytest

Behave = Callable[[socket.socket, threading.Event], None]


class RawServer:
    """Accepts connections and lets `behave` do with each what it likes until `stopping`."""

    def __init__(self, behave: Behave) -> None:
        self.behave = behave
        self.connections = 0
        self.stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            with suppress(TimeoutError):
                peer, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, peer: socket.socket) -> None:
        with peer, suppress(OSError):
            peer.settimeout(5)
            self.behave(peer, self.stopping)


def dripping(text: bytes, *, first: bytes = b"", hear: bool = True, pause: float = 0.02) -> Behave:
    """Say `first` at once, then `text` over and over, a byte every `pause` seconds."""

    def behave(peer: socket.socket, stopping: threading.Event) -> None:
        if hear:
            peer.recv(65536)
        peer.sendall(first)
        while text:
            for byte in text:
                if stopping.wait(pause):
                    return
                peer.sendall(bytes([byte]))

    return behave


def dripping_record(tls: ssl.SSLContext, *, handshake: bool) -> Behave:
    """Drip one TLS record, the server's first or that of its answer, a byte every 20 ms."""

    def behave(peer: socket.socket, stopping: threading.Event) -> None:
        came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        inside = tls.wrap_bio(came, goes, server_side=True)
        for step in (inside.do_handshake, inside.read):
            while True:
                try:
                    step()
                    break
                except ssl.SSLWantReadError:
                    if handshake and goes.pending:
                        break
                    peer.sendall(goes.read())
                    came.write(peer.recv(65536))
        if not handshake:
            inside.write(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000)
        for byte in goes.read():
            if stopping.wait(0.02):
                return
            peer.sendall(bytes([byte]))

    return behave


def mute(peer: socket.socket, stopping: threading.Event) -> None:
    """Accept, and say nothing."""
    stopping.wait(20)


@dataclass
class Proxy:
    """A forward proxy: `heads` are the requests it got, `status` and `head` what it answers."""

    target: int
    status: int = 200
    head: str = ""
    heads: list[str] = field(default_factory=list)
    seen: bytearray = field(default_factory=bytearray)

    def __call__(self, peer: socket.socket, _: threading.Event) -> None:
        """Serve one connection."""
        head = b""
        while b"\r\n\r\n" not in head:
            more = peer.recv(65536)
            if not more:
                return
            head += more
        self.heads.append(head.decode("latin-1"))
        peer.sendall(f"HTTP/1.1 {self.status} Said\r\n{self.head}\r\n".encode("latin-1"))
        if self.status != 200:
            return
        with socket.create_connection(("127.0.0.1", self.target), 5) as server:
            back = threading.Thread(target=_pour, args=(server, peer), daemon=True)
            back.start()
            _pour(peer, server, self.seen)
            back.join(5)


def _pour(source: socket.socket, target: socket.socket, copy: bytearray | None = None) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if copy is not None:
                copy += data
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def raw_server() -> Iterator[Callable[[Behave], RawServer]]:
    """Start raw servers; all stop with the test."""
    running: list[RawServer] = []

    def start(behave: Behave) -> RawServer:
        running.append(RawServer(behave).__enter__())
        return running[-1]

    yield start
    for server in running:
        server.__exit__()
