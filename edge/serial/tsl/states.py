"""The states of a conversation with a handheld, and what leads from one to another."""

from enum import Enum


class State(Enum):
    """What the session waits for."""

    LISTENING = "listening"
    PROBING = "version"
    ASKING_BATTERY = "battery"
    SETTING_INVENTORY = "set inventory"
    SETTING_TRIGGER = "set trigger"
    READY = "the trigger"
    CHECKING_BATTERY = "battery again"


class Event(Enum):
    SILENT = "nothing was heard"
    ANSWERED = "answered"
    BATTERY_DUE = "the battery is due"
    UNSET = "the handheld has lost its settings"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.LISTENING, Event.SILENT): State.PROBING,
    (State.PROBING, Event.ANSWERED): State.ASKING_BATTERY,
    (State.ASKING_BATTERY, Event.ANSWERED): State.SETTING_INVENTORY,
    (State.SETTING_INVENTORY, Event.ANSWERED): State.SETTING_TRIGGER,
    (State.SETTING_TRIGGER, Event.ANSWERED): State.READY,
    (State.READY, Event.BATTERY_DUE): State.CHECKING_BATTERY,
    (State.READY, Event.UNSET): State.SETTING_INVENTORY,
    (State.CHECKING_BATTERY, Event.ANSWERED): State.READY,
    (State.CHECKING_BATTERY, Event.UNSET): State.SETTING_INVENTORY,
}
