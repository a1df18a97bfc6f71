"""The fixtures that several modules here use."""

from tests.support.emulator import emulator_host, emulator_project
from tests.support.line import make_line
from tests.support.simulated import peer, reader

__all__ = ["emulator_host", "emulator_project", "make_line", "peer", "reader"]
