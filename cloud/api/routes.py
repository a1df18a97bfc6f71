"""The HTTP API, version 1.  Answers come out of memory; nothing here waits for the database."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Request
from fastapi.exceptions import HTTPException
from starlette.responses import Response

from cloud.api.models import (
    Health,
    Problem,
    StockAnswer,
    Store,
    StoreAnswer,
    StoresAnswer,
)
from cloud.api.streams import Bell, EventStream, store_events, stores_events
from cloud.live.events import Counts, Lost, Stock, Stores
from cloud.live.feed import Viewer
from cloud.live.hub import Live
from edge.clock import Clock
from edge.errors import DocumentsError
from edge.wire import Command, Status

WAIT_S = 20.0  # for the documents to be read, if nobody looked at them before
STORE_ID = r"^[a-z0-9][a-z0-9-]{0,39}$"

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such store."},
    503: {"model": Problem, "description": "The documents cannot be had, for now."},
}


Commander = Callable[[Command], Status]
"""Gives a command to a store's agent; raises BrokerError when that has not heard it."""


@dataclass(frozen=True, slots=True)
class Web:
    """What requests need; `app.state.web`."""

    live: Live
    clock: Clock
    documents: str  # which database it is, for people
    command: Commander | None = None  # none where there is no broker

    def now_us(self) -> int:
        return self.clock.now().utc_us


def web_of(request: Request) -> Web:
    web: Web = request.app.state.web
    return web


WebOf = Annotated[Web, Depends(web_of)]
StoreId = Annotated[str, Path(pattern=STORE_ID, examples=["muc-01"])]

api = APIRouter(prefix="/api/v1", tags=["stores"])
health = APIRouter()


@api.get("/stores", responses={503: _PROBLEMS[503]})
async def list_stores(web: WebOf) -> StoresAnswer:
    """Give all stores that were ever heard of."""
    found = await first(Stores, web.live.stores)
    now_us = web.now_us()
    stores = [Store.of(store, now_us) for store in found.stores]
    return StoresAnswer(now_us=now_us, stores=stores, is_cut=found.is_cut)


@api.get("/stores/{store_id}", responses=_PROBLEMS)
async def get_store(web: WebOf, store_id: StoreId) -> StoreAnswer:
    """Give one store as its agent last described itself."""
    now_us = web.now_us()
    for store in (await first(Stores, web.live.stores)).stores:
        if store.store == store_id:
            return StoreAnswer(now_us=now_us, store=Store.of(store, now_us))
    raise HTTPException(404, f"no store {store_id!r} was ever heard of")


@api.get("/stores/{store_id}/stock", responses=_PROBLEMS, response_model=StockAnswer)
async def get_stock(web: WebOf, store_id: StoreId) -> Response:
    """Give the counts of all GTINs of a store, by zone, in no order."""
    await get_store(web, store_id)
    stock = await first(Stock, lambda wake: web.live.stock(store_id, wake))
    answer = StockAnswer.of(store_id, stock, web.now_us())
    return Response(answer.model_dump_json(), media_type="application/json")


@api.get("/events", response_class=EventStream, status_code=200)
async def follow_stores(web: WebOf) -> EventStream:
    """Follow all stores, without end, as server-sent events.

    `stores` (StoresAnswer) comes first, and again whenever all is said anew; `stores_changed`
    (StoresChangedAnswer) replaces the stores it names; `stores_lost` (LostAnswer): the documents
    cannot be had until `stores` comes again; `heartbeat` (Answer) comes when nothing else did.
    """
    return EventStream(stores_events(web.live, web.clock))


@api.get("/stores/{store_id}/events", response_class=EventStream, status_code=200)
async def follow_store(web: WebOf, store_id: StoreId) -> EventStream:
    """Follow one store and its stock, without end, as server-sent events.

    `store` (StoreAnswer) and `stock` (StockAnswer) replace what was said before; `stock_changed`
    (StockAnswer) replaces the lines it names; `counts` (CountsAnswer) are the newest counts of the
    store; `counts_lost`, `store_lost` and `stock_lost` (LostAnswer): the
    documents cannot be had until the like comes again; `heartbeat` (Answer).
    """
    return EventStream(store_events(web.live, web.clock, store_id))


@health.get("/healthz", tags=["service"])
async def healthz(web: WebOf) -> Health:
    """Say that this instance answers; it asks the documents nothing."""
    counters = web.live.counters()
    return Health(
        now_us=web.now_us(),
        documents=web.documents,
        feeds=counters.feeds,
        viewers=counters.viewers,
        lagged=counters.lagged,
        reopened=counters.reopened,
    )


_W = TypeVar("_W", Stock, Stores, Counts)
_Look = Callable[[Callable[[], None]], AbstractContextManager[Viewer]]


async def first(kind: type[_W], look: _Look) -> _W:
    """Look once; raise DocumentsError when what is seen is not of now."""
    bell = Bell()
    with look(bell.ring) as viewer:
        while True:
            events = viewer.take()
            for event in events:
                if isinstance(event, Lost):
                    raise DocumentsError(event.reason)
            for event in events:
                if isinstance(event, kind):
                    return event
            if viewer.is_ended:
                raise DocumentsError("this instance is ending")
            if not await bell.wait(WAIT_S):
                raise DocumentsError(f"no answer within {WAIT_S:.0f} s")
