"""A real TAXII 2.1 server on loopback for the demo: medallion, the OASIS reference server.

Owns starting it on a free port of 127.0.0.1 with the collections given, and stopping it. medallion
is an optional extra, loaded only here. Refuses other addresses, and to be more than a demo: its
memory backend compares every object with every other, so a collection of 250 objects answers in
about half a second, one of 2,000 in half a minute.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from tidegate.errors import ConfigError

if TYPE_CHECKING:  # Flask and werkzeug come with the demo extra only
    from flask import Flask
    from werkzeug.serving import BaseWSGIServer

HOST = "127.0.0.1"
PAGE_SIZE = 100
_ROOT = "demo"
_MEDIA_TYPE = "application/stix+json;version=2.1"
_MAX_CONTENT = 10 * 1024 * 1024
# medallion orders objects by the time they were added and pages by that; each gets one of its own.
_FIRST_ADDED = datetime(2025, 1, 1, tzinfo=UTC)
_STEP = timedelta(milliseconds=1)

Collections = Mapping[str, tuple[str, list[dict[str, Any]]]]


class DemoServer:
    """Serves collections (id → title and STIX objects) while its `with` block lasts.

    Raises ConfigError when medallion is not installed.
    """

    def __init__(self, collections: Collections, username: str, password: str) -> None:
        self._app = _application(collections, username, password)
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """The API root's address, with its final slash."""
        return f"http://{HOST}:{self._port}/{_ROOT}/"

    def collection_url(self, collection: str) -> str:
        """The address of one collection."""
        return f"{self.url}collections/{collection}/"

    def __enter__(self) -> Self:
        from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415 - demo extra

        class Quiet(WSGIRequestHandler):
            def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
                """Keep the terminal for the demo's own words."""

        self._server = make_server(HOST, 0, self._app, threaded=True, request_handler=Quiet)
        self._port = self._server.port
        # Asked often for its stop, so that leaving the demo does not wait for half a second.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="demo-taxii-server", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


def _application(collections: Collections, username: str, password: str) -> Flask:
    """Build medallion's application anew: its own is one object per process, set up only once."""
    try:
        import medallion  # noqa: PLC0415 - demo extra
        from flask import Flask  # noqa: PLC0415 - demo extra
        from medallion.backends.memory_backend import MemoryBackend  # noqa: PLC0415 - demo extra
        from medallion.exceptions import ProcessingError  # noqa: PLC0415 - demo extra
    except ImportError:
        raise ConfigError(
            "the demo's TAXII server, medallion, is not installed", "pip install 'tidegate[demo]'"
        ) from None

    app: Any = Flask("tidegate-demo")
    app.medallion_backend = MemoryBackend(filename=io.StringIO(json.dumps(_data(collections))))
    app.users_backend = {username: password}
    app.taxii_config = {"max_page_size": PAGE_SIZE}
    medallion.register_blueprints(app)
    app.register_error_handler(ProcessingError, medallion.handle_processing_error)
    return cast("Flask", app)


def _data(collections: Collections) -> dict[str, Any]:
    """Return medallion's own file format: discovery, and one API root with everything."""
    return {
        "/discovery": {
            "title": "Tidegate demo",
            "default": f"/{_ROOT}/",
            "api_roots": [f"/{_ROOT}/"],
        },
        _ROOT: {
            "information": {
                "title": "Tidegate demo",
                "versions": ["application/taxii+json;version=2.1"],
                "max_content_length": _MAX_CONTENT,
            },
            "status": [],
            "collections": [
                _collection(name, title, objects) for name, (title, objects) in collections.items()
            ],
        },
    }


def _collection(name: str, title: str, objects: list[dict[str, Any]]) -> dict[str, Any]:
    dated = [(each, _stamp(_FIRST_ADDED + number * _STEP)) for number, each in enumerate(objects)]
    return {
        "id": name,
        "title": title,
        "can_read": True,
        "can_write": False,
        "media_types": [_MEDIA_TYPE],
        # medallion finds an object's manifest entry by its version, which for objects without
        # `modified` and `created` is this hidden field.
        "objects": [{**each, "_date_added": added} for each, added in dated],
        "manifest": [
            {
                "id": each["id"],
                "date_added": added,
                "version": each.get("modified") or each.get("created") or added,
                "media_type": _MEDIA_TYPE,
            }
            for each, added in dated
        ],
    }


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
