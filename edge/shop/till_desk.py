"""Sales, returns and deliveries: taken into the engine and the file, answered when committed.

A document has an id, given by whoever tells it.  Told again it is answered as the first time and
does nothing more; another one of the same id and kind is refused.  So whoever has got no answer
tells it again, until there is one.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from edge.clock import Clock
from edge.engine.pipeline import Pipeline
from edge.errors import InputConflict, InputError, StorageError
from edge.local.documents import (
    Kind,
    Meant,
    NoItem,
    ReceiptDocument,
    TillDocument,
    Unnamed,
    digest,
    utc_us,
)
from edge.model import ItemState, Sgtin, ZoneKind
from edge.recorder import Order
from edge.shop.till_answers import TillAnswer, till_of
from edge.storage.database import Database
from edge.storage.receipts import ANY, Expected, Receipts
from edge.storage.tills import Tills, Told

ANSWER_S = 10.0  # longer than the engine's thread waits for a file that another program has locked
_RECENT = 256  # answers in memory: more than can be asked for in one group

_log = logging.getLogger(__name__)

Keep = Callable[[], None]
Apply = Callable[[Pipeline], tuple["TillAnswer | ReceiptAnswer", Keep]]


class ReceiptAnswer(msgspec.Struct, frozen=True):
    id: str
    kind: Kind
    due: datetime
    expected: int
    received: int  # was there already


class Writer(Protocol):
    """The engine's thread, as `edge.recorder` has it."""

    def ask(self, write: Callable[[], None]) -> Future[None]: ...
    def order(self, order: Order) -> Future[None]: ...


class TillDesk:
    """Any thread may tell and close; what comes of it is committed when they return.

    `zones` are those of the store; `db` is the engine's own connection, which only its thread uses.
    Raises InputError for what makes no sense, and StorageError where the file could not be written
    in time: then it must be told again.
    """

    def __init__(
        self, db: Database, writer: Writer, clock: Clock, zones: Mapping[str, ZoneKind]
    ) -> None:
        self._tills, self._receipts = Tills(db), Receipts(db)
        self._writer, self._clock, self._zones = writer, clock, zones
        self._till = till_of(zones)
        self._recent: OrderedDict[tuple[Kind, str], Told] = OrderedDict()

    def tell(self, kind: Kind, document: TillDocument, meant: Sequence[Meant]) -> bytes:
        """Take a sale or a return; give its TillAnswer in JSON."""
        if document.zone is not None and document.zone not in self._zones:
            allowed = ", ".join(self._zones)
            raise InputError(f"zone: expected one of {allowed}, got {document.zone}")
        now_us = self._clock.now().utc_us

        def apply(pipeline: Pipeline) -> tuple[TillAnswer, Keep]:
            answer, awaited = self._till.apply(pipeline, kind, document, meant, now_us)
            _log.info("%s=%s %s", kind, document.id, _summary(answer))
            return answer, lambda: self._tills.wait(awaited)

        return self._take(_Telling(self, kind, document, now_us, apply))

    def expect(self, document: ReceiptDocument, meant: Sequence[Meant]) -> bytes:
        """Take a notice of what will arrive; give its ReceiptAnswer in JSON."""
        _check_expected(meant)
        now_us = self._clock.now().utc_us
        due_us = utc_us(document.due) if document.due else now_us

        def apply(pipeline: Pipeline) -> tuple[ReceiptAnswer, Keep]:
            lines = _expected(pipeline, meant)
            answer = ReceiptAnswer(
                document.id,
                Kind.RECEIPT,
                datetime.fromtimestamp(due_us / 1e6, UTC),
                sum(line.quantity for line in lines),
                sum(line.received for line in lines),
            )
            said = document.id, document.supplier or "", due_us, now_us
            return answer, lambda: self._receipts.add(*said, lines)

        return self._take(_Telling(self, Kind.RECEIPT, document, now_us, apply))

    def close(self, receipt: str) -> None:
        """Close a receipt that is there; a closed one stays as it is."""
        now_us = self._clock.now().utc_us
        self._await(self._writer.ask(lambda: self._receipts.close(receipt, now_us)))

    def _take(self, order: "_Telling") -> bytes:
        self._await(self._writer.order(order))
        return order.answer

    def _await(self, future: Future[None]) -> None:
        try:
            future.result(ANSWER_S)
        except TimeoutError as error:
            future.cancel()  # so that it is not done behind the back of who was told no
            raise StorageError(f"not written within {ANSWER_S:g} s: tell it again") from error

    # What an order needs, in the engine's thread.

    def find(self, kind: Kind, document: str) -> tuple[str, str] | None:
        """Give the digest and the answer of what was told before, written or about to be."""
        told = self._recent.get((kind, document))
        return (told.digest, told.answer) if told else self._tills.find(kind, document)

    def remember(self, told: Told) -> None:
        self._recent[Kind(told.kind), told.id] = told
        if len(self._recent) > _RECENT:
            self._recent.popitem(last=False)

    def keep(self, told: Told) -> None:
        self._tills.add(told)


class _Telling:
    """A document as an order: applied once, and kept with its answer."""

    answer = b""

    def __init__(
        self,
        desk: TillDesk,
        kind: Kind,
        document: TillDocument | ReceiptDocument,
        now_us: int,
        apply: Apply,
    ) -> None:
        self._desk, self._kind, self._id = desk, kind, document.id
        self._digest, self._now_us, self._apply = digest(document), now_us, apply
        self._keep: list[Keep] = []

    def decide(self, pipeline: Pipeline) -> None:
        found = self._desk.find(self._kind, self._id)
        if found is not None:
            said, answer = found
            if said != self._digest:
                text = f"{self._kind} {self._id} was told before, and said something else"
                raise InputConflict(text)
            self.answer = answer.encode()
            return
        applied, keep = self._apply(pipeline)
        self.answer = msgspec.json.encode(applied)
        text = self.answer.decode()
        told = Told(self._kind.value, self._id, self._digest, self._now_us, text)
        self._desk.remember(told)
        self._keep = [lambda: self._desk.keep(told), keep]

    def write(self) -> None:
        for keep in self._keep:
            keep()


def _check_expected(meant: Sequence[Meant]) -> None:
    wrong = [
        f"lines[{index}].epc: expected an item, got {one.epc} ({one.reason})"
        for index, one in enumerate(meant)
        if isinstance(one, NoItem)
    ]
    if wrong:
        raise InputError("what is no item cannot be expected", wrong)


def _expected(pipeline: Pipeline, meant: Sequence[Meant]) -> list[Expected]:
    """Give the lines of a receipt, those of a GTIN together; an item may be there already."""
    named, counted = list[Expected](), dict[str, int]()
    for one in meant:
        match one:
            case Unnamed(gtin, quantity):
                counted[gtin] = counted.get(gtin, 0) + quantity
            case Sgtin(gtin, serial):
                is_there = pipeline.state(one) is ItemState.PRESENT
                named.append(Expected(gtin, serial, 1, int(is_there)))
    return [*named, *(Expected(gtin, ANY, quantity) for gtin, quantity in counted.items())]


def _summary(answer: TillAnswer) -> str:
    outcomes = [line.outcome for line in answer.lines]
    said = [f"{outcomes.count(one)} {one}" for one in dict.fromkeys(outcomes)]
    unknown = sum(line.serial is not None and line.was is None for line in answer.lines)
    awaited = sum(line.awaited for line in answer.lines)
    said += [f"{unknown} never read here"] * bool(unknown) + [f"{awaited} awaited"] * bool(awaited)
    return ", ".join(said)
