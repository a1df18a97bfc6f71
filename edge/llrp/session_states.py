"""The states of an LLRP session: what leads from one to the next, and what is asked in each.

A pair that is not in the table cannot happen; where the event is a refusal, the reader cannot be
used.
"""

from collections.abc import Callable
from enum import Enum

from edge.llrp import messages as m
from edge.llrp.constants import GetReaderCapabilitiesRequestedData
from edge.llrp.fields import Message
from edge.llrp.rospec import LlrpSettings, reader_config, rospec


class State(Enum):
    WAITING = "waiting"
    ASKING = "asking"
    CONFIGURING = "configuring"
    CONFIGURING_LESS = "configuring less"
    LISTING = "listing"
    DELETING = "deleting"
    ADDING = "adding"
    ENABLING = "enabling"
    STARTING = "starting"
    RUNNING = "running"
    STOPPED = "stopped"


class Event(Enum):
    CONNECTED = "connected"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OURS_IS_THERE = "a ROSpec of our number is there"
    STARTS_ITSELF = "the ROSpec starts itself"
    ENDED = "the ROSpec has ended"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.WAITING, Event.CONNECTED): State.ASKING,
    (State.ASKING, Event.ACCEPTED): State.CONFIGURING,
    (State.ASKING, Event.REFUSED): State.CONFIGURING,
    (State.CONFIGURING, Event.ACCEPTED): State.LISTING,
    (State.CONFIGURING, Event.REFUSED): State.CONFIGURING_LESS,
    (State.CONFIGURING_LESS, Event.ACCEPTED): State.LISTING,
    (State.LISTING, Event.ACCEPTED): State.ADDING,
    (State.LISTING, Event.OURS_IS_THERE): State.DELETING,
    (State.LISTING, Event.REFUSED): State.DELETING,
    (State.DELETING, Event.ACCEPTED): State.ADDING,
    (State.DELETING, Event.REFUSED): State.ADDING,
    (State.ADDING, Event.ACCEPTED): State.ENABLING,
    (State.ENABLING, Event.ACCEPTED): State.STARTING,
    (State.ENABLING, Event.STARTS_ITSELF): State.RUNNING,
    (State.STARTING, Event.ACCEPTED): State.RUNNING,
    (State.RUNNING, Event.ENDED): State.STARTING,
}

REQUESTS: dict[State, Callable[[LlrpSettings], Message]] = {
    State.ASKING: lambda _: m.GetReaderCapabilities(
        requested_data=GetReaderCapabilitiesRequestedData.ALL
    ),
    State.CONFIGURING: lambda settings: reader_config(settings, with_events=True),
    State.CONFIGURING_LESS: lambda settings: reader_config(settings, with_events=False),
    State.LISTING: lambda _: m.GetROSpecs(),
    State.DELETING: lambda settings: m.DeleteROSpec(rospec_id=settings.rospec_id),
    State.ADDING: lambda settings: m.AddROSpec(rospec=rospec(settings)),
    State.ENABLING: lambda settings: m.EnableROSpec(rospec_id=settings.rospec_id),
    State.STARTING: lambda settings: m.StartROSpec(rospec_id=settings.rospec_id),
}
