"""How a simulator that runs as a program is told to end, and whom it attends to."""

import signal
from collections.abc import Callable


def until_signal() -> Callable[[], bool]:
    """Turn SIGINT and SIGTERM into an answer to the question whether to stop."""
    received: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda signum, _: received.append(signum))
    return lambda: bool(received)


def nobody() -> None:
    """Attend to nobody: no control endpoint was asked for."""
