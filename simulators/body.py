"""What a simulated reader keeps through all its boots: hardware, surroundings, and its faults."""

from dataclasses import dataclass

from simulators.air import Air
from simulators.device import Device
from simulators.faults import Faults
from simulators.profile import Profile
from simulators.stamps import Stamps
from simulators.tags import Tags


@dataclass(frozen=True, slots=True)
class Body:
    profile: Profile
    device: Device
    air: Air
    tags: Tags
    faults: Faults
    stamps: Stamps
