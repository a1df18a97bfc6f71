"""A reader that speaks LLRP 1.0.1: bytes in, bytes out, and the time passed in.

It is written against the standard, not against our driver.  It serves one client at a time and
keeps its ROSpecs when a client goes.  What it reads comes from an `Air`; whoever owns the reader
carries its bytes, tells it the time often, and tells it what has arrived at the client.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from edge.errors import ProtocolError
from edge.llrp import Frame, FrameDecoder, encode_message, messages
from edge.llrp.constants import ConnectionAttemptStatusType, MessageType
from edge.llrp.fields import Message
from edge.llrp.parameters_rospec import ROSpec
from edge.model import Now
from simulators.air import Air
from simulators.events import (
    connection_attempt,
    connection_close,
    event_notification,
    event_type,
)
from simulators.faults import Faults
from simulators.inventory import Inventory, Told
from simulators.profile import Profile
from simulators.reports import TagReport
from simulators.requests import VERSION, Requests
from simulators.responses import Responses, message_name
from simulators.settings import Settings

_TAKEN = ConnectionAttemptStatusType.FAILED_A_CLIENT_INITIATED_CONNECTION_ALREADY_EXISTS


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Whole messages, and how many reads they report."""

    data: bytes
    reads: int = 0


class LlrpReader:
    """With `waits_for_client` nothing is read, and time stands still, while nobody wants reads."""

    def __init__(
        self,
        profile: Profile,
        air: Air,
        *,
        waits_for_client: bool = False,
        faults: Faults | None = None,
    ) -> None:
        self.faults = faults or Faults()
        self.profile, self._air, self._waits = profile, air, waits_for_client
        self._settings = Settings(profile)
        self._inventory = Inventory(profile, self._settings, air)
        self._requests = Requests(profile, self._settings, self._inventory)
        self._responses = Responses(self.faults)
        self._decoder: FrameDecoder | None = None  # there while there is a client
        self._message_ids = count(1)
        self.heard: Counter[str] = Counter()  # messages of clients, by name
        self.keepalives_sent = 0
        self._keepalive_due_s: float | None = None
        self.is_closing = False  # when all is sent, the connection is to be closed

    @property
    def is_behind(self) -> bool:
        """Tell whether `advance` has more to do at this very time."""
        return self._inventory.is_behind

    @property
    def rospecs(self) -> tuple[ROSpec, ...]:
        return self._inventory.rospecs.all()

    def stands_still(self, *, blocked: bool) -> bool:
        """Tell whether the reader's clock must not go on; `blocked`: the client takes nothing."""
        if not self._waits:
            return False
        is_idle = self._inventory.is_idle or self._inventory.is_full or self.is_behind
        return blocked or is_idle or self._decoder is None or self.is_closing

    def connect(self, now: Now) -> list[Outgoing]:
        self._decoder = FrameDecoder()
        self.is_closing = False
        self._inventory.holds_reports = self._settings.holds_on_reconnect
        if self._waits or not self._settings.holds_on_reconnect:
            self._inventory.forget_reports()
        if self.faults.take("no-connect-event"):
            return []
        return [self._connection_event(ConnectionAttemptStatusType.SUCCESS, now)]

    def refusal(self, now: Now, status: int = _TAKEN) -> Outgoing:
        """Give what a client hears that is turned away, as a second one always is."""
        return self._connection_event(status, now)

    def another_client(self, now: Now) -> list[Outgoing]:
        """Give what the client hears when a second one was turned away."""
        if self.is_closing:
            return []
        return [
            self._connection_event(ConnectionAttemptStatusType.ANOTHER_CONNECTION_ATTEMPTED, now)
        ]

    def disconnect(self) -> None:
        """Learn that the client has gone; its settings go with it, the ROSpecs stay."""
        self._decoder = None
        self.is_closing = False
        self._keepalive_due_s = None
        self._responses.forget()
        self._settings.reset()
        self._inventory.holds_reports = self._settings.holds_on_reconnect
        self._air.lost()

    def reboot(self, *, keeps_specs: bool) -> None:
        """Begin anew, nobody being connected; ROSpecs that are kept are as they were."""
        rospecs = self._inventory.rospecs
        self._settings = Settings(self.profile)
        self._inventory = Inventory(self.profile, self._settings, self._air)
        if keeps_specs:
            self._inventory.rospecs = rospecs
        self._requests = Requests(self.profile, self._settings, self._inventory)

    def delivered(self, reads: int) -> None:
        if reads:
            self._air.delivered(reads)

    def receive(self, data: bytes, now: Now) -> list[Outgoing]:
        """Answer what the client says, as far as whole messages have come."""
        if self._decoder is None or self.is_closing:
            return []
        outgoing = self.advance(now)
        self._decoder.feed(data)
        try:
            while not self.is_closing and (frame := self._decoder.next_frame()):
                outgoing += self._answer(frame, now)
        except ProtocolError:  # nobody can tell where the next message begins
            outgoing += self.finish(now, close=True)
        return outgoing

    def advance(self, now: Now) -> list[Outgoing]:
        """Let everything happen that is due; reports and events that nobody hears are gone."""
        if self.is_closing or (self._waits and self._decoder is None):
            return []
        late = [Outgoing(data) for data in self._responses.due(now)]
        return [*late, *self._keepalive(now), *self._tell(self._inventory.advance(now.utc_us))]

    def finish(self, now: Now, *, close: bool) -> list[Outgoing]:
        """Report all that was read; with `close`, also announce that the reader will close."""
        outgoing = self._tell(self._inventory.take_all())
        if close:
            outgoing.append(self.say(connection_close(now.utc_us)))
            self.is_closing = True
        return outgoing

    def say(self, message: Message) -> Outgoing:
        """Give a message that nobody asked for, under an id of the reader's own."""
        return Outgoing(encode_message(message, next(self._message_ids), VERSION))

    def _answer(self, frame: Frame, now: Now) -> list[Outgoing]:
        self.heard[message_name(frame.message_type)] += 1
        keepalive_before = self._settings.keepalive
        answer = self._requests.answer(frame, now)
        if self._settings.keepalive != keepalive_before:
            self._keepalive_due_s = self._next_keepalive_s(now.monotonic_s, now)
        self.is_closing = answer.closes
        outgoing = self._tell(answer.told, frame.message_id if answer.is_report else None)
        if answer.message is not None:
            sent = self._responses.send(answer.message, frame, VERSION, now)
            outgoing += map(Outgoing, sent)
        return outgoing

    def _keepalive(self, now: Now) -> list[Outgoing]:
        if self._keepalive_due_s is None or now.monotonic_s < self._keepalive_due_s:
            return []
        self._keepalive_due_s = self._next_keepalive_s(self._keepalive_due_s, now)
        if self.faults.take("keepalives-stop"):
            return []
        self.keepalives_sent += 1
        return [self.say(messages.Keepalive())]

    def _next_keepalive_s(self, last_s: float, now: Now) -> float | None:
        period_s = self._settings.keepalive_s
        return None if period_s is None else max(last_s + period_s, now.monotonic_s)

    def _tell(self, told: Iterable[Told], message_id: int | None = None) -> list[Outgoing]:
        """Give reports and events as messages, if there is a client that wants them."""
        if self._decoder is None:
            return []
        outgoing: list[Outgoing] = []
        for what in told:
            if isinstance(what, TagReport):
                number = next(self._message_ids) if message_id is None else message_id
                frame = Frame(VERSION, MessageType.RO_ACCESS_REPORT, number, what.body)
                outgoing.append(Outgoing(frame.encode(), what.reads))
            elif not self._inventory.holds_reports and self._settings.events[event_type(what)]:
                outgoing.append(self.say(event_notification(what)))
        return outgoing

    def _connection_event(self, status: int, now: Now) -> Outgoing:
        return self.say(connection_attempt(status, now.utc_us))
