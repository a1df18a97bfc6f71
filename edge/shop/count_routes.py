"""What the store's machines and commands ask of count sessions, over HTTP and the socket alike.

Who says it stands in the query (`by`): a command, or the API where nothing stands.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import TypeVar

import msgspec

from edge.count_views import CountView, ResultView, result, view
from edge.errors import InputError, NothingSuch
from edge.local.routes import Answer, Request, Route
from edge.shop.count_desk import CountDesk
from edge.storage.counts import CountHead, Counts
from edge.storage.database import Database
from edge.wire_counts import CountOrder

LISTED = 100
_API = "api"
_SPEAKERS = (_API, "command")

_T = TypeVar("_T")


class CountsView(msgspec.Struct, frozen=True):
    """The newest sessions, newest first."""

    counts: list[CountView]


class StrictOrder(CountOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order in which a slip of the pen is told."""


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`writes_off`: what is missing has departed, not only gone missing."""

    writes_off: bool = False


class CountRoutes:
    """`reading` opens the file; what a session has found stands there as far as it is committed."""

    def __init__(
        self, desk: CountDesk, reading: Callable[[], AbstractContextManager[Database]]
    ) -> None:
        self._desk, self._reading = desk, reading

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/counts", self._open),
            Route("GET", "/counts", lambda _: Answer(self._newest())),
            Route("GET", "/counts/{id}", lambda request: Answer(self._result(request))),
            Route("GET", "/counts/{id}/progress", lambda request: Answer(self._progress(request))),
            Route("POST", "/counts/{id}/close", self._close),
            Route("POST", "/counts/{id}/cancel", self._cancel),
            Route("POST", "/counts/{id}/approve", self._approve),
        ]

    def _open(self, request: Request) -> Answer:
        order = _read(request.body, StrictOrder)
        count = self._desk.open(order, _speaker(request))
        return Answer(self._view(count), HTTPStatus.CREATED)

    def _close(self, request: Request) -> Answer:
        self._desk.close(request.arguments["id"], _speaker(request))
        return Answer(self._view(request.arguments["id"]))

    def _cancel(self, request: Request) -> Answer:
        self._desk.cancel(request.arguments["id"], _speaker(request))
        return Answer(self._view(request.arguments["id"]))

    def _approve(self, request: Request) -> Answer:
        how = Approval() if request.body in {b"", b"null"} else _read(request.body, Approval)
        count = request.arguments["id"]
        self._desk.approve(count, _speaker(request), writes_off=how.writes_off)
        return Answer(self._view(count))

    def _newest(self) -> CountsView:
        with self._reading() as db:
            return CountsView([view(head) for head in Counts(db).heads(LISTED)])

    def _progress(self, request: Request) -> CountView:
        return self._view(request.arguments["id"])

    def _result(self, request: Request) -> ResultView:
        with self._reading() as db:
            return result(Counts(db), _head(db, request.arguments["id"]))

    def _view(self, count: str) -> CountView:
        with self._reading() as db:
            return view(_head(db, count))


def _head(db: Database, count: str) -> CountHead:
    head = Counts(db).head(count)
    if head is None:
        raise NothingSuch(f"there is no count {count}")
    return head


def _speaker(request: Request) -> str:
    by = request.query.get("by", _API)
    if by not in _SPEAKERS:
        raise InputError(f"by: expected one of {', '.join(_SPEAKERS)}, got {by!r:.80}")
    return by


def _read(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise InputError(f"a count: {error}") from error
