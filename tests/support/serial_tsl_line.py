"""A conversation with a TSL handheld that has been set up."""

from edge.model import HealthKind
from edge.serial.settings import Region, SerialSettings
from edge.serial.tsl.session import TslSession
from tests.support.serial_readers import Line
from tests.support.serial_tsl import TslHandheld

EU = SerialSettings(Region.EU)
EPC = bytes.fromhex("303425f8c40c5e4000000001")
OTHER = bytes.fromhex("303425f8c40c5e4000000002")


def ready(handheld: TslHandheld, settings: SerialSettings = EU, seconds: float = 1.0) -> Line:
    line = Line(TslSession(settings), handheld)
    line.play(seconds)
    assert line.heard.of(HealthKind.CONNECTED)
    return line
