"""The UHFReader family for those who know protocols by name."""

from typing import Any

from edge.serial.faults import Fault
from edge.serial.fields import Record, Unknown, member_of
from edge.serial.framing import Direction
from edge.serial.protocol import Description, SerialProtocol, addressed_record
from edge.serial.uhfreader.codes import CommandCode, Status, status_text
from edge.serial.uhfreader.commands import (
    GetInfo,
    Info,
    LongInfo,
    Result,
    decode_answer,
    decode_command,
    encode_command,
)
from edge.serial.uhfreader.frames import Frame, FrameDecoder, Keepalive
from edge.serial.uhfreader.reads import INVENTORIES, ROUND_STATUSES, read_tags
from edge.serial.uhfreader.session import BAUDS, UhfReaderSession, reader_name


def describe(frame: Frame | Keepalive, direction: Direction = Direction.EITHER) -> Description:
    """Tell what a frame says.  From either side it is an answer if it reads as one.

    A command can read as an answer too, an inventory with Q 2 for one; frames do not tell.
    """
    if isinstance(frame, Keepalive):
        return Description("BridgeKeepalive", {})
    if direction is Direction.FROM_READER:
        return _of_answer(frame)
    command = decode_command(frame)
    if direction is Direction.TO_READER or not frame.data:
        return _of_record(frame, command)
    answer = _of_answer(frame)
    is_answer = not answer.faults and answer.name != Unknown.__name__
    return answer if is_answer or isinstance(command, Unknown) else _of_record(frame, command)


def identity(frame: Frame | Keepalive) -> str | None:
    told = decode_answer(frame) if isinstance(frame, Frame) else None
    if not isinstance(told, Info | LongInfo) or not isinstance(frame, Frame):
        return None
    return reader_name(told, frame.address)


def _of_answer(frame: Frame) -> Description:
    faults = list[Fault]()
    reads = read_tags(frame, faults)
    status = frame.data[0] if frame.data else -1
    fields: dict[str, Any] = {"address": frame.address}
    is_round = frame.command in INVENTORIES and status in ROUND_STATUSES
    if reads or faults or is_round:
        told = fields | {"status": member_of(Status, status)}
        return Description("Tags", told, tuple(reads), tuple(faults))
    answer = decode_answer(frame)
    if isinstance(answer, Result):
        fields |= {"command": member_of(CommandCode, frame.command)}
        fields |= {"status": status_text(answer.status)}
        return Description("Result", fields | ({"more": answer.more} if answer.more else {}))
    described = _of_record(frame, answer)
    if isinstance(answer, Info | LongInfo):
        described.fields["channels"] = str(answer.channels)
    return described


def _of_record(frame: Frame, record: Record | Unknown) -> Description:
    return addressed_record(frame.address, frame.command, record, CommandCode)


UHFREADER = SerialProtocol(
    name="uhfreader",
    title="UHFReader18, UHFReader288, RRU98xx",
    bauds=BAUDS,
    identify=encode_command(GetInfo()),
    identity=identity,
    decoder=FrameDecoder,
    describe=describe,
    session=UhfReaderSession,
)
