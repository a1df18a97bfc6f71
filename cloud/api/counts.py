"""Count sessions over HTTP: their results, and what the stores' agents are to do.

What an agent is told goes by the broker, which keeps nothing: an agent that is away does not hear
it, and whoever asked is told so.
"""

import asyncio
import secrets
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path
from fastapi.exceptions import HTTPException

from cloud.api.count_models import (
    Count,
    CountActBody,
    CountAnswer,
    CountHeard,
    CountLine,
    CountOrderBody,
    CountsAnswer,
)
from cloud.api.models import Problem
from cloud.api.routes import StoreId, Web, WebOf, first, get_store
from cloud.live.events import Counts
from edge.wire import Command, Wish
from edge.wire_counts import COUNT_ID, CountAct, CountOrder, CountWish

CountId = Annotated[str, Path(pattern=rf"^{COUNT_ID}$", examples=["20260102-090000000-floor"])]
Act = Literal["close", "cancel", "approve"]

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such store, or count."},
    503: {"model": Problem, "description": "The documents, or the store, cannot be had for now."},
}

counts = APIRouter(prefix="/api/v1/stores/{store_id}/counts", tags=["counts"])


@counts.get("", responses=_PROBLEMS)
async def list_counts(web: WebOf, store_id: StoreId) -> CountsAnswer:
    """Give the newest counts of a store, newest first."""
    await get_store(web, store_id)
    found = await first(Counts, lambda wake: web.live.counts(store_id, wake))
    return CountsAnswer.of(store_id, found, web.now_us())


@counts.get("/{count_id}", responses=_PROBLEMS)
async def get_count(web: WebOf, store_id: StoreId, count_id: CountId) -> CountAnswer:
    """Give a count and, once it has ended, its lines with the items that differ."""
    found = await asyncio.to_thread(web.live.counted.read, store_id, count_id)
    if found is None:
        raise HTTPException(404, f"store {store_id!r} has no count {count_id!r}")
    lines = [CountLine.of(row, found.names[row.gtin]) for row in found.rows]
    return CountAnswer(now_us=web.now_us(), count=Count.of(found.head), lines=lines)


@counts.post("", status_code=202, responses=_PROBLEMS)
async def open_count(web: WebOf, store_id: StoreId, body: CountOrderBody) -> CountHeard:
    """Have a store open a count; it appears, or is refused, within seconds."""
    await get_store(web, store_id)
    count_id = body.id or f"office-{secrets.token_hex(8)}"
    try:
        order = msgspec.convert(body.model_dump(exclude={"id"}), CountOrder)
    except msgspec.ValidationError as error:
        raise HTTPException(422, str(error)) from error
    await _command(web, store_id, CountWish(CountAct.OPEN, count_id, order))
    return CountHeard(now_us=web.now_us(), store=store_id, id=count_id)


@counts.post("/{count_id}/{act}", status_code=202, responses=_PROBLEMS)
async def end_count(
    web: WebOf, store_id: StoreId, count_id: CountId, act: Act, body: CountActBody
) -> CountHeard:
    """Have a store close, cancel or approve a count; what has come of it is in the count."""
    await get_store(web, store_id)
    await _command(web, store_id, CountWish(CountAct(act), count_id, writes_off=body.writes_off))
    return CountHeard(now_us=web.now_us(), store=store_id, id=count_id)


async def _command(web: Web, store_id: str, wish: CountWish) -> None:
    if web.command is None:
        raise HTTPException(
            503, "this service has no broker: [mqtt] is missing in its configuration"
        )
    command = Command(store_id, secrets.token_hex(8), Wish.COUNT, count=wish)
    await asyncio.to_thread(web.command, command)
