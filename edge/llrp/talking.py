"""One conversation at a time with a reader: what is to be sent, and what is waited for.

An answer is known by its message id and type, whatever comes in between.
"""

from dataclasses import dataclass

from edge.errors import ReaderSilent
from edge.llrp.codec import decode_message, encode_message
from edge.llrp.constants import MessageType
from edge.llrp.conversation import Ask, AwaitResult, Conversation, Heard, Say, Speak
from edge.llrp.fields import Element, Message
from edge.llrp.framing import Frame
from edge.llrp.messages import ROAccessReport
from edge.model import Now

V1_0_1, V1_1 = 1, 2  # LLRP's versions as the header has them


@dataclass(frozen=True, slots=True)
class _Pending:
    step: Ask | AwaitResult
    deadline_s: float
    message_id: int | None


class Talking:
    """lead() a conversation, take() all messages, check() the time; take_bytes() to send them."""

    def __init__(self, request_timeout_s: float) -> None:
        self._request_timeout_s = request_timeout_s
        self._version = V1_0_1
        self._last_id = 0
        self._bytes = bytearray()
        self._talk: Conversation[None] | None = None
        self._pending: _Pending | None = None

    @property
    def is_over(self) -> bool:
        return self._talk is None

    @property
    def awaits_result(self) -> bool:
        return self._pending is not None and isinstance(self._pending.step, AwaitResult)

    def say(self, message: Message, message_id: int | None = None) -> None:
        number = self._next_id() if message_id is None else message_id
        self._bytes += encode_message(message, number, self._version)

    def take_bytes(self) -> bytes:
        taken, self._bytes = bytes(self._bytes), bytearray()
        return taken

    def lead(self, talk: Conversation[None], now: Now) -> None:
        """Begin a conversation, the last one being over."""
        self._talk = talk
        self._go_on(None, now)

    def end(self) -> None:
        """Leave the conversation as it is."""
        self._talk = self._pending = None

    def take(self, frame: Frame, message: Message, now: Now) -> bool:
        """Go on if this is the answer that is waited for, and tell whether it is."""
        if not self._is_answer(frame):
            return False
        self._go_on(message, now)
        return True

    def take_report(self, frame: Frame, now: Now) -> None:
        """Go on if this report has the result that is waited for."""
        pending = self._pending
        if pending is None or not isinstance(pending.step, AwaitResult):
            return
        message, _ = decode_message(frame)
        tags = message.tag_report_datas if isinstance(message, ROAccessReport) else ()
        for tag in tags:
            if any(
                _op_spec_id(result) == pending.step.op_spec_id for result in tag.op_spec_results
            ):
                self._go_on(tag, now)
                return

    def check(self, now: Now) -> None:
        """Go on without an answer that has not come in time; raise ReaderSilent where it must."""
        pending = self._pending
        if pending is None or now.monotonic_s <= pending.deadline_s:
            return
        if isinstance(pending.step, Ask) and not pending.step.may_be_silent:
            raise ReaderSilent(f"LLRP: answer to {pending.step.name} has not come in time")
        self._go_on(None, now)

    def _is_answer(self, frame: Frame) -> bool:
        pending = self._pending
        if pending is None or not isinstance(pending.step, Ask):
            return False
        is_error = frame.message_type == MessageType.ERROR_MESSAGE
        if is_error and pending.step.may_be_silent:
            return True  # to a version that it cannot read a reader may answer with any id
        is_ours = frame.message_id == pending.message_id
        return is_ours and (is_error or frame.message_type == pending.step.answer_type)

    def _go_on(self, heard: Heard, now: Now) -> None:
        """Let the conversation go on with what has come, up to where it must wait again."""
        self._pending = None
        while self._talk is not None:
            try:
                step = self._talk.send(heard)
            except StopIteration:
                self._talk = None
                return
            heard = None
            match step:
                case Ask():
                    message_id = self._next_id()
                    version = step.version or self._version
                    self._bytes += encode_message(step.message, message_id, version)
                    timeout_s = step.timeout_s or self._request_timeout_s
                    self._pending = _Pending(step, now.monotonic_s + timeout_s, message_id)
                    return
                case AwaitResult():
                    self._pending = _Pending(step, now.monotonic_s + step.timeout_s, None)
                    return
                case Say():
                    self.say(step.message)
                case Speak():
                    self._version = step.version

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


def _op_spec_id(result: Element) -> int | None:
    """Tell whose result it is; an AccessSpec's number is in a report only if that is ordered."""
    return getattr(result, "op_spec_id", None)
