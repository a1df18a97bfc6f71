"""A proxy before Firestore's emulator whose commits go wrong in the ways a real one's do."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

import grpc

_COMMIT = "/google.firestore.v1.Firestore/Commit"
_CALL_S = 10.0


@dataclass(frozen=True, slots=True)
class Troubles:
    """How many of the commits meet what."""

    aborted: float = 0.04  # refused, nothing is written
    unreached: float = 0.03  # no word, nothing is written
    unheard: float = 0.05  # no word, all is written
    late: float = 0.03  # no word, and all is written seconds later


class FaultyFirestore:
    """Listens on a loopback port of its own; `close()` it.

    `is_down`: every call fails.  `before` and `after` are called around each commit that is done.
    """

    def __init__(self, emulator: str, rng: Random, troubles: Troubles) -> None:
        self.counters: Counter[str] = Counter()
        self.is_down = self.is_calm = False
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self._rng, self._troubles = rng, troubles
        self._lock = threading.Lock()
        self._channel = grpc.insecure_channel(emulator)
        self._server = grpc.server(ThreadPoolExecutor(32), handlers=[_Handler(self._handle)])
        self.port: int = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.stop(0.5).wait(5)
        self._channel.close()

    def _handle(
        self, method: str, request: bytes, context: grpc.ServicerContext
    ) -> Iterator[bytes]:
        if self.is_down:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the database is down")
        trouble = self._trouble() if method == _COMMIT else None
        if trouble == "aborted":
            context.abort(grpc.StatusCode.ABORTED, "too much contention on these documents")
        if trouble == "unreached":
            context.abort(grpc.StatusCode.UNAVAILABLE, "connection reset")
        if trouble == "late":
            time.sleep(2.5)  # longer than the bridge waits
        if method == _COMMIT:
            self.before()
        answers = list(self._forward(method, request, context))
        if method == _COMMIT:
            self.after()
        if trouble == "unheard":
            context.abort(grpc.StatusCode.UNAVAILABLE, "connection reset")
        yield from answers

    def _trouble(self) -> str | None:
        with self._lock:
            self.counters["commits"] += 1
            chance = self._rng.random()
            for name in ("aborted", "unreached", "unheard", "late"):
                chance -= getattr(self._troubles, name)
                if chance < 0 and not self.is_calm:
                    self.counters[name] += 1
                    return name
        return None

    def _forward(
        self, method: str, request: bytes, context: grpc.ServicerContext
    ) -> Iterator[bytes]:
        told = [
            (key, value)
            for key, value in context.invocation_metadata()
            if not key.startswith(("grpc-", "user-agent", ":"))
        ]
        call = self._channel.unary_stream(method)
        try:
            yield from call(request, timeout=_CALL_S, metadata=told)
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())


class _Handler(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc carries no types
    """Takes every method, of one request each, as bytes."""

    def __init__(
        self, handle: Callable[[str, bytes, grpc.ServicerContext], Iterator[bytes]]
    ) -> None:
        self._handle = handle

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        method = details.method
        return grpc.unary_stream_rpc_method_handler(
            lambda request, context: self._handle(method, request, context)
        )
