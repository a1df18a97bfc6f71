"""A link to no broker: what is published is kept, and what comes is what a test wrote down."""

from collections import deque
from collections.abc import Callable, Iterable

from edge.mqtt import Inbox, MqttEvent

Step = MqttEvent | Callable[[], None] | None


class ScriptedInbox(Inbox):
    """Each `get` takes a step: an event, nothing, or something to be done meanwhile.

    After the last one `over` is called, and nothing comes any more.
    """

    def __init__(self, over: Callable[[], None]) -> None:
        super().__init__(size=1000)
        self.waits: list[float] = []
        self._over = over
        self._steps: deque[Step] = deque()

    def play(self, steps: Iterable[Step]) -> None:
        self._steps.extend(steps)

    def get(self, timeout_s: float) -> MqttEvent | None:
        self.waits.append(timeout_s)
        if not self._steps:
            self._over()
            return None
        step = self._steps.popleft()
        if callable(step):
            step()
            return None
        return step


class FakeMqtt:
    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.max_payload = 1 << 20
        self.is_alive = self.is_open = True
        self.before_publish: Callable[[bytes], None] = lambda _: None
        self.published: list[tuple[str, bytes, bool]] = []
        self.reconnects: list[str] = []

    def start(self) -> None: ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        self.before_publish(payload)
        self.published.append((topic, payload, retain))
        return True

    def reconnect(self, reason: str) -> None:
        self.reconnects.append(reason)

    def stop(self) -> None: ...
