"""The protocols by the names that store.toml and the commands use."""

from edge.serial.m100.protocol import M100
from edge.serial.mercury.protocol import MERCURY
from edge.serial.protocol import SerialProtocol
from edge.serial.r2000.protocol import R2000
from edge.serial.tsl.protocol import TSL
from edge.serial.uhfreader.protocol import UHFREADER

PROTOCOLS: dict[str, SerialProtocol] = {
    protocol.name: protocol for protocol in (MERCURY, R2000, UHFREADER, TSL, M100)
}
