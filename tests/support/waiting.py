"""Waiting for something that must come to be so."""

import time
from collections.abc import Callable

PATIENCE_S = 20.0


def wait_until(is_so: Callable[[], bool]) -> None:
    """Ask again and again; fail where it does not come to be so."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline_s, "it never became so"
        time.sleep(0.005)
