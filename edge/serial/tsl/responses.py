"""A handheld's answers, from the command that it gives back to OK or ER.

    CS: .iv ⏎  EP: … ⏎  RI: … ⏎  EP: … ⏎  RI: … ⏎  OK: ⏎

An answer to a press of the trigger has no mark of ours in CS.  The reads of one answer are kept
until it has ended, and stay together.
"""

from dataclasses import dataclass, field

from edge.serial.faults import Fault, FaultCause
from edge.serial.reads import SerialRead
from edge.serial.tsl.codes import TAG_HEADERS
from edge.serial.tsl.commands import Command, decode_command
from edge.serial.tsl.frames import Frame
from edge.serial.tsl.reads import read_tags

MOST_READS = 2000  # of one answer before it is given in parts
_MOST_TOLD = 64  # other lines of one answer
_NO_ERROR_NUMBER = -1


@dataclass(slots=True)
class Response:
    """`told` are the lines that are no tags, by header; `error` is 0 of an answer that is good.

    `is_rest`: it goes on with what was given in part before.
    """

    began_at_us: int
    command: Command | None = None  # None where CS was lost, or is of a command that nobody knows
    reads: list[SerialRead] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    error: int = 0
    has_ended: bool = False
    is_rest: bool = False

    @property
    def mark(self) -> int | None:
        return self.command.mark if self.command else None

    def is_inventory(self) -> bool:
        """Tell whether tags were looked for; of an answer whose CS was lost, whether some came."""
        return self.command.name == "iv" if self.command else bool(self.reads)

    def is_unchecked(self) -> bool:
        """Tell whether tags came and none of them with a CRC: it was not asked for any more."""
        return bool(self.reads) and not any(read.is_crc_right for read in self.reads)


class ResponseReader:
    """take() each frame; an answer comes out when it has ended, or when the next one begins."""

    def __init__(self, antenna_port: int) -> None:
        self._antenna_port = antenna_port
        self._open: Response | None = None

    @property
    def is_open(self) -> bool:
        return self._open is not None

    def take(self, frame: Frame, at_us: int) -> Response | None:
        line = frame.lines()[0]
        if line.header == "CS":
            before = self.close()
            self._open = Response(at_us, decode_command(line.value))
            return before
        if not line.header:
            return None  # an empty line, or an echo
        response = self._open = self._open or Response(at_us)
        if line.header in {"OK", "ER"}:
            response.has_ended = True
            response.error = _error(line.value) if line.header == "ER" else 0
            return self.close()
        if frame.is_tag() or line.header in TAG_HEADERS:
            response.reads += read_tags(frame, response.faults, self._antenna_port)
            is_full = len(response.reads) + len(response.faults) >= MOST_READS
            return self._part() if is_full else None
        if len(response.told) < _MOST_TOLD:
            response.told[line.header] = line.value
        return None

    def close(self) -> Response | None:
        """Give the answer that has not ended, as far as it has come."""
        response, self._open = self._open, None
        if response:
            _drop_unchecked(response)
        return response

    def _part(self) -> Response | None:
        part = self.close()
        if part:
            self._open = Response(part.began_at_us, part.command, is_rest=True)
        return part


def _drop_unchecked(response: Response) -> None:
    """Drop tags without a CRC among others that have one: they have lost more than that."""
    if response.is_unchecked():
        return
    for read in response.reads:
        if read.is_crc_right is None:
            detail = f"EPC {read.epc.hex()} without the CRC that the other tags have"
            response.faults.append(Fault(FaultCause.BAD_RECORD, read.epc, detail=detail))
    response.reads = [read for read in response.reads if read.is_crc_right]


def _error(text: str) -> int:
    is_number = text.isascii() and text.isdigit()
    return int(text) if is_number and len(text) <= 3 and int(text) else _NO_ERROR_NUMBER
