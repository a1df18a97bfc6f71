"""What a tester can tell a running simulated serial reader, and ask of it."""

from collections.abc import Mapping

from simulators.fault_table import Effect
from simulators.faults import check_fault
from simulators.serial.server import SerialServer
from simulators.switchboard import Answer, Switchboard
from simulators.world import World


class SerialSwitchboard(Switchboard):
    def __init__(self, server: SerialServer, world: World) -> None:
        super().__init__(world)
        self._server = server

    def fault(self, name: str, values: Mapping[str, object]) -> Answer:
        reader, now = self._server.reader, self._server.now
        checked = check_fault(name, values, reader.faults.table)
        if reader.faults.table[name].effect != Effect.ONCE:
            reader.faults.set(name, values)
        elif name == "unplug":
            self._server.unplug(checked)
        elif name == "power-dip":
            reader.power_up(now)
        else:
            reader.act(name, checked, now)
        return checked.as_dict()

    def clear(self, name: str | None = None) -> Answer:
        self._server.reader.faults.clear(name)
        return self._server.reader.faults.on()

    def state(self) -> Answer:
        server = self._server
        return {
            "host": server.has_host,
            "opened": server.opened,
            "baud": server.reader.baud,
            "host_baud": server.port.host_baud(),
            "received_bytes": server.received_bytes,
            "sent_bytes": server.sent_bytes,
            "told_reads": server.reader.told,
            "faults": server.reader.faults.on(),
        }
