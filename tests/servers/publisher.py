"""A web server that publishes one document, with the validators that it is told to give.

    publisher = Publisher(bundle([indicator(1)]), etag='"one"')
    server = loopback_taxii(malice=publisher, everywhere=True)       ... publisher.url(server)

It answers conditional requests as RFC 9110 §13 says: 304 when the state is the one named.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from servers.loopback_taxii import Answer, LoopbackTaxii, Malice, Seen


@dataclass
class Publisher:
    """The document of the moment; `instead` answers in its place, where it answers at all."""

    body: bytes
    etag: str = ""
    last_modified: str = ""
    media_type: str | None = "application/json"
    instead: Malice | None = None
    statuses: list[int] = field(default_factory=list)

    def __call__(self, server: LoopbackTaxii, seen: Seen) -> Answer:
        """Answer one request, whatever its path."""
        answer = self.instead(server, seen) if self.instead else None
        answer = answer or self._honest(seen)
        self.statuses.append(answer.status)
        return answer

    def _honest(self, seen: Seen) -> Answer:
        named = {"ETag": self.etag, "Last-Modified": self.last_modified}
        headers = {name: value for name, value in named.items() if value}
        asked = (seen.headers.get("if-none-match"), seen.headers.get("if-modified-since"))
        same = asked[0] == self.etag if asked[0] else asked[1] == self.last_modified
        if any(asked) and same:
            return Answer(status=304, headers=headers, media_type=None)
        return Answer(self.body, headers=headers, media_type=self.media_type)

    @staticmethod
    def url(server: LoopbackTaxii) -> str:
        """Where the document is."""
        return f"{server.origin}/feed.json"
