"""A reader that speaks LLRP 1.0.1 and 1.1: bytes in, bytes out, and the time passed in.

It is written against the standard, not against our driver.  It serves one client at a time and
keeps its ROSpecs and AccessSpecs when a client goes.  What it reads comes from an `Air`; whoever
owns the reader carries its bytes, tells it the time often, and tells it what has arrived at the
client.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import count

from edge.errors import ProtocolError
from edge.llrp import Frame, FrameDecoder, encode_message
from edge.llrp.constants import ConnectionAttemptStatusType, MessageType, NotificationEventType
from edge.llrp.fields import Message
from edge.llrp.parameters_common import Timestamp
from edge.model import Now
from simulators.air import Air
from simulators.body import Body
from simulators.device import Device
from simulators.events import (
    AntennaChanged,
    Happening,
    connection_attempt,
    connection_close,
    event_notification,
    event_type,
)
from simulators.faults import Faults
from simulators.inventory import MOST_BUFFERED, Inventory, Told
from simulators.keepalives import Keepalives
from simulators.parts import Parts
from simulators.profile import Profile
from simulators.reports import TagReport
from simulators.responses import Responses, invented_report, message_name
from simulators.settings import Settings
from simulators.stamps import Stamps
from simulators.tags import Tags

_TAKEN = ConnectionAttemptStatusType.FAILED_A_CLIENT_INITIATED_CONNECTION_ALREADY_EXISTS
_MOST_HELD_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Whole messages, and how many reads they report."""

    data: bytes
    reads: int = 0


class LlrpReader:
    """With `waits_for_client` nothing is read, and time stands still, while nobody wants reads.

    `connected` are the antenna ports that have an antenna; all of them if nothing is said.
    """

    def __init__(  # noqa: PLR0913 - what surrounds a reader
        self,
        profile: Profile,
        air: Air,
        *,
        waits_for_client: bool = False,
        faults: Faults | None = None,
        tags: Tags | None = None,
        connected: Collection[int] | None = None,
    ) -> None:
        self.faults, self.profile = faults or Faults(), profile
        self.device = Device(profile, connected)
        self._air, self._waits = air, waits_for_client
        self._stamps = Stamps(self.faults, self.device)
        self._body = Body(profile, self.device, air, tags or Tags(), self.faults, self._stamps)
        self._parts = Parts(self._body)
        self._responses = Responses(self.faults)
        self._keepalives = Keepalives(self.faults)
        self._decoder: FrameDecoder | None = None  # there while there is a client
        self._held_events: deque[Happening] = deque(maxlen=_MOST_HELD_EVENTS)
        self._message_ids = count(1)
        self.heard: Counter[str] = Counter()  # messages of clients, by name
        self.is_closing = False  # when all is sent, the connection is to be closed
        self.hangs_up = False  # the connection is to be closed at once

    @property
    def inventory(self) -> Inventory:
        return self._parts.inventory

    @property
    def settings(self) -> Settings:
        return self._parts.settings

    @property
    def is_behind(self) -> bool:
        """Tell whether `advance` has more to do at this very time."""
        return self.inventory.is_behind

    @property
    def keepalives_sent(self) -> int:
        return self._keepalives.sent

    def stands_still(self, *, blocked: bool) -> bool:
        """Tell whether the reader's clock must not go on; `blocked`: the client takes nothing."""
        if not self._waits:
            return False
        is_idle = self.inventory.is_idle or self.inventory.is_full or self.is_behind
        return blocked or is_idle or self._decoder is None or self.is_closing

    def connect(self, now: Now) -> list[Outgoing]:
        self.device.uptime_us(now.utc_us)
        self._decoder = FrameDecoder()
        self.is_closing = self.hangs_up = False
        self._parts.begin_connection()
        self._keepalives.set(self.settings.keepalive_s, now)
        outgoing: list[Outgoing] = []
        if not self.faults.take("no-connect-event"):
            outgoing.append(self._connection_event(ConnectionAttemptStatusType.SUCCESS, now))
        self.inventory.holds_reports = self.settings.holds_on_reconnect
        self.inventory.most_buffered, self.inventory.drops_oldest = MOST_BUFFERED, False
        if self._most_old_reads() and not self._waits and not self.inventory.holds_reports:
            outgoing += self._tell(self.inventory.take_all())
        elif self._waits or not self.settings.holds_on_reconnect:
            self.inventory.forget_reports()
        return outgoing

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
        """Learn that the client has gone; its settings go with it, ROSpecs and AccessSpecs stay."""
        self._decoder = None
        self.is_closing = self.hangs_up = False
        self._responses.forget()
        self.settings.reset()
        self._held_events.clear()
        self._let_old_reads_wait()
        self._air.lost()

    def reboot(self, now: Now, *, keeps_specs: bool) -> None:
        """Begin anew, nobody being connected; specs that are kept are as they were."""
        before = self._parts
        self.device.booted_at_us = now.utc_us
        self.device.clock_jumped_us = 0
        self._parts = Parts(self._body, before if keeps_specs else None)
        self._let_old_reads_wait()

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
            while not (self.is_closing or self.hangs_up) and (frame := self._decoder.next_frame()):
                outgoing += self._answer(frame, now)
        except ProtocolError:  # nobody can tell where the next message begins
            outgoing += self.finish(now, close=True)
        return outgoing

    def advance(self, now: Now) -> list[Outgoing]:
        """Let everything happen that is due; reports and events that nobody hears are gone."""
        self.device.uptime_us(now.utc_us)
        if self.is_closing or (self._waits and self._decoder is None):
            return []
        outgoing = [Outgoing(data) for data in self._responses.due(now)]
        if self._decoder is not None:
            outgoing += self._keep_alive(now)
            outgoing += self._flood()
        return [*outgoing, *self._tell(self.inventory.advance(now.utc_us))]

    def finish(self, now: Now, *, close: bool) -> list[Outgoing]:
        """Report all that was read; with `close`, also announce that the reader will close."""
        outgoing = self._tell(self.inventory.take_all())
        if close:
            outgoing.append(self.say(connection_close(self.stamp(now))))
            self.is_closing = True
        return outgoing

    def happen(self, happening: Happening) -> list[Outgoing]:
        """Let something happen to the reader, and give what its client hears of it."""
        return self._tell([happening])

    def set_gpi(self, port: int, now: Now, *, is_high: bool) -> list[Outgoing]:
        """Pull an input up or down.  Raises ConfigError for an unknown port."""
        if not self.device.set_gpi(port, is_high=is_high):
            return []
        before = self.advance(now)
        told = self.inventory.gpi(port, now.utc_us, is_high=is_high)
        return [*before, *self._tell(told)]

    def plug(self, port: int, now: Now, *, is_up: bool) -> list[Outgoing]:
        """Connect or disconnect an antenna.  Raises ConfigError for an unknown port."""
        if not self.device.plug(port, is_up=is_up):
            return []
        return self.happen(AntennaChanged(now.utc_us, port, is_up))

    def stamp(self, now: Now) -> Timestamp:
        """Give what the reader's clock says."""
        return self._stamps.of(now.utc_us)

    def say(self, message: Message) -> Outgoing:
        """Give a message that nobody asked for, under an id of the reader's own."""
        version = self._parts.agreed.versions.current
        return Outgoing(encode_message(message, next(self._message_ids), version))

    def _most_old_reads(self) -> int:
        """Give how many reads are kept for the next client while there is none."""
        values = self.faults.get("replay-old-reads")
        return values.whole("reads") if values is not None else self.profile.quirks.keeps_old_reads

    def _let_old_reads_wait(self) -> None:
        most = self._most_old_reads()
        self.inventory.holds_reports = self.settings.holds_on_reconnect or most > 0
        if most and not self._waits:
            self.inventory.most_buffered, self.inventory.drops_oldest = most, True

    def _answer(self, frame: Frame, now: Now) -> list[Outgoing]:
        self.heard[message_name(frame.message_type)] += 1
        if len(frame.body) > self.profile.limits.request_bytes or self._ends_negotiation(frame):
            self.hangs_up = True
            return []
        if frame.message_type == MessageType.KEEPALIVE_ACK:
            self._keepalives.note_ack(frame.message_id)
        keepalive_before = self.settings.keepalive
        answer = self._parts.requests.answer(frame, now)
        if self.settings.keepalive != keepalive_before:
            self._keepalives.set(self.settings.keepalive_s, now)
        self.is_closing = answer.closes
        outgoing = self._tell(answer.told, frame.message_id if answer.is_report else None)
        if answer.message is not None:
            sent = self._responses.send(answer.message, frame, now)
            outgoing += map(Outgoing, sent)
        if not self.inventory.holds_reports:
            outgoing += self._release_events()
        return outgoing

    def _ends_negotiation(self, frame: Frame) -> bool:
        is_negotiation = frame.message_type == MessageType.GET_SUPPORTED_VERSION
        return is_negotiation and self.faults.take("negotiation-closes") is not None

    def _release_events(self) -> list[Outgoing]:
        held, self._held_events = self._held_events, deque(maxlen=_MOST_HELD_EVENTS)
        return self._tell(held)

    def _keep_alive(self, now: Now) -> list[Outgoing]:
        if self._keepalives.is_lost(self.settings):
            self.hangs_up = True
            return []
        keepalive = self._keepalives.due(now)
        if keepalive is None:
            return []
        message_id = next(self._message_ids)
        self._keepalives.note_sent(message_id)
        version = self._parts.agreed.versions.current
        return [Outgoing(encode_message(keepalive, message_id, version))]

    def _flood(self) -> list[Outgoing]:
        values = self.faults.get("flood")
        if values is None:
            return []
        report = self.say(invented_report(values.whole("tags")))
        return [report] * values.whole("reports")

    def _tell(self, told: Iterable[Told], message_id: int | None = None) -> list[Outgoing]:
        """Give reports and events as messages, if there is a client that wants them."""
        if self._decoder is None:
            return []
        outgoing: list[Outgoing] = []
        for what in told:
            if not isinstance(what, TagReport):
                outgoing += self._tell_event(what)
            elif not what.is_told:
                outgoing.append(Outgoing(b"", what.reads))
            else:
                number = next(self._message_ids) if message_id is None else message_id
                version = self._parts.agreed.versions.current
                frame = Frame(version, MessageType.RO_ACCESS_REPORT, number, what.body)
                outgoing.append(Outgoing(frame.encode(), what.reads))
        return outgoing

    def _tell_event(self, happening: Happening) -> list[Outgoing]:
        details = NotificationEventType.AISPEC_EVENT_WITH_DETAILS
        kind = event_type(happening)
        with_details = self.settings.events[details]
        is_wanted = self.settings.events.get(kind, False)
        if kind == NotificationEventType.AISPEC_EVENT:
            is_wanted = is_wanted or with_details
        if not is_wanted:
            return []
        if self.inventory.holds_reports:
            if not self.profile.quirks.events_are_lost:
                self._held_events.append(happening)
            return []
        stamp = self._stamps.of(happening.at_us)
        return [self.say(event_notification(happening, stamp, with_details=with_details))]

    def _connection_event(self, status: int, now: Now) -> Outgoing:
        return self.say(connection_attempt(status, self.stamp(now)))
