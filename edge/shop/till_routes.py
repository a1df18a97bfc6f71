"""What tills, suppliers' systems and people ask of the agent, over HTTP and by commands alike."""

import logging
from pathlib import Path

import msgspec

from edge.local.documents import Kind, ReceiptDocument, TillDocument, read_document
from edge.local.routes import Answer, Request, Route
from edge.shop.till_desk import TillDesk
from edge.shop.till_looks import ReceiptWithLines, TillLooks

_log = logging.getLogger(__name__)


class TillRoutes:
    """`reports` is a folder that gets a file for each receipt that is closed."""

    def __init__(self, desk: TillDesk, looks: TillLooks, reports: Path | None = None) -> None:
        self._desk, self._looks, self._reports = desk, looks, reports

    def routes(self) -> list[Route]:
        looks = self._looks
        return [
            Route("POST", "/sales", lambda request: self._tell(Kind.SALE, request)),
            Route("POST", "/returns", lambda request: self._tell(Kind.RETURN, request)),
            Route("GET", "/awaited", lambda _: Answer({"awaited": looks.awaited()})),
            Route("POST", "/receipts", self._expect),
            Route("GET", "/receipts", lambda _: Answer({"receipts": looks.receipts()})),
            Route("GET", "/receipts/{id}", self._receipt),
            Route("POST", "/receipts/{id}/close", self._close),
            Route("GET", "/refill", lambda _: Answer({"refill": looks.refill()})),
        ]

    def close_receipt(self, receipt: str) -> ReceiptWithLines:
        """Close it, and log what is missing or over; raise NothingSuch where there is none."""
        was_open = self._looks.receipt(receipt).receipt.closed is None
        self._desk.close(receipt)
        closed = self._looks.receipt(receipt)
        one = closed.receipt
        level = logging.WARNING if one.missing or one.over else logging.INFO
        if was_open:
            text = "receipt=%s closed: %d expected, %d received, %d missing, %d over"
            _log.log(level, text, one.id, one.expected, one.received, one.missing, one.over)
            self._report(closed)
        return closed

    def close_overdue(self, due_us: int) -> None:
        """Close the receipts that were due before."""
        for receipt in self._looks.overdue(due_us):
            self.close_receipt(receipt)

    def _report(self, closed: ReceiptWithLines) -> None:
        """Leave a file; where that cannot be, the receipt can still be asked for."""
        if self._reports is None:
            return
        path = self._reports / f"{closed.receipt.id}.json"
        try:
            self._reports.mkdir(parents=True, exist_ok=True)
            path.write_bytes(msgspec.json.encode(closed) + b"\n")
        except OSError as error:
            _log.warning("receipt=%s %s cannot be written: %s", closed.receipt.id, path, error)

    def _tell(self, kind: Kind, request: Request) -> Answer:
        told = self._desk.tell(kind, *read_document(request.body, TillDocument))
        return Answer(msgspec.Raw(told))

    def _expect(self, request: Request) -> Answer:
        told = self._desk.expect(*read_document(request.body, ReceiptDocument))
        return Answer(msgspec.Raw(told))

    def _receipt(self, request: Request) -> Answer:
        return Answer(self._looks.receipt(request.arguments["id"]))

    def _close(self, request: Request) -> Answer:
        return Answer(self.close_receipt(request.arguments["id"]))
