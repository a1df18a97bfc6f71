"""Head office's documents as the bridge would write them, and a web server on a free port."""

import itertools
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from cloud.api import WebServer, create_app
from cloud.apply import Cursor
from cloud.documents import counts, paths, shapes
from cloud.documents.interface import ABSENT, Documents, Write
from cloud.live.feed import Patience
from deploy.demo.processes import free_port
from edge import wire
from edge.clock import Clock, SystemClock
from edge.model import StockRow
from edge.wire import Command, Status
from edge.wire_counts import CountHeader, CountReport, CountRow
from tests.support.sync import eventually

QUICK = Patience(again_s=0.05, again_at_most_s=0.2, linger_s=1, step_s=0.02)


class StoreWriter:
    """Plays one store and the bridge: every count that it is told is one delta, committed whole."""

    def __init__(self, documents: Documents, store_id: str, clock: Clock | None = None) -> None:
        self.documents, self.store_id = documents, store_id
        self._clock = clock or SystemClock()
        self.cursor = Cursor(term=1, boot="1", applied=0)
        self._version = ABSENT  # of the cursor's document
        self._vers = itertools.count(1)

    def status(self, name: str = "", **said: object) -> None:
        """Write what the agent says of itself, `said` being fields of a Status."""
        fields: dict[str, object] = {"online": True, "program": "0.1.0", **said}
        status = wire.Status(self.store_id, self.cursor.term, self.cursor.boot, name=name, **fields)  # type: ignore[arg-type]
        self.documents.commit([shapes.put_status(status, status_at_us=self._now_us())])

    def count(self, counts: Mapping[str, Mapping[str, int]], missing: int = 0) -> None:
        self.delta([StockRow(g, next(self._vers), dict(z), missing) for g, z in counts.items()])

    def delta(self, rows: Sequence[StockRow]) -> None:
        before = self.cursor
        self.cursor = Cursor(before.term, before.boot, rows[-1].ver)
        at_us = self._now_us()
        change = shapes.put_change(
            self.store_id,
            secrets.token_hex(10),
            rows,
            term=before.term,
            from_ver=before.applied,
            to_ver=self.cursor.applied,
            received_at_us=at_us,
        )
        lines = [
            shapes.put_stock(self.store_id, row, term=before.term, changed_at_us=at_us)
            for row in rows
        ]
        applied = shapes.put_applied(self.store_id, applied_at_us=at_us)
        self._commit([*lines, change, applied])

    def session(self, head: CountHeader, lines: Sequence[CountRow] = ()) -> None:
        """Write a count session as the bridge does when the store tells it."""
        me = (self.store_id, self.cursor.term, self.cursor.boot)
        at_us = self._now_us()
        if lines:
            part = CountReport(*me, head, 1, list(lines))
            self.documents.commit([counts.put_part(part, received_at_us=at_us)])
        before = self.documents.get(paths.count(self.store_id, head.id))
        put = counts.put_count(CountReport(*me, head), before, received_at_us=at_us)
        self.documents.commit([put] if put else [])

    def restart(self, *, is_snapshot: bool = False) -> None:
        """Begin the agent's next life; of a snapshot all rows come anew."""
        before = self.cursor
        applied = 0 if is_snapshot else before.applied
        self.cursor = Cursor(before.term + 1, str(before.term + 1), applied)
        if is_snapshot:
            self._vers = itertools.count(1)
        self._commit([])

    def _commit(self, writes: Sequence[Write]) -> None:
        cursor = shapes.put_cursor(self.store_id, self.cursor, self._version)
        self._version = self.documents.commit([*writes, cursor])[-1]

    def _now_us(self) -> int:
        return self._clock.now().utc_us


def name_products(documents: Documents, names: Mapping[str, str]) -> None:
    documents.commit(
        [shapes.put_product(shapes.Product(gtin, name)) for gtin, name in names.items()]
    )


class RunningWeb:
    """The web service in a thread of this process, on a port of its own or on a given one."""

    def __init__(
        self,
        documents: Documents,
        port: int = 0,
        patience: Patience = QUICK,
        command: Callable[[Command], Status] | None = None,
    ) -> None:
        self.port = port or free_port()
        self.app = create_app(documents, SystemClock(), patience, command)
        self._server = WebServer(self.app, "127.0.0.1", self.port)
        self._thread = threading.Thread(target=self._server.run, name="web")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        eventually(lambda: self._server.started, "the web server listens")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it as a signal would; it may be waited for DEADLINE_S."""
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive(), "the web server did not end"
