"""What leads from one state of a conversation with a Mercury module to another."""

from enum import Enum
from itertools import pairwise

from edge.serial.mercury.setup import State


class Event(Enum):
    SILENT = "nothing was heard"
    STREAMS = "the module streams from before"
    ANSWERED = "answered"
    REFUSED = "refused what it may lack"
    IN_BOOTLOADER = "the bootloader answers"
    RESTARTED = "the module has started anew"
    UNSET = "the module has lost its settings"
    ENDED = "the stream has ended"
    FULL = "the line is full"


_CHAIN = (
    State.ASKING_REGIONS,
    State.SETTING_PROTOCOL,
    State.SETTING_REGION,
    State.CHECKING_REGION,
    State.ASKING_POWER,
    State.SETTING_POWER,
    State.ASKING_PORTS,
    State.SETTING_PORTS,
    State.SETTING_FILTER,
    State.SETTING_FILTER_TIME,
    State.SETTING_SESSION,
    State.SETTING_TARGET,
    State.SETTING_Q,
    State.STARTING,
    State.STREAMING,
)

TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.LISTENING, Event.SILENT): State.PROBING,
    (State.LISTENING, Event.STREAMS): State.DRAINING,
    (State.LISTENING, Event.RESTARTED): State.PROBING,
    (State.PROBING, Event.STREAMS): State.DRAINING,
    (State.PROBING, Event.RESTARTED): State.PROBING,
    (State.PROBING, Event.ANSWERED): State.ASKING_PROGRAM,
    (State.DRAINING, Event.ANSWERED): State.PROBING,
    (State.PROBING, Event.FULL): State.RAISING,
    (State.RAISING, Event.ANSWERED): State.CHECKING_RATE,
    (State.RAISING, Event.REFUSED): State.ASKING_PROGRAM,
    (State.RAISING, Event.SILENT): State.PROBING,
    (State.RAISING, Event.RESTARTED): State.PROBING,
    (State.CHECKING_RATE, Event.ANSWERED): State.ASKING_PROGRAM,
    (State.CHECKING_RATE, Event.SILENT): State.LOWERING,
    (State.CHECKING_RATE, Event.RESTARTED): State.PROBING,
    (State.LOWERING, Event.ANSWERED): State.PROBING,
    (State.LOWERING, Event.REFUSED): State.PROBING,
    (State.LOWERING, Event.SILENT): State.PROBING,
    (State.LOWERING, Event.RESTARTED): State.PROBING,
    (State.DRAINING, Event.RESTARTED): State.PROBING,
    (State.ASKING_PROGRAM, Event.ANSWERED): State.ASKING_REGIONS,
    (State.ASKING_PROGRAM, Event.REFUSED): State.ASKING_REGIONS,  # older firmware
    (State.ASKING_PROGRAM, Event.IN_BOOTLOADER): State.BOOTING,
    (State.ASKING_PROGRAM, Event.RESTARTED): State.PROBING,
    (State.BOOTING, Event.ANSWERED): State.ASKING_REGIONS,
    (State.ASKING_REGIONS, Event.REFUSED): State.SETTING_PROTOCOL,  # the region is read back
    (State.ASKING_PORTS, Event.REFUSED): State.SETTING_PORTS,
    **{(state, Event.ANSWERED): after for state, after in pairwise(_CHAIN)},
    **{(state, Event.RESTARTED): State.PROBING for state in _CHAIN},
    (State.STREAMING, Event.UNSET): State.DRAINING,
    (State.STREAMING, Event.ENDED): State.STARTING,
    (State.STREAMING, Event.FULL): State.DRAINING,
}
