"""A TAXII 2.1 server on loopback that takes objects in, or fails to in every way there is.

    with LoopbackInbox() as server: ...
    with LoopbackInbox(malice=sequence(lost_after, None, dropped)) as server: ...

What it took stands in `server.held`, by id and version; every POST in `server.posted`. A `malice`
may answer a POST, or a question for a status or the manifest, in place of the server. The
`loopback_taxii` fixture starts it with `kind=LoopbackInbox`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any
from uuid import UUID

import orjson

from servers.loopback_taxii import COLLECTION, Answer, LoopbackTaxii, Malice, Seen

Version = tuple[str, str]


class LoopbackInbox(LoopbackTaxii):
    """The server.

    `most` is its max_content_length, which it keeps to; with `quiet` without having said so. It
    asks `judge` of each object for a reason not to take it. A status is pending for so many `polls`
    after the POST. `again` is what becomes of a version that is there already: the specification
    says a success, the reference server a failure.
    """

    takes = 64 * 1024 * 1024

    def __init__(
        self,
        objects: Sequence[dict[str, Any]] = (),
        *,
        can_read: bool = True,
        can_write: bool = True,
        most: object = 100_000,
        quiet: bool = False,
        judge: Callable[[dict[str, Any]], str | None] = lambda _: None,
        polls: int = 0,
        again: str = "successes",
        **options: Any,  # noqa: ANN401 - passed on
    ) -> None:
        super().__init__(objects, everywhere=True, **options)
        self.can_read = can_read
        self.can_write = can_write
        self.most = most
        self.quiet = quiet
        self.judge = judge
        self.polls = polls
        self.again = again
        self.held: dict[Version, dict[str, Any]] = {}
        self.posted: list[list[Version]] = []
        self._statuses: dict[str, list[dict[str, Any]]] = {}
        self._numbers = count(1)

    @property
    def inbox(self) -> str:
        return f"{self.url}collections/{COLLECTION}/objects/"

    @property
    def polled(self) -> list[Seen]:
        return [seen for seen in self.seen if "/status/" in seen.path]

    def answer(self, seen: Seen) -> Answer:
        """Answer one request; before whatever malice does, note a POST."""
        if seen.method == "POST":
            self.posted.append([_version(each) for each in _objects(seen)])
        return super().answer(seen)

    def honest(self, seen: Seen) -> Answer:
        """Answer one request as an honest server does."""
        if seen.method == "POST":
            return self.take(seen)
        if seen.path.startswith("/api1/status/"):
            return self._status(seen.path.removeprefix("/api1/status/").strip("/"))
        if seen.path.endswith("/manifest/"):
            return self._manifest(seen)
        return super().honest(seen)

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return everything but the objects, by its path."""
        known = super().resources()
        about = known[f"/api1/collections/{COLLECTION}/"]
        about["can_read"], about["can_write"] = self.can_read, self.can_write
        known["/api1/"]["max_content_length"] = None if self.quiet else self.most
        return known

    def take(self, seen: Seen) -> Answer:
        """Take objects in as TAXII 2.1 §5.5 says."""
        if not self.can_write:
            return Answer(b"{}", status=403)
        if seen.headers.get("content-type") != self.media_type:
            return Answer(b"{}", status=415)
        if type(self.most) is int and 0 < self.most < len(seen.body):
            return Answer(b"{}", status=413)
        status = self._taken(_objects(seen))
        self._statuses[status["id"]] = [{**_pending(status), "id": status["id"]}] * (
            self.polls - 1
        ) + [status]
        first = _pending(status) if self.polls else status
        return Answer(orjson.dumps(first), status=202)

    def _taken(self, objects: list[dict[str, Any]]) -> dict[str, Any]:
        named: dict[str, list[dict[str, str]]] = {"successes": [], "failures": [], "pendings": []}
        for each in objects:
            ident, version = key = _version(each)
            reason = self.judge(each)
            where = "failures" if reason else self.again if key in self.held else "successes"
            detail = {"id": ident, "version": version}
            named[where].append({**detail, "message": reason} if reason else detail)
            if not reason:
                self.held[key] = each
        return status_of(named, ident=str(UUID(int=next(self._numbers) | 4 << 76 | 8 << 60)))

    def _status(self, ident: str) -> Answer:
        left = self._statuses.get(ident)
        if not left:
            return Answer(b'{"title":"not found"}', status=404)
        return Answer(orjson.dumps(left[0] if len(left) == 1 else left.pop(0)))

    def _manifest(self, seen: Seen) -> Answer:
        if not self.can_read:
            return Answer(b"{}", status=403)
        idents = seen.query.get("match[id]", "").split(",")
        listed = [
            {"id": ident, "version": version, "date_added": version}
            for ident, version in self.held
            if ident in idents
        ]
        return Answer(orjson.dumps({"objects": listed}))


def status_of(
    named: dict[str, list[dict[str, str]]], state: str = "complete", ident: str = ""
) -> dict[str, Any]:
    """Return the status resource that names all of these."""
    sizes = {name: len(named.get(name, ())) for name in ("successes", "failures", "pendings")}
    return {
        "id": ident or str(UUID(int=1 | 4 << 76 | 8 << 60)),
        "status": state,
        "total_count": sum(sizes.values()),
        "success_count": sizes["successes"],
        "failure_count": sizes["failures"],
        "pending_count": sizes["pendings"],
        **named,
    }


def _pending(status: dict[str, Any]) -> dict[str, Any]:
    everything = [*status["successes"], *status["failures"]]
    bare = [{"id": each["id"], "version": each["version"]} for each in everything]
    named = {"successes": [], "failures": [], "pendings": bare}
    return status_of(named, "pending", status["id"])


def _objects(seen: Seen) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = orjson.loads(seen.body)["objects"]
    return objects


def _version(each: dict[str, Any]) -> Version:
    return each["id"], each.get("modified") or each.get("created") or ""


def dropped(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Hang up before anything is done."""
    return Answer(bare=True)


def lost_after(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Do all that was asked, and hang up before the answer."""
    server.honest(seen)
    return Answer(bare=True)


def cut_after(server: LoopbackTaxii, seen: Seen) -> Answer:
    """Do all that was asked, and hang up in the middle of the answer."""
    whole = server.honest(seen)
    half = whole.body[: len(whole.body) // 2]
    return Answer(half, status=whole.status, length=len(whole.body))


def answered(status: int, **headers: str) -> Malice:
    """Answer with a status and a body that must not reach anyone's terminal."""
    return lambda _server, _seen: Answer(
        b'{"title":"\x1b[31mhostile"}', status=status, headers=headers
    )


def said(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Malice:
    """Do what was asked and answer with a status that was tampered with."""

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer:
        honest = server.honest(seen)
        return Answer(orjson.dumps(change(orjson.loads(honest.body))), status=honest.status)

    return answer


def posts(*faults: Malice | None, ever: Malice | None = None) -> Malice:
    """Meet the first POSTs with these faults, one each, and all others with `ever`."""
    numbers = count()

    def answer(server: LoopbackTaxii, seen: Seen) -> Answer | None:
        if seen.method != "POST":
            return None
        number = next(numbers)
        fault = faults[number] if number < len(faults) else ever
        return fault(server, seen) if fault else None

    return answer


def cut_answers(number: int) -> Malice:
    """Cut off the answers to the first POSTs."""
    return posts(*[cut_after] * number)


def asked(fault: Malice, part: str = "/status/") -> Malice:
    """Meet every question whose address holds `part` with a fault."""
    return lambda server, seen: fault(server, seen) if part in seen.path else None
