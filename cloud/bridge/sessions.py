"""Commits what stores say of their count sessions; of each store by one thread at a time.

The fence is asked whether the sender is the life that the documents belong to, and is not moved: a
session's documents are nobody else's, and carry what they were written from.
"""

import logging

from cloud.apply import answer, note
from cloud.bridge.counts import Counts
from cloud.bridge.known import KnownStores
from cloud.documents import counts as shapes
from cloud.documents import paths, records
from cloud.documents.interface import Documents
from edge.errors import ProtocolError, WritesRefused
from edge.wire import Answer, Outcome, encode
from edge.wire_counts import CountNoted, CountReport

_log = logging.getLogger(__name__)


class CountWriter:
    def __init__(self, documents: Documents, stores: KnownStores, counts: Counts) -> None:
        self._documents, self._stores, self._counts = documents, stores, counts

    def apply(self, report: CountReport, received_at_us: int) -> CountNoted | Answer:
        """Commit a report and give its answer; raises DocumentsError when that could not be done.

        What no database takes is kept as a dead letter, and noted: it would never be taken.
        """
        store = self._stores.of(report.store)
        self._stores.read_cursor(report.store, store)
        decision = note(store.cursor, report)
        if decision.outcome is not Outcome.NOTED:
            self._counts.add(decision.outcome)
            return answer(report, decision)
        try:
            self._write(report, received_at_us)
            self._counts.add("count_reports")
        except (ProtocolError, WritesRefused) as error:
            _log.warning("bridge store=%s count %s: %s", report.store, report.head.id, error)
            letter = encode(report), str(error)[:200]
            put = records.put_dead_message(report.store, *letter, at_us=received_at_us)
            self._documents.commit([put])
            self._counts.add("dead_letters")
        me = (report.store, report.term, report.boot)
        return CountNoted(*me, report.head.id, report.head.rev, report.part)

    def _write(self, report: CountReport, received_at_us: int) -> None:
        if report.part:
            self._documents.commit([shapes.put_part(report, received_at_us=received_at_us)])
            return
        before = self._documents.get(paths.count(report.store, report.head.id))
        put = shapes.put_count(report, before, received_at_us=received_at_us)
        if put is not None:
            self._documents.commit([put])
