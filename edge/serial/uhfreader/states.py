"""The states of a conversation with a UHFReader, and what leads from one to another."""

from enum import Enum
from itertools import pairwise


class State(Enum):
    """What the session waits for."""

    LISTENING = "listening"
    PROBING = "reader information"
    ASKING_MODE = "work mode"
    SETTING_MODE = "set work mode"
    SETTING_REGION = "set region"
    SETTING_POWER = "set power"
    CHECKING = "reader information as set"
    READING = "inventory"
    PAUSING = "pause"
    ASKING_TEMPERATURE = "temperature"


class Event(Enum):
    SILENT = "nothing was heard"
    ANSWERED = "answered"
    TROUBLE = "the round could not be done"
    TEMPERATURE_DUE = "the temperature is due"


_CHAIN = (
    State.PROBING,
    State.ASKING_MODE,
    State.SETTING_MODE,
    State.SETTING_REGION,
    State.SETTING_POWER,
    State.CHECKING,
    State.READING,
)

TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.LISTENING, Event.SILENT): State.PROBING,
    **{(state, Event.ANSWERED): after for state, after in pairwise(_CHAIN)},
    (State.READING, Event.ANSWERED): State.READING,
    (State.READING, Event.TROUBLE): State.PAUSING,
    (State.READING, Event.SILENT): State.SETTING_MODE,
    (State.READING, Event.TEMPERATURE_DUE): State.ASKING_TEMPERATURE,
    (State.ASKING_TEMPERATURE, Event.ANSWERED): State.READING,
    (State.PAUSING, Event.ANSWERED): State.READING,
}
