"""The two dialects of the UHFReader family: a 288M with four antennas, a UHFReader18 with one.

(User's Manual V2.20, UHFReader18 V2.0.)
"""

from collections.abc import Iterable, Mapping

from edge.model import TagRead
from edge.serial.uhfreader import commands as c
from edge.serial.uhfreader.codes import CommandCode, Status
from simulators.fault_table import Effect, FaultKind, whole
from simulators.serial.uhfreader import OK, Do, UhfReader

_FIRST_ANTENNA = 0x80
_PUSHES = FaultKind("The reader is in its active mode and pushes tags.", Effect.ONCE)
_COMMON: Mapping[type, Do] = {
    c.GetInfo: lambda reader, _: OK + reader.info,
    c.SetRegion: lambda reader, command: reader.set_region(
        bytes((command.highest, command.lowest))
    ),
    c.SetAddress: lambda reader, command: reader.set_address(command.address),
    c.SetScanTime: lambda reader, command: reader.set_scan_time(command.scan_time),
    c.SetBaud: lambda reader, command: reader.set_baud(command.rate),
    c.SetPower: lambda reader, command: reader.set_power(command.powers),
}
_OF_18: Mapping[type, Do] = {
    **_COMMON,
    c.SetMode18: lambda reader, command: reader.set_mode(command.read_mode),
    c.GetMode18: lambda reader, _: (
        OK + bytes(4) + bytes((reader.flash.mode, 0b10, 4, 0, 1, 0, 8, 0))
    ),
}
_OF_288: Mapping[type, Do] = {
    **_COMMON,
    c.SetMode288: lambda reader, command: reader.set_mode(command.mode),
    c.SetAntennaCheck: lambda *_: OK,
    c.GetTemperature: lambda reader, _: OK + reader.temperature,
    c.GetPowers: lambda reader, _: OK + bytes((reader.power,)) * 4,
    c.StopInventory: lambda *_: None,
    c.GetBufferCount: lambda *_: OK + bytes(2),
    c.ClearBuffer: lambda *_: OK,
}


class Reader288(UhfReader):
    title = "UHFReader288"
    most_ports = 4
    answered_while_pushing = frozenset({CommandCode.INFO, CommandCode.SET_MODE_288})
    kinds: Mapping[str, FaultKind] = {
        "pushes": _PUSHES,
        "wrong-count": FaultKind(
            "Of so many rounds one ends with a count of nine and no tag; its tags are pushed.",
            Effect.LASTING,
            (whole("every", 5, 1, 100_000),),
        ),
        "antenna-missing": FaultKind(
            "This port has no antenna: its rounds end with status F8.",
            Effect.LASTING,
            (whole("port", 1, 1, 4),),
        ),
        "over-temperature": FaultKind("The reader tells 85 degrees Celsius.", Effect.LASTING),
    }

    @property
    def info(self) -> bytes:
        antennas = sum(1 << port - 1 for port in self.antenna_ports)
        return self._info(0x0C) + bytes((antennas, 0, 0, 1))

    def table(self) -> Mapping[type, Do]:
        return _OF_288

    def round_ports(self, command: c.Command) -> Iterable[int] | None:
        match command:
            case c.InventoryAt(antenna=antenna):
                return [antenna - _FIRST_ANTENNA + 1]
            case c.Inventory():
                return self.antenna_ports
            case _:
                return None

    def records(self, reads: list[TagRead]) -> bytes:
        mask = 1 << reads[0].antenna_port - 1
        tags = b"".join(
            bytes((len(read.epc),)) + read.epc + bytes((_rssi(read),)) for read in reads
        )
        return bytes((mask, len(reads))) + tags

    def pushed(self, read: TagRead) -> bytes:
        mask = 1 << read.antenna_port - 1
        return bytes((mask, len(read.epc))) + read.epc + bytes((_rssi(read),))

    def end(self, port: int, told: int) -> bytes:
        del told
        return bytes((Status.FINISHED, 1 << port - 1, 0))


class Reader18(UhfReader):
    title = "UHFReader18"
    most_ports = 1
    answered_while_pushing = frozenset(
        {CommandCode.INFO, CommandCode.SET_MODE_18, CommandCode.GET_MODE_18}
    )
    kinds: Mapping[str, FaultKind] = {"pushes": _PUSHES}

    @property
    def info(self) -> bytes:
        return self._info(0x09)

    def table(self) -> Mapping[type, Do]:
        return _OF_18

    def round_ports(self, command: c.Command) -> Iterable[int] | None:
        return self.antenna_ports if isinstance(command, c.InventoryAll) else None

    def records(self, reads: list[TagRead]) -> bytes:
        tags = b"".join(bytes((len(read.epc),)) + read.epc for read in reads)
        return bytes((len(reads),)) + tags

    def pushed(self, read: TagRead) -> bytes:
        return read.epc

    def end(self, port: int, told: int) -> bytes:
        del port
        return bytes((Status.FINISHED, 0)) if told else bytes((Status.NO_TAG,))


def _rssi(read: TagRead) -> int:
    """Write the strength as the radio chip counts it; no document gives the byte a unit."""
    return max(0, min(255, round(read.rssi_dbm) + 129))
