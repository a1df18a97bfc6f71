"""The states of a conversation with an M100 module, and what leads from one to another."""

from enum import Enum


class State(Enum):
    """What the session waits for."""

    LISTENING = "listening"
    PROBING = "hardware version"
    ASKING_REGION = "region"
    SETTING_REGION = "set region"
    CHECKING_REGION = "region as set"
    SETTING_HOPPING = "set frequency hopping"
    ASKING_POWER = "power"
    SETTING_POWER = "set power"
    CHECKING_POWER = "power as set"
    ASKING_QUERY = "query parameters"
    SETTING_QUERY = "set query parameters"
    CHECKING_QUERY = "query parameters as set"
    READING = "tags"


class Event(Enum):
    SILENT = "nothing was heard"
    ANSWERED = "answered"
    DIFFERS = "the module has other settings"
    REFUSED = "refused what it may lack"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.LISTENING, Event.SILENT): State.PROBING,
    (State.PROBING, Event.ANSWERED): State.ASKING_REGION,
    (State.ASKING_REGION, Event.ANSWERED): State.SETTING_HOPPING,
    (State.ASKING_REGION, Event.DIFFERS): State.SETTING_REGION,
    (State.SETTING_REGION, Event.ANSWERED): State.CHECKING_REGION,
    (State.CHECKING_REGION, Event.ANSWERED): State.SETTING_HOPPING,
    (State.SETTING_HOPPING, Event.ANSWERED): State.ASKING_POWER,
    (State.ASKING_POWER, Event.ANSWERED): State.ASKING_QUERY,
    (State.ASKING_POWER, Event.DIFFERS): State.SETTING_POWER,
    (State.SETTING_POWER, Event.ANSWERED): State.CHECKING_POWER,
    (State.CHECKING_POWER, Event.ANSWERED): State.ASKING_QUERY,
    (State.ASKING_QUERY, Event.ANSWERED): State.READING,
    (State.ASKING_QUERY, Event.DIFFERS): State.SETTING_QUERY,
    (State.ASKING_QUERY, Event.REFUSED): State.READING,
    (State.SETTING_QUERY, Event.ANSWERED): State.CHECKING_QUERY,
    (State.CHECKING_QUERY, Event.ANSWERED): State.READING,
    (State.READING, Event.SILENT): State.PROBING,
}
