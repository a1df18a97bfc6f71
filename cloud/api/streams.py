"""Server-sent events (WHATWG HTML, section 9.2): from viewers' queues to open connections.

A stream says the whole first, then what changes, and every HEARTBEAT_S that it is still there: a
browser that hears nothing for longer knows that the link is dead.  Whoever connects again simply
begins with the whole again.  A connection that takes nothing for SEND_S is given up.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from cloud.api.count_models import CountsAnswer
from cloud.api.models import (
    Answer,
    LostAnswer,
    StockAnswer,
    Store,
    StoreAnswer,
    StoresAnswer,
    StoresChangedAnswer,
    position_text,
)
from cloud.documents.shapes import StoreDoc
from cloud.live.events import Counts, Event, Lost, Stock, StockChanged, Stores, StoresChanged
from cloud.live.feed import Viewer
from cloud.live.hub import Live
from edge.clock import Clock

HEARTBEAT_S = 10.0
SEND_S = 30.0


class Bell:
    """Wakes one coroutine; any thread may ring it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: there is nobody to wake
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, timeout_s: float) -> bool:
        """Give whether it rang within the time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


async def stores_events(live: Live, clock: Clock) -> AsyncGenerator[bytes, None]:
    """Say `stores`, then `stores_changed`; `stores_lost` while the documents cannot be had."""
    bell = Bell()
    with live.stores(bell.ring) as viewer:
        while True:
            for event in viewer.take():
                yield _say_stores(event, clock.now().utc_us)
            if viewer.is_ended:
                return
            if not await bell.wait(HEARTBEAT_S):
                yield _frame("heartbeat", Answer(now_us=clock.now().utc_us))


async def store_events(live: Live, clock: Clock, store_id: str) -> AsyncGenerator[bytes, None]:
    """Say `store` whenever it changes, and `stock`, then `stock_changed`, and `counts`.

    A store that nobody has heard of is null, and its stock is not looked for before it comes.
    """
    bell = Bell()
    with ExitStack() as stack:
        stores = stack.enter_context(live.stores(bell.ring))
        stock = counts = None
        while True:
            for event in stores.take():
                for frame in _say_own(event, store_id, clock.now().utc_us):
                    yield frame
                if stock is None and any(_own(event, store_id)):
                    stock = stack.enter_context(live.stock(store_id, bell.ring))
            for event in stock.take() if stock else ():
                yield _say_stock(event, store_id, clock.now().utc_us)
                if counts is None:  # the stock comes first
                    counts = stack.enter_context(live.counts(store_id, bell.ring))
            for frame in _say_counts(counts, store_id, clock.now().utc_us):
                yield frame
            if _is_any_ended(stores, stock, counts):
                return
            if not await bell.wait(HEARTBEAT_S):
                yield _frame("heartbeat", Answer(now_us=clock.now().utc_us))


class EventStream(Response):
    media_type = "text/event-stream"

    def __init__(self, frames: AsyncGenerator[bytes, None]) -> None:
        # X-Accel-Buffering: nginx, and what is made like it, would hold events back.
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["Content-Length"]
        self._frames = frames

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the frames end, the browser leaves, or a send takes too long."""
        tasks = {asyncio.create_task(self._send(send)), asyncio.create_task(_left(receive))}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception) and not isinstance(end, OSError | TimeoutError):
                raise end

    async def _send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        async with contextlib.aclosing(self._frames) as frames:
            await _in_time(send, start)
            async for frame in frames:
                body = {"type": "http.response.body", "body": frame, "more_body": True}
                await _in_time(send, body)
            await _in_time(send, {"type": "http.response.body", "body": b"", "more_body": False})


async def _in_time(send: Send, message: Message) -> None:
    async with asyncio.timeout(SEND_S):
        await send(message)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _frame(name: str, answer: Answer, event_id: str = "") -> bytes:
    head = f"event: {name}\nid: {event_id}\n" if event_id else f"event: {name}\n"
    return f"{head}data: {answer.model_dump_json()}\n\n".encode()


def _say_stores(event: Event, now_us: int) -> bytes:
    match event:
        case Stores(stores, is_cut):
            found = [Store.of(store, now_us) for store in stores]
            return _frame("stores", StoresAnswer(now_us=now_us, stores=found, is_cut=is_cut))
        case StoresChanged(stores, gone):
            found = [Store.of(store, now_us) for store in stores]
            changed = StoresChangedAnswer(now_us=now_us, stores=found, gone=list(gone))
            return _frame("stores_changed", changed)
        case Lost():
            return _frame("stores_lost", LostAnswer.of(event, now_us))
    raise TypeError(f"{event} is nothing to say of stores")


def _is_any_ended(*viewers: Viewer | None) -> bool:
    return any(viewer.is_ended for viewer in viewers if viewer)


def _own(event: Event, store_id: str) -> list[StoreDoc | None]:
    """Give what an event says of one store: nothing, what it is now, or that it is not there."""
    match event:
        case Stores(stores):
            return [next((store for store in stores if store.store == store_id), None)]
        case StoresChanged(stores, gone):
            found: list[StoreDoc | None] = [store for store in stores if store.store == store_id]
            return found or [None] * (store_id in gone)
    return []


def _say_own(event: Event, store_id: str, now_us: int) -> Iterator[bytes]:
    if isinstance(event, Lost):
        yield _frame("store_lost", LostAnswer.of(event, now_us))
    for store in _own(event, store_id):
        yield _say_store(store, now_us)


def _say_store(store: StoreDoc | None, now_us: int) -> bytes:
    found = Store.of(store, now_us) if store else None
    return _frame("store", StoreAnswer(now_us=now_us, store=found))


def _say_stock(event: Event, store_id: str, now_us: int) -> bytes:
    match event:
        case Stock(position) | StockChanged(position):
            name = "stock" if isinstance(event, Stock) else "stock_changed"
            answer = StockAnswer.of(store_id, event, now_us)
            return _frame(name, answer, position_text(position))
        case Lost():
            return _frame("stock_lost", LostAnswer.of(event, now_us))
    raise TypeError(f"{event} is nothing to say of a stock")


def _say_counts(viewer: Viewer | None, store_id: str, now_us: int) -> Iterator[bytes]:
    for event in viewer.take() if viewer else ():
        match event:
            case Counts():
                yield _frame("counts", CountsAnswer.of(store_id, event, now_us))
            case Lost():
                yield _frame("counts_lost", LostAnswer.of(event, now_us))
