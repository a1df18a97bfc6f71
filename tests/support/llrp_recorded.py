"""What simulated readers have said to our session, kept step by step: no socket, no waiting."""

from dataclasses import dataclass
from functools import cache

from edge.llrp.session import LlrpSession
from edge.llrp.settings import LlrpSettings
from edge.model import Now
from simulators.llrp_reader import LlrpReader
from simulators.profile import profile_of
from tests.support.reader_desk import START_US, SteadyAir

SETTINGS = LlrpSettings(antenna_ports=(1, 2), keepalive_s=1.0)
STEP_S = 0.05
_STEPS, _RUNNING, _PLUGGED, _PULLED = 80, 20, 30, 40


@dataclass(frozen=True, slots=True)
class Recorded:
    """`pieces` are the reader's, STEP_S apart; from `running` on it is set up and only reports."""

    pieces: tuple[bytes, ...]
    running: int

    @property
    def stream(self) -> bytes:
        return b"".join(self.pieces)

    def now(self, step: int) -> Now:
        """Give the time of a step, as it was when this was recorded."""
        return _now(step)


@cache
def recorded(profile: str) -> Recorded:
    """Record four seconds: the setup, reports, keepalives, an antenna, an input and the end."""
    reader, session = LlrpReader(profile_of(profile, 2), SteadyAir()), LlrpSession(SETTINGS)
    session.start(_now(0))
    said, pieces = reader.connect(_now(0)), list[bytes]()
    for step in range(_STEPS):
        now = _now(step)
        said += reader.advance(now)
        if step in {_PLUGGED, _PULLED}:
            said += reader.plug(2, now, is_up=step == _PULLED)
            said += reader.set_gpi(1, now, is_high=step == _PLUGGED)
        pieces.append(b"".join(message.data for message in said))
        said = reader.receive(session.step(pieces[-1], now).to_send, now)
    assert session.is_running
    pieces.append(b"".join(message.data for message in reader.finish(_now(_STEPS), close=True)))
    return Recorded(tuple(pieces), _RUNNING)


def _now(step: int) -> Now:
    return Now(1000.0 + STEP_S * step, START_US + round(STEP_S * step * 1_000_000))
