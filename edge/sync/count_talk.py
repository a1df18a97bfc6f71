"""Talk of count sessions with head office, on the thread and link of the sync.

It stands beside the counts of items: it waits for nothing of theirs and holds nothing up, as each
session's documents are its own.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from edge.errors import GatewayError, StorageError
from edge.mqtt import Mqtt
from edge.sync.count_telling import CountNews, CountTelling
from edge.sync.session import SyncSession
from edge.wire import Channel, encode, topic
from edge.wire_counts import CountNoted, CountReport, CountWish

_log = logging.getLogger(__name__)


class CountStore(Protocol):
    """The file's count sessions; each call raises StorageError when it cannot be done."""

    def count_news(self) -> CountNews | None:
        """Read a session that head office does not know as it is."""
        ...

    def save_count_told(self, count: str, rev: int) -> None: ...


class CountTalk:
    """`obey` does what head office wants of a session, or raises GatewayError."""

    def __init__(
        self, store: CountStore, telling: CountTelling, obey: Callable[[CountWish], object]
    ) -> None:
        self._store, self._telling, self._obey = store, telling, obey

    def look(self, session: SyncSession, mqtt: Mqtt, now_s: float) -> None:
        """Say what is due, if head office takes what this life says; call about once a second."""
        if not session.is_welcome:
            self._telling.forget()
            return
        if self._telling.is_looking(now_s):
            with suppress(StorageError):  # asked again with the next look
                self._telling.begin(self._store.count_news(), now_s)
        saying = self._telling.due(now_s)
        if saying is not None:
            me = (session.store_id, session.term, session.boot)
            report = CountReport(*me, saying.head, saying.part, list(saying.lines))
            mqtt.publish(topic(session.store_id, Channel.UP), encode(report))

    def heard(self, session: SyncSession, noted: CountNoted, now_s: float) -> None:
        me = (session.store_id, session.term, session.boot)
        if (noted.store, noted.for_term, noted.for_boot) != me:
            return
        if head := self._telling.heard(noted, now_s):
            with suppress(StorageError):  # then it is told once more
                self._store.save_count_told(head.id, head.rev)

    def obey(self, session: SyncSession, wish: CountWish) -> None:
        try:
            self._obey(wish)
        except GatewayError as error:
            _log.warning("sync store=%s count %s: %s", session.store_id, wish.count, error)
