"""What a simulated reader does once, at once, when it is told to (`simulators.fault_table`)."""

from collections.abc import Callable, Mapping

from edge.llrp import Frame, encode_message, messages
from edge.llrp.constants import MessageType, ROSpecStartTriggerType
from edge.llrp.fields import CustomMessage
from edge.llrp.parameters_report import ReaderEventNotificationData, ReaderExceptionEvent
from simulators.events import BufferFilled, ReaderFailed
from simulators.faults import Values
from simulators.foreign import foreign_rospec
from simulators.llrp_reader import Outgoing
from simulators.llrp_server import LlrpServer
from simulators.responses import invented_body

Act = Callable[[LlrpServer, Values], None]

_NOBODY = 4_000_000_000  # no vendor's enterprise number
_VERSION = 1


def _half_open(server: LlrpServer, values: Values) -> None:
    server.freeze(values.number("taken_s"))


def _reboot(server: LlrpServer, values: Values) -> None:
    server.reboot(values.number("down_s"), keeps_specs=values.text("specs") == "kept")


def _second_client(server: LlrpServer, _: Values) -> None:
    server.inject(server.reader.another_client(server.now))


def _big_report(server: LlrpServer, values: Values) -> None:
    tags = max(1, values.whole("bytes") // len(invented_body(1)))
    _inject(server, Frame(_VERSION, MessageType.RO_ACCESS_REPORT, 0, invented_body(tags)).encode())


def _bad_length(server: LlrpServer, values: Values) -> None:
    head = (_VERSION << 10 | MessageType.RO_ACCESS_REPORT).to_bytes(2)
    _inject(server, head + values.whole("length").to_bytes(4) + bytes(4))


def _truncated(server: LlrpServer, values: Values) -> None:
    whole = Frame(_VERSION, MessageType.RO_ACCESS_REPORT, 0, invented_body(1)).encode()
    _inject(server, whole[: values.whole("bytes")])
    server.flush()
    server.hang_up()


def _broken_report(server: LlrpServer, _: Values) -> None:
    body = bytearray(invented_body(1))
    body[2:4] = (0xFFF0).to_bytes(2)
    _inject(server, Frame(_VERSION, MessageType.RO_ACCESS_REPORT, 0, bytes(body)).encode())


def _unknown_message(server: LlrpServer, values: Values) -> None:
    _inject(server, Frame(_VERSION, values.whole("type"), 0, b"\x01\x02\x03\x04").encode())


def _unknown_custom(server: LlrpServer, _: Values) -> None:
    message = CustomMessage(vendor_identifier=_NOBODY, message_subtype=7, data=b"\x01\x02")
    _inject(server, encode_message(message, 0))


def _bad_utf8(server: LlrpServer, _: Values) -> None:
    placeholder = "????"
    event = messages.ReaderEventNotification(
        reader_event_notification_data=ReaderEventNotificationData(
            timestamp=server.reader.stamp(server.now),
            reader_exception_event=ReaderExceptionEvent(message=placeholder),
        )
    )
    data = server.reader.say(event).data
    _inject(server, data.replace(placeholder.encode(), b"\xff\xfe\xc3\x28"))


def _foreign_rospec(server: LlrpServer, values: Values) -> None:
    """Put it in as another host would have, by ADD, ENABLE and START."""
    rospecs = server.reader.inventory.rospecs
    state, rospec_id = values.text("state"), values.whole("id")
    start = ROSpecStartTriggerType.IMMEDIATE if state == "active" else ROSpecStartTriggerType.NULL
    if rospec_id in {spec.rospec_id for spec in rospecs.all()}:
        rospecs.delete(rospec_id, server.now.utc_us)
    rospecs.add(foreign_rospec(rospec_id, start))
    if state != "disabled":
        rospecs.enable(rospec_id, server.now.utc_us)


def _buffer_filled(percent: int) -> Act:
    def act(server: LlrpServer, values: Values) -> None:
        told = percent or values.whole("percent")
        server.inject(server.reader.happen(BufferFilled(server.now.utc_us, told)))

    return act


def _exception(server: LlrpServer, values: Values) -> None:
    server.inject(server.reader.happen(ReaderFailed(server.now.utc_us, values.text("text"))))


def _plug(*, is_up: bool) -> Act:
    def act(server: LlrpServer, values: Values) -> None:
        server.inject(server.reader.plug(values.whole("port"), server.now, is_up=is_up))

    return act


def _gpi_edges(server: LlrpServer, values: Values) -> None:
    port = values.whole("port")
    for _ in range(values.whole("edges")):
        is_high = server.reader.device.gpis.get(port, False)
        server.inject(server.reader.set_gpi(port, server.now, is_high=not is_high))


def _clock_jump(server: LlrpServer, values: Values) -> None:
    server.reader.device.clock_jumped_us += round(values.number("by_s") * 1_000_000)


def _inject(server: LlrpServer, data: bytes) -> None:
    server.inject([Outgoing(data)])


# What of an act lasts a while, and can be ended before.
ENDS: Mapping[str, Callable[[LlrpServer], None]] = {
    "half-open": LlrpServer.give_place,
    "reboot": LlrpServer.come_up,
}

ACTS: Mapping[str, Act] = {
    "half-open": _half_open,
    "rst": lambda server, _: server.reset(),
    "fin": lambda server, _: server.hang_up(),
    "close": lambda server, _: server.finish(close=True),
    "reboot": _reboot,
    "second-client": _second_client,
    "big-report": _big_report,
    "bad-length": _bad_length,
    "truncated": _truncated,
    "broken-report": _broken_report,
    "unknown-message": _unknown_message,
    "unknown-custom-message": _unknown_custom,
    "bad-utf8": _bad_utf8,
    "foreign-rospec": _foreign_rospec,
    "buffer-warning": _buffer_filled(0),
    "buffer-overflow": _buffer_filled(100),
    "reader-exception": _exception,
    "antenna-lost": _plug(is_up=False),
    "antenna-back": _plug(is_up=True),
    "gpi-edges": _gpi_edges,
    "clock-jump": _clock_jump,
}
