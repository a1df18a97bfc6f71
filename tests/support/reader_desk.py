"""A simulated reader on a desk: no socket, time moves when a test says so, tags as they are put."""

from collections import deque
from collections.abc import Collection, Sequence

from edge.llrp import Frame, FrameDecoder, decode_message, encode_message
from edge.llrp import messages as m
from edge.llrp.constants import GPIPortState
from edge.llrp.fields import Message
from edge.llrp.parameters_common import LLRPStatus
from edge.llrp.parameters_config import GPIPortCurrentState
from edge.llrp.parameters_report import TagReportData
from edge.llrp.parameters_rospec import ROSpec
from edge.model import Now, TagRead
from simulators.air import Air
from simulators.llrp_reader import LlrpReader, Outgoing
from simulators.profile import GENERIC, Profile
from tests.support.orders import rospec

_ASKED_ID = 77_777
START_US = 1_800_000_000_000_000
EPCS = [bytes.fromhex(f"3036443340000000000000{number:02x}") for number in range(40)]


class SteadyAir:
    """One read of a known tag every 10 ms by antenna 1 and 2 in turn, from START_US on."""

    def __init__(self) -> None:
        self._next = 0
        self.asked: list[tuple[int, int]] = []
        self.has_arrived = 0
        self.was_lost = 0

    def hear(
        self, antenna_ports: Collection[int], from_us: int, until_us: int, limit: int
    ) -> Sequence[TagRead]:
        reads: list[TagRead] = []
        self.asked.append((from_us, until_us))
        while len(reads) < limit and (read := self._read(self._next)).at_us <= until_us:
            self._next += 1
            if read.at_us > from_us and read.antenna_port in antenna_ports:
                reads.append(read)
        return reads

    def delivered(self, reads: int) -> None:
        self.has_arrived += reads

    def lost(self) -> None:
        self.was_lost += 1

    def _read(self, number: int) -> TagRead:
        epc = EPCS[number % len(EPCS)]
        return TagRead(epc, number % 2 + 1, -50 - number % 10, START_US + 10_000 * (number + 1))


class ListedAir:
    """Exactly these reads, each once, by whatever antenna listens at its time."""

    def __init__(self, reads: Sequence[TagRead]) -> None:
        self._left = deque(reads)

    def hear(
        self, antenna_ports: Collection[int], from_us: int, until_us: int, limit: int
    ) -> list[TagRead]:
        del antenna_ports
        heard: list[TagRead] = []
        while self._left and self._left[0].at_us <= until_us and len(heard) < limit:
            read = self._left.popleft()
            heard += [read] if read.at_us >= from_us else []
        return heard

    def delivered(self, reads: int) -> None:
        pass

    def lost(self) -> None:
        pass


class Desk:
    """`take` gives all that the reader has said and that was not an answer to `ask`."""

    def __init__(
        self,
        air: Air | None = None,
        *,
        waits_for_client: bool = False,
        profile: Profile = GENERIC,
    ) -> None:
        self.air = SteadyAir()
        self.reader = LlrpReader(profile, air or self.air, waits_for_client=waits_for_client)
        self.now = Now(1000.0, START_US)
        self.version = 1
        self._heard: list[Frame] = []
        self._decoder = FrameDecoder()

    def connect(self) -> None:
        self._decoder = FrameDecoder()
        self.version = 1
        self._take(self.reader.connect(self.now))

    def pass_ms(self, milliseconds: int, step_ms: int = 5, *, check: bool = True) -> None:
        """Let time pass in small steps, as a server does; `check` that all can be read."""
        for _ in range(0, milliseconds, step_ms):
            self.now = Now(self.now.monotonic_s + step_ms / 1000, self.now.utc_us + 1000 * step_ms)
            self._take(self.reader.advance(self.now), check=check)

    def send(self, data: bytes) -> None:
        self._take(self.reader.receive(data, self.now))

    def agree_on(self, version: int) -> None:
        """Speak this version from now on, as the header has it; 1 is spoken without a word."""
        if version > 1:
            answer = self.ask(m.SetProtocolVersion(protocol_version=version), version)
            assert isinstance(answer, m.SetProtocolVersionResponse)
            assert answer.llrp_status.status_code == 0
        self.version = version

    def ask(self, message: Message, version: int | None = None) -> Message:
        """Give the message that carries the request's id."""
        self.send(encode_message(message, _ASKED_ID, version or self.version))
        answer = next(frame for frame in self._heard if frame.message_id == _ASKED_ID)
        self._heard.remove(answer)
        return decode_message(answer).message

    def status(self, message: Message) -> LLRPStatus:
        status = getattr(self.ask(message), "llrp_status")  # noqa: B009 - every response has it
        assert isinstance(status, LLRPStatus)
        return status

    def add(self, spec: ROSpec | None = None) -> None:
        assert self.status(m.AddROSpec(rospec=spec or rospec())).status_code == 0

    def run(self, spec: ROSpec | None = None) -> None:
        """Add a ROSpec, enable and start it."""
        spec = spec or rospec()
        self.add(spec)
        assert self.status(m.EnableROSpec(rospec_id=spec.rospec_id)).status_code == 0
        assert self.status(m.StartROSpec(rospec_id=spec.rospec_id)).status_code == 0

    def enable(self, spec: ROSpec) -> None:
        """Add a ROSpec and enable it; its start trigger may do the rest."""
        self.add(spec)
        assert self.status(m.EnableROSpec(rospec_id=spec.rospec_id)).status_code == 0

    def enable_gpis(self, *, is_enabled: bool = True) -> None:
        states = tuple(
            GPIPortCurrentState(gpi_port_num=port, config=is_enabled, state=GPIPortState.UNKNOWN)
            for port in self.reader.device.gpis
        )
        assert self.status(m.SetReaderConfig(gpi_port_current_states=states)).status_code == 0

    def gpi(self, port: int, *, high: bool) -> None:
        self._take(self.reader.set_gpi(port, self.now, is_high=high))

    def plug(self, port: int, *, up: bool) -> None:
        self._take(self.reader.plug(port, self.now, is_up=up))

    def disconnect(self) -> None:
        self.reader.disconnect()

    def take(self) -> list[Message]:
        """Give what was heard since the last time."""
        heard, self._heard = self._heard, []
        return [decode_message(frame).message for frame in heard]

    def take_frames(self) -> list[Frame]:
        """Give what was heard since the last time, as it came."""
        heard, self._heard = self._heard, []
        return heard

    def take_tags(self) -> list[TagReportData]:
        reports = [message for message in self.take() if isinstance(message, m.ROAccessReport)]
        return [tag for report in reports for tag in report.tag_report_datas]

    def put(self, outgoing: Sequence[Outgoing]) -> None:
        """Hear what the reader has said."""
        self._take(outgoing)

    def say(self, message: Message) -> None:
        """Say what is not answered."""
        self.send(encode_message(message, 1, self.version))

    def _take(self, outgoing: Sequence[Outgoing], *, check: bool = True) -> None:
        for sent in outgoing:
            self._decoder.feed(sent.data)
            while frame := self._decoder.next_frame():
                assert not (check and decode_message(frame).faults), frame
                self._heard.append(frame)
