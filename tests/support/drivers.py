"""A reader's driver that does what a test has written down."""

from collections.abc import Callable, Iterable

from edge.errors import GatewayError
from edge.model import Polled

Step = Polled | GatewayError | Callable[[], None]


class ScriptedDriver:
    """Each poll takes a step: what it gives, what it raises, or what is called and gives nothing.

    A script that is over raises, so that no test hangs.
    """

    def __init__(self, steps: Iterable[Step], start_fails: GatewayError | None = None) -> None:
        self._steps = iter(steps)
        self._start_fails = start_fails
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")
        if self._start_fails:
            raise self._start_fails

    def poll(self, timeout_s: float) -> Polled:
        assert timeout_s <= 1, "a stop must not wait longer for a silent reader"
        self.calls.append("poll")
        match next(self._steps):
            case Polled() as polled:
                return polled
            case GatewayError() as error:
                raise error
            case act:
                act()
                return Polled()

    def stop(self) -> None:
        self.calls.append("stop")
