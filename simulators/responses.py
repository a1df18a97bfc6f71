"""What becomes of an answer on its way to the client, when the reader is told to misbehave."""

from collections import deque

from edge.llrp import Frame, encode_message
from edge.llrp.constants import MessageType, StatusCode
from edge.llrp.fields import BitString, Message
from edge.llrp.messages import ErrorMessage, ROAccessReport
from edge.llrp.parameters_common import EPCData, LLRPStatus
from edge.llrp.parameters_report import TagReportData
from edge.model import Now
from simulators.faults import Faults, Values

_HEADER_BYTES = 10
_WRONG_ID = 0x5A5A5A5A  # xored with the right one


class Responses:
    """Bytes of responses, each on time or late."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._late: deque[tuple[float, bytes]] = deque()

    def forget(self) -> None:
        """Drop what is late: the client has gone."""
        self._late.clear()

    def due(self, now: Now) -> list[bytes]:
        """Give the late ones whose time has come."""
        due = [data for at_s, data in self._late if at_s <= now.monotonic_s]
        self._late = deque(late for late in self._late if late[0] > now.monotonic_s)
        return due

    def send(self, message: Message, request: Frame, now: Now) -> list[bytes]:
        """Give what the client hears now when this is the answer to its request."""
        name, version = message_name(request.message_type), request.version
        before: list[bytes] = []
        if values := self._faults.take("report-first", name):
            report = invented_report(values.whole("tags"))
            before.append(encode_message(report, 0, version))
        if self._faults.take("response-missing", name):
            return before
        if values := self._faults.take("response-error", name):
            message = _error(values)
        message_id = request.message_id
        if self._faults.take("response-wrong-id", name):
            message_id ^= _WRONG_ID
        data = encode_message(message, message_id, version)
        if values := self._faults.take("response-late", name):
            self._late.append((now.monotonic_s + values.number("delay_s"), data))
            return before
        return [*before, data]


def invented_report(tags: int) -> ROAccessReport:
    """Make a report of tags that are nowhere: no scheme of GS1 begins with 00."""
    return ROAccessReport(
        tag_report_datas=tuple(
            TagReportData(epc=EPCData(epc=BitString.of(number.to_bytes(16))))
            for number in range(tags)
        )
    )


def invented_body(tags: int) -> bytes:
    """Give the body of such a report, the same tag again and again."""
    return encode_message(invented_report(1), 0)[_HEADER_BYTES:] * tags


def _error(values: Values) -> ErrorMessage:
    code = values.whole("status")
    name = StatusCode(code).name if code in StatusCode.__members__.values() else "of nobody's table"
    return ErrorMessage(
        llrp_status=LLRPStatus(status_code=code, error_description=f"as ordered: {name}")
    )


def message_name(message_type: int) -> str:
    known = message_type in MessageType.__members__.values()
    return MessageType(message_type).name if known else f"type {message_type}"
