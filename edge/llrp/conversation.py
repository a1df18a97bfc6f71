"""What a client says to a reader one thing after another, as generators.

    def conversation() -> Conversation[int]:
        answer = yield Ask(GetROSpecs())
        return len(answer.rospecs)

A conversation yields what is to be said or waited for, and is sent what has come of it: the answer,
or None where none came in time.  Whoever leads it (`edge.llrp.session`) carries the bytes and looks
at the time.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from edge.errors import ReaderRefused
from edge.llrp.codec import decode_parameter
from edge.llrp.constants import MessageType, StatusCode
from edge.llrp.fields import Message, UnknownMessage, VendorMessage
from edge.llrp.parameters_common import LLRPStatus
from edge.llrp.parameters_report import TagReportData

_TO_ANSWER = 10  # what an answer's message type is above its request's (LLRP 1.0.1 §16.1)

T = TypeVar("T")
A = TypeVar("A", bound=Message)


@dataclass(frozen=True, slots=True)
class Ask:
    """Send a request and wait for its answer; without an answer the reader counts as lost.

    `may_be_silent`: no answer in time is an answer too, None.  `version` is the header's, where it
    is another than the connection's.
    """

    message: Message
    timeout_s: float | None = None
    may_be_silent: bool = False
    version: int | None = None

    @property
    def answer_type(self) -> int:
        number = self.message.number
        return number if isinstance(self.message, VendorMessage) else number + _TO_ANSWER

    @property
    def name(self) -> str:
        if isinstance(self.message, VendorMessage):
            return type(self.message).__name__
        return MessageType(self.message.number).name


@dataclass(frozen=True, slots=True)
class Say:
    """Send a message that has no answer."""

    message: Message


@dataclass(frozen=True, slots=True)
class Speak:
    """Use this version in headers from now on."""

    version: int


@dataclass(frozen=True, slots=True)
class AwaitResult:
    """Wait for a report with the result of this OpSpec; None where none comes in time."""

    op_spec_id: int
    timeout_s: float


Step: TypeAlias = Ask | Say | Speak | AwaitResult
Heard: TypeAlias = Message | TagReportData | None
Conversation: TypeAlias = Generator[Step, Heard, T]


def ask(request: Ask) -> Conversation[tuple[Message | None, LLRPStatus]]:
    """Ask, and give the answer with its status, even of one that cannot be read further on."""
    answer = yield request
    message = answer if isinstance(answer, Message) else None
    return message, status_of(message)


def insist(message: Message, why: str = "") -> Conversation[Message]:
    """Ask for what must be done; raise ReaderRefused where the reader does not do it."""
    answer, status = yield from ask(Ask(message))
    if answer is None or not is_good(status):
        raise refusal(Ask(message).name, status, why)
    return answer


def status_of(message: Message | None) -> LLRPStatus:
    if isinstance(message, UnknownMessage):
        parameter, _ = decode_parameter(message.data)
        if isinstance(parameter, LLRPStatus):
            return parameter
    status = getattr(message, "llrp_status", None)
    return status if isinstance(status, LLRPStatus) else _UNREADABLE


_UNREADABLE = LLRPStatus(
    status_code=StatusCode.R_DEVICE_ERROR, error_description="its answer cannot be read"
)


def is_good(status: LLRPStatus) -> bool:
    return status.status_code == StatusCode.M_SUCCESS


def refusal(request: str, status: LLRPStatus, why: str = "") -> ReaderRefused:
    reason = f"{reason_of(status)}; {why}" if why else reason_of(status)
    return ReaderRefused(request, int(status.status_code), reason)


def reason_of(status: LLRPStatus) -> str:
    """Say why in the reader's words."""
    if status is _UNREADABLE:
        return status.error_description
    code = status.status_code
    name = code.name if isinstance(code, StatusCode) else f"unknown status {code}"
    return f"{name}, {status.error_description}" if status.error_description else name
