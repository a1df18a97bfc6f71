"""What a tester can tell a running simulated reader, and ask of it.

Used between two steps of the reader, by whoever owns it.  A wrong word raises ConfigError and says
what is allowed; nothing has happened then.
"""

import abc
import re
from collections.abc import Callable, Mapping, Sequence

from edge.errors import ConfigError
from simulators.acts import ACTS, ENDS
from simulators.fault_table import FAULTS, Effect
from simulators.faults import check_fault
from simulators.llrp_server import LlrpServer
from simulators.world import World

_EPC = re.compile(r"(?:[0-9a-fA-F]{2}){1,62}")

_OF_THE_WORLD = {"tags", "add-tags", "remove-tags"}

Answer = Mapping[str, object]


class Switchboard(abc.ABC):
    def __init__(self, world: World | None = None) -> None:
        self._world = world

    @abc.abstractmethod
    def fault(self, name: str, values: Mapping[str, object]) -> Answer:
        """Switch a fault on, or let it happen; give its parameters as they are now."""

    @abc.abstractmethod
    def clear(self, name: str | None = None) -> Answer:
        """Switch one fault off, or all of them; give those that are still on."""

    @abc.abstractmethod
    def state(self) -> Answer:
        """Tell how the reader is, who talks to it, and the faults that are on."""

    def tags(self, zone: str | None = None) -> Answer:
        """Give the EPCs of each zone, or of one, in hex."""
        world = self._present_world()
        zones = world.zones if zone is None else (self._known_zone(world, zone),)
        return {name: [epc.hex() for epc in world.epcs_in(name)] for name in zones}

    def add_tags(self, zone: str, epcs: Sequence[str]) -> Answer:
        """Put tags into a zone, wherever they were before."""
        world = self._present_world()
        place = self._known_zone(world, zone)
        for epc in _bytes_of(epcs):
            world.put(place, epc)
        return {"present": world.present}

    def remove_tags(self, epcs: Sequence[str]) -> Answer:
        """Take tags out of the store; give those that were not there."""
        world = self._present_world()
        absent = [epc.hex() for epc in _bytes_of(epcs) if not world.take(epc)]
        return {"present": world.present, "were_not_there": absent}

    def handle(self, request: Mapping[str, object]) -> Answer:
        """Do what a request says that came as JSON, `{"command": …}` with its parameters."""
        command = request.get("command")
        handlers = self._handlers(request)
        handler = handlers.get(str(command))
        if handler is None:
            raise ConfigError(f"unknown command {command!r}, allowed are {', '.join(handlers)}")
        return handler()

    def _handlers(self, request: Mapping[str, object]) -> dict[str, Callable[[], Answer]]:
        """Give what can be done, by command."""
        return {
            "fault": lambda: self.fault(_text(request, "name"), _table(request, "values")),
            "clear": lambda: self.clear(_text(request, "name") if "name" in request else None),
            "state": self.state,
            "tags": lambda: self.tags(_text(request, "zone") if "zone" in request else None),
            "add-tags": lambda: self.add_tags(_text(request, "zone"), _texts(request, "epcs")),
            "remove-tags": lambda: self.remove_tags(_texts(request, "epcs")),
        }

    def _present_world(self) -> World:
        if self._world is None:
            raise ConfigError("a recorded trace is served: its tags are what they are")
        return self._world

    def _known_zone(self, world: World, zone: str) -> str:
        if zone not in world.zones:
            raise ConfigError(f"unknown zone {zone!r}, allowed are {', '.join(world.zones)}")
        return zone


class LlrpSwitchboard(Switchboard):
    def __init__(self, server: LlrpServer, world: World | None = None) -> None:
        super().__init__(world)
        self._server = server

    def fault(self, name: str, values: Mapping[str, object]) -> Answer:
        checked = check_fault(name, values)
        if FAULTS[name].effect == Effect.ONCE:
            ACTS[name](self._server, checked)
        else:
            self._server.reader.faults.set(name, values)
        return checked.as_dict()

    def clear(self, name: str | None = None) -> Answer:
        self._server.reader.faults.clear(name)
        for act, end in ENDS.items():
            if name in {None, act}:
                end(self._server)
        return self._server.reader.faults.on()

    def state(self) -> Answer:
        reader = self._server.reader
        return {
            "client": self._server.client,
            "accepted": self._server.accepted,
            "turned_away": self._server.turned_away,
            "tls_failures": self._server.tls_failures,
            "delivered_reads": self._server.delivered,
            "heard": dict(reader.heard),
            "keepalives_sent": reader.keepalives_sent,
            "rospecs": [
                {"id": spec.rospec_id, "state": spec.current_state}
                for spec in reader.inventory.rospecs.all()
            ],
            "access_specs": [
                {"id": spec.access_spec_id, "state": spec.current_state}
                for spec in reader.inventory.access_specs.all()
            ],
            "buffered_reads": reader.inventory.buffered,
            "antennas": reader.device.antennas,
            "gpis": reader.device.gpis,
            "gpos": reader.device.gpos,
            "faults": reader.faults.on(),
        }

    def gpi(self, port: int, *, is_high: bool) -> Answer:
        """Pull an input up or down."""
        server = self._server
        server.inject(server.reader.set_gpi(port, server.now, is_high=is_high))
        return {"gpis": server.reader.device.gpis}

    def antenna(self, port: int, *, is_up: bool) -> Answer:
        """Connect or disconnect an antenna."""
        server = self._server
        server.inject(server.reader.plug(port, server.now, is_up=is_up))
        return {"antennas": server.reader.device.antennas}

    def _handlers(self, request: Mapping[str, object]) -> dict[str, Callable[[], Answer]]:
        return super()._handlers(request) | {
            "gpi": lambda: self.gpi(
                _number(request, "port"), is_high=_either(request, "level", "HIGH", "LOW")
            ),
            "antenna": lambda: self.antenna(
                _number(request, "port"), is_up=_either(request, "state", "up", "down")
            ),
        }


class StoreSwitchboard:
    """The readers of a store: a request's `reader` says which, where there are several.

    What is asked of none in particular is asked of the world, or of all of them.
    """

    def __init__(self, boards: Mapping[str, Switchboard]) -> None:
        self._boards = boards

    def handle(self, request: Mapping[str, object]) -> Answer:
        """Do what a request says, as `Switchboard.handle` does."""
        name, known = request.get("reader"), ", ".join(self._boards)
        if name is None and len(self._boards) > 1:
            return self._handle_for_all(request)
        name = next(iter(self._boards)) if name is None else name
        if not isinstance(name, str) or name not in self._boards:
            raise ConfigError(f"unknown reader {name!r}, allowed are {known}")
        return self._boards[name].handle(request)

    def _handle_for_all(self, request: Mapping[str, object]) -> Answer:
        command = request.get("command")
        if command in _OF_THE_WORLD:
            return next(iter(self._boards.values())).handle(request)
        if command == "state" or (command == "clear" and "name" not in request):
            return {name: board.handle(request) for name, board in self._boards.items()}
        raise ConfigError(f"which reader is missing, needed is one of {', '.join(self._boards)}")


def _bytes_of(epcs: Sequence[str]) -> list[bytes]:
    for epc in epcs:
        if not _EPC.fullmatch(epc):
            raise ConfigError(f"EPC {epc!r}, allowed are 1 to 62 bytes in hex")
    return [bytes.fromhex(epc) for epc in epcs]


def _text(request: Mapping[str, object], key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str):
        raise ConfigError(f"{key}: {value!r}, needed is a text")
    return value


def _number(request: Mapping[str, object], key: str) -> int:
    value = request.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ConfigError(f"{key}: {value!r}, needed is a whole number")
    return value


def _either(request: Mapping[str, object], key: str, yes: str, no: str) -> bool:
    value = request.get(key)
    if value not in {yes, no}:
        raise ConfigError(f"{key}: {value!r}, allowed are {yes} and {no}")
    return value == yes


def _texts(request: Mapping[str, object], key: str) -> list[str]:
    value = request.get(key)
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ConfigError(f"{key}: {value!r}, needed is a list of texts")
    return value


def _table(request: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = request.get(key, {})
    if not isinstance(value, dict):
        raise ConfigError(f"{key}: {value!r}, needed is an object")
    return value
