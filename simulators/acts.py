"""What a simulated reader does once, at once, when it is told to (`simulators.faults`)."""

from collections.abc import Callable, Mapping

from simulators.faults import Values
from simulators.llrp_server import LlrpServer

Act = Callable[[LlrpServer, Values], None]


def _half_open(server: LlrpServer, values: Values) -> None:
    server.freeze(values.number("taken_s"))


def _reboot(server: LlrpServer, values: Values) -> None:
    server.reboot(values.number("down_s"), keeps_specs=values.text("specs") == "kept")


def _second_client(server: LlrpServer, _: Values) -> None:
    server.inject(server.reader.another_client(server.now))


ACTS: Mapping[str, Act] = {
    "half-open": _half_open,
    "rst": lambda server, _: server.reset(),
    "fin": lambda server, _: server.hang_up(),
    "close": lambda server, _: server.finish(close=True),
    "reboot": _reboot,
    "second-client": _second_client,
}
