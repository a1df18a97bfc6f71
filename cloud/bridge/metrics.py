"""What the bridge says of itself to Prometheus, and whether it is well, over HTTP.

`/metrics` gives counters of outcomes, rows, document reads and writes, drops and dead letters;
histograms of the time from a message to its answer and of commits; and how long the queues are.
`/healthz` is 200 while all threads live and the broker's link is open, else 503.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Protocol, Self

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from edge.errors import GatewayError
from edge.wire import Outcome

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_TOLD = {
    "rows": "stock rows written",
    "dead_rows": "rows that agents have left out",
    "dead_letters": "messages kept that could not be taken",
    "letters_dropped": "messages that could not be taken and were too many to keep",
    "events": "item events written",
    "commits": "batches committed",
    "failed_commits": "batches that failed or whose outcome is unknown",
    "document_writes": "documents written, as a database bills them",
    "document_deletes": "documents deleted",
    "document_reads": "documents read",
    "swept": "leftovers of snapshots deleted",
    "sweeps": "snapshots whose leftovers are all deleted",
    "statuses": "store documents written",
    "old_statuses": "statuses of earlier lives",
    "rivals": "hellos of a device to which the store does not belong",
    "refused": "messages that cannot be read",
    "decided_anew": "commits whose cursor had moved, or without an answer",
    "documents_failed": "messages left unanswered, as the documents failed",
    "queue_drops": "messages that found their store's queue full",
    "inbox_drops": "messages that found the inbox full",
}


class Told(Protocol):
    """Who has something to tell."""

    @property
    def is_well(self) -> bool: ...

    def counters(self) -> Counter[str]: ...

    def queue_lengths(self) -> tuple[int, int]: ...


class Meters:
    """One bridge's registry; `commit` and `message` are observed in seconds."""

    def __init__(self, told: Told) -> None:
        self.registry = CollectorRegistry()
        self.commit = Histogram(
            "tagtally_bridge_commit_seconds",
            "Time of one commit to the documents",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.message = Histogram(
            "tagtally_bridge_message_seconds",
            "Time from the receipt of a message to its answer",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._told = told
        self.registry.register(self)

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        counted = self._told.counters()
        outcomes = CounterMetricFamily(
            "tagtally_bridge_answers", "Messages answered, by outcome", labels=["outcome"]
        )
        for outcome in Outcome:
            outcomes.add_metric([outcome.value], counted[outcome])
        yield outcomes
        for name, text in _TOLD.items():
            yield CounterMetricFamily(f"tagtally_bridge_{name}", text.capitalize(), counted[name])
        waiting, longest = self._told.queue_lengths()
        yield GaugeMetricFamily("tagtally_bridge_waiting", "Messages that wait", waiting)
        yield GaugeMetricFamily(
            "tagtally_bridge_longest_queue", "Messages that wait of one store", longest
        )

    def describe(self) -> list[CounterMetricFamily]:
        return []  # so that nothing is collected before the bridge is built

    def page(self) -> bytes:
        return generate_latest(self.registry)

    @property
    def is_well(self) -> bool:
        return self._told.is_well


class MetricsServer:
    """Serves while the block lasts; raises GatewayError if the address cannot be had."""

    def __init__(self, meters: Meters, host: str, port: int) -> None:
        try:
            self._server = ThreadingHTTPServer((host, port), _handler(meters))
        except OSError as error:
            raise GatewayError(f"metrics: cannot listen on {host}:{port}: {error}") from error
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5.0)


def _handler(meters: Meters) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10.0

        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._say(200, meters.page(), CONTENT_TYPE_LATEST)
                case "/healthz":
                    well = meters.is_well
                    self._say(200 if well else 503, b"well\n" if well else b"not well\n")
                case _:
                    self._say(404, b"there are /metrics and /healthz\n")

        def _say(self, status: int, body: bytes, kind: str = "text/plain") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: one asks every few seconds."""

    return Handler
