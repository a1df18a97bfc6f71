"""What is done again and again for the store's own machines: dropped files, overdue receipts."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from edge.clock import Clock
from edge.errors import StorageError
from edge.local.documents import ReceiptDocument
from edge.local.drop import DropFolder
from edge.local.files import Entry
from edge.shop.till_desk import TillDesk
from edge.shop.till_routes import TillRoutes

LOOK_S = 1.0
AGAIN_S = 5.0  # after what could not be done
OVERDUE_EVERY_S = 60.0
RECEIPT_OPEN_US = 3 * 86_400_000_000  # after it was due; then it is closed with what is missing

_log = logging.getLogger(__name__)


class Errands:
    """run() is a thread's body; it returns soon after `stop` is set.

    `alarm` is told what hinders, and None when nothing does.
    """

    def __init__(
        self,
        desk: TillDesk,
        tills: TillRoutes,
        drop: Path | None,
        clock: Clock,
        alarm: Callable[[str | None], None],
    ) -> None:
        self._desk, self._tills, self._clock, self._alarm = desk, tills, clock, alarm
        self._drop = None if drop is None else DropFolder(drop, self._tell)
        self._overdue_s = 0.0

    def run(self, stop: threading.Event) -> None:
        wait_s = 0.0
        while not stop.wait(wait_s):
            try:
                self._close_overdue()
                self._look()
            except (OSError, StorageError) as error:
                self._alarm(str(error))
                wait_s = AGAIN_S
            else:
                self._alarm(None)
                wait_s = LOOK_S

    def _look(self) -> None:
        for path in self._drop.look() if self._drop else ():
            level = logging.WARNING if path.parent.name == "failed" else logging.INFO
            _log.log(level, "drop=%s is %s", path.name, path.parent.name)

    def _tell(self, entry: Entry) -> bytes:
        if isinstance(entry.document, ReceiptDocument):
            return self._desk.expect(entry.document, entry.meant)
        return self._desk.tell(entry.kind, entry.document, entry.meant)

    def _close_overdue(self) -> None:
        now = self._clock.now()
        if now.monotonic_s >= self._overdue_s:
            self._overdue_s = now.monotonic_s + OVERDUE_EVERY_S
            self._tills.close_overdue(now.utc_us - RECEIPT_OPEN_US)
