"""Fixtures for tests that need an RFID reader, without hardware; pytest finds them by itself.

    def test_my_client_survives_a_reset(tagtally_reader):
        client = connect("127.0.0.1", tagtally_reader.port)
        tagtally_reader.fault("rst")

| fixture           | gives                                                                       |
| ----------------- | --------------------------------------------------------------------------- |
| `tagtally_reader` | one running `simulators.running.SimulatedReader` of the scenario "demo"      |
| `tagtally_readers`| a function that starts one with the arguments given, as many as a test needs |

All of them end with the test.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from simulators.running import SimulatedReader

StartReader = Callable[..., SimulatedReader]


@pytest.fixture
def tagtally_readers() -> Iterator[StartReader]:
    """Start simulated readers: the arguments are those of `SimulatedReader`."""
    with ExitStack() as stack:

        def start(*arguments: object, **options: object) -> SimulatedReader:
            reader = SimulatedReader(*arguments, **options)  # type: ignore[arg-type] # passed on
            return stack.enter_context(reader)

        yield start


@pytest.fixture
def tagtally_reader(tagtally_readers: StartReader) -> SimulatedReader:
    """Start a simulated reader with the items of the scenario "demo"."""
    return tagtally_readers()
