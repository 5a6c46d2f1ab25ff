"""The way that a feed names is the way that is taken."""

from collections.abc import Callable

import pytest

from servers.sockets import Behave, Proxy, RawServer, mute
from tidegate.taxii.proxy import Proxy as FeedProxy
from tidegate.taxii.way import Way


def test_a_proxy_is_dialled_in_place_of_the_server(
    raw_server: Callable[[Behave], RawServer],
) -> None:
    relay, server = Proxy(0), raw_server(mute)
    relay.target = server.port
    at = raw_server(relay)
    Way(proxy=FeedProxy("127.0.0.1", at.port)).dial("127.0.0.1", server.port, 1).close()
    assert at.connections == 1
    Way().dial("127.0.0.1", server.port, 1).close()
    assert at.connections == 1


def test_without_a_word_the_way_is_direct_checked_and_public() -> None:
    way = Way()
    assert (way.proxy, way.allow_private) == (None, False)
    assert way.context().get_ca_certs()
    with pytest.raises(OSError, match=r"refused|timed out"):
        way.dial("127.0.0.1", 1, 1)
