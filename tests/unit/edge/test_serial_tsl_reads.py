"""Lines, tags and commands of TSL handhelds; published texts are in the conformance tests."""

import pytest

from edge.serial.decode import decode
from edge.serial.faults import Fault, FaultCause
from edge.serial.reads import SerialRead
from edge.serial.tsl.codes import ERRORS, error_text
from edge.serial.tsl.commands import COMMANDS, Command, decode_command
from edge.serial.tsl.frames import LONGEST_LINE, Frame, FrameDecoder, Line
from edge.serial.tsl.protocol import TSL
from edge.serial.tsl.reads import read_tags
from tests.support.serial import all_of, waiting_in
from tests.support.serial_tsl import tag_lines

EPC = bytes.fromhex("303425f8c40c5e4000000001")
TAG = "".join(f"{line}\r\n" for line in tag_lines(EPC)).encode()
OK = b"OK:\r\n"


def tag_of(*lines: str) -> Frame:
    return Frame("".join(f"{line}\r\n" for line in lines).encode())


def causes(faults: list[Fault]) -> list[FaultCause]:
    return [fault.cause for fault in faults]


# Lines.


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n"])
def test_a_line_ends_with_cr_lf_or_one_of_them(end: bytes) -> None:
    found = all_of(FrameDecoder(), b"CS: .bl" + end + b"BP: 100%" + end)
    assert [frame.lines() for frame in found if isinstance(frame, Frame)] == [
        [Line("CS", ".bl")],
        [Line("BP", "100%")],
    ]


def test_a_lone_cr_at_the_end_waits_for_its_lf_and_then_for_the_silence() -> None:
    decoder = FrameDecoder()
    decoder.feed(b"BP: 100%\r")
    assert waiting_in(decoder) == []
    decoder.feed(b"\n")
    assert waiting_in(decoder) == [Frame(b"BP: 100%\r\n")]
    decoder.feed(b"BP: 99%\r")
    decoder.flush()
    assert waiting_in(decoder) == [Frame(b"BP: 99%\r")]


def test_a_barcode_with_escaped_line_ends_is_one_line() -> None:
    barcode = b"BC: 123\x1b\r456\x1b\n789\x1b\x1b\r\n"
    assert all_of(FrameDecoder(), barcode) == [Frame(barcode)]


def test_stray_bytes_after_a_bluetooth_connect_cost_no_line() -> None:
    fault, *frames = all_of(FrameDecoder(), b"\x00\xff\x00CS: .vr\r\n" + OK)
    assert isinstance(fault, Fault)
    assert (fault.cause, fault.data) == (FaultCause.GARBAGE, b"\x00\xff\x00")
    assert frames == [Frame(b"CS: .vr\r\n"), Frame(OK)]


# What is no line, and the cause that is told.
NO_LINES = {
    "no header": (b"hello\r\n", FaultCause.GARBAGE),
    "a header of one letter": (b"E: 3034\r\n", FaultCause.GARBAGE),
    "a byte that does not print": (b"EP: 30\x0034\r\n", FaultCause.GARBAGE),
    "no end": (b"EP: 3034", FaultCause.TRUNCATED),
    "no end and no header": (b"E", FaultCause.TRUNCATED),
    "no end of a dot": (b".", FaultCause.TRUNCATED),
    "a line beyond all reason": (
        b"ME: " + b"x" * LONGEST_LINE + b"\r\n",
        FaultCause.BAD_LENGTH,
    ),
}


@pytest.mark.parametrize(("data", "cause"), NO_LINES.values(), ids=NO_LINES)
@pytest.mark.parametrize("piece", [1, 50, 10_000])
def test_what_is_no_line_is_a_fault_however_it_is_cut(
    data: bytes, cause: FaultCause, piece: int
) -> None:
    found = all_of(FrameDecoder(), data, piece)
    faults = [item for item in found if isinstance(item, Fault)]
    assert faults[0].cause is cause
    assert not any(isinstance(item, Frame) and item.is_tag() for item in found)


@pytest.mark.parametrize("size", [LONGEST_LINE - 6, LONGEST_LINE - 4])
def test_the_longest_line_is_read(size: int) -> None:
    line = b"RD: " + b"A" * size + b"\r\n"
    assert all_of(FrameDecoder(), line) == [Frame(line)]


# Tags.


@pytest.mark.parametrize(
    "next_line", [OK, b"ER: 015\r\n", b"EP: 3034\r\n", b"XX: new\r\n", b"\r\n"]
)
def test_a_tags_lines_end_where_one_comes_that_is_not_a_tags(next_line: bytes) -> None:
    found = all_of(FrameDecoder(), TAG + next_line)
    assert found == [Frame(TAG), Frame(next_line)]


def test_a_tag_waits_until_the_next_line_tells_that_it_is_whole() -> None:
    decoder = FrameDecoder()
    decoder.feed(TAG + b"OK")
    assert waiting_in(decoder) == []
    decoder.feed(b":")
    assert waiting_in(decoder) == [Frame(TAG)]


def test_a_tag_is_whole_after_a_silence() -> None:
    decoder = FrameDecoder()
    decoder.feed(TAG)
    assert waiting_in(decoder) == []
    decoder.flush()
    assert waiting_in(decoder) == [Frame(TAG)]


def test_a_message_in_the_middle_of_a_tag_does_not_part_it() -> None:
    first, *more = tag_lines(EPC)
    (frame,) = all_of(FrameDecoder(), tag_of(first, "ME: hello", *more, "ME: hello").encode())
    assert isinstance(frame, Frame)
    (read,) = read_tags(frame, [])
    assert (read.epc, read.rssi_dbm, read.is_crc_right) == (EPC, -61.0, True)


@pytest.mark.parametrize("turn", range(4))
def test_the_order_of_a_tags_lines_does_not_matter(turn: int) -> None:
    first, *more = tag_lines(EPC)
    (read,) = read_tags(tag_of(first, *more[turn:], *more[:turn]), [], 7)
    assert read == SerialRead(EPC, 7, -61.0, -61, pc=0x3000, is_crc_right=True)


def test_a_tag_needs_no_more_than_its_epc() -> None:
    (read,) = read_tags(tag_of("EP: 303425F8C40C5E4000000001"), [])
    assert (read.epc, read.rssi_dbm, read.is_crc_right, read.pc) == (EPC, None, None, None)


def test_more_of_a_tag_than_its_identity_does_not_hurt() -> None:
    lines = [*tag_lines(EPC), "IX: 0001", "TD: E2801160", "RD: 1234", "EA: 003"]
    (read,) = read_tags(tag_of(*lines), [])
    assert read.epc == EPC


def test_a_lost_epc_costs_its_tag_and_gives_its_rssi_to_no_other() -> None:
    first, second = tag_lines(EPC, -40), tag_lines(EPC[::-1], -70)
    found = all_of(FrameDecoder(), tag_of(*first, *second[1:], "OK:").encode())
    faults = list[Fault]()
    frames = [item for item in found if isinstance(item, Frame)]
    (read,) = [read for frame in frames for read in read_tags(frame, faults)]
    assert (read.epc, read.rssi_dbm) == (EPC, -40.0)
    assert set(causes(faults)) == {FaultCause.BAD_RECORD}


BAD_TAGS = {
    "no hex": "EP: 30G4",
    "half a byte": "EP: 30342",
    "half a word": "EP: 303425",
    "two lines in one": "EP: 3034PC: 3000",
    "longer than a PC can say": f"EP: {'30' * 64}",
}


@pytest.mark.parametrize("line", BAD_TAGS.values(), ids=BAD_TAGS)
def test_an_epc_that_is_none_is_a_fault(line: str) -> None:
    faults = list[Fault]()
    assert read_tags(tag_of(line, "RI: -61"), faults) == []
    assert causes(faults) == [FaultCause.BAD_RECORD]


BAD_LINES = {
    "a PC of another length": "PC: 2800",
    "a PC of three digits": "PC: 300",
    "a CRC that is no hex": "CR: 12_4",
    "an RSSI that is no number": "RI: -6x",
    "an RSSI that nobody measures": "RI: -610",
    "no RSSI": "RI: ",
    "an RSSI of another script": "RI: ٣",
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES)
def test_a_tag_with_a_line_that_cannot_be_is_a_fault(line: str) -> None:
    faults = list[Fault]()
    frame = Frame(tag_of(f"EP: {EPC.hex()}").data + line.encode("utf-8") + b"\r\n")
    assert read_tags(frame, faults) == []
    assert causes(faults) == [FaultCause.BAD_RECORD]


@pytest.mark.parametrize("digit", range(24))
def test_a_digit_of_another_does_not_pass_the_tags_own_crc(digit: int) -> None:
    first, *more = tag_lines(EPC)
    text = list(first)
    text[4 + digit] = "0" if text[4 + digit] != "0" else "8"
    faults = list[Fault]()
    assert read_tags(tag_of("".join(text), *more), faults) == []
    assert causes(faults) == [FaultCause.BAD_TAG_CRC]


@pytest.mark.parametrize("line", [OK, b"SW: single\r\n", b"WW: 6\r\n", b"EB: 003\r\n", b"\r\n"])
def test_lines_that_have_no_tag_give_none_and_no_fault(line: bytes) -> None:
    faults = list[Fault]()
    assert (read_tags(Frame(line), faults), faults) == ([], [])


# Commands.

SEARCH = ".iv -x -n -r on -io off -qt b -qs s0 -sa 4 -st s0 -sb epc -sd 3034 -sl 60 -so 0020\r\n"
LINES: dict[str, Command] = {
    SEARCH: Command(
        "iv",
        (
            ("x", ""),
            ("n", ""),
            ("r", "on"),
            ("io", "off"),
            ("qt", "b"),
            ("qs", "s0"),
            ("sa", "4"),
            ("st", "s0"),
            ("sb", "epc"),
            ("sd", "3034"),
            ("sl", "60"),
            ("so", "0020"),
        ),
    ),
    ".iv LCMD 000003 -al off\r\n": Command("iv", (("al", "off"),), 3),
    ".sa -a on -s inv\r\n": Command("sa", (("a", "on"), ("s", "inv"))),
    '.bt -f "back room" -w 1234\r\n': Command("bt", (("f", "back room"), ("w", "1234"))),
    ".ab\r\n": Command("ab"),
}


@pytest.mark.parametrize(("line", "command"), LINES.items())
def test_a_command_is_a_line_and_the_line_the_command(line: str, command: Command) -> None:
    assert command.encode() == line.encode()
    assert decode_command(line) == command


@pytest.mark.parametrize(
    ("line", "parameters"),
    [
        (".iv -ron", (("r", "on"),)),
        (".iv  -r   on", (("r", "on"),)),
        (".iv -qss1-r on", None),
        (".iv -alon -o29", (("al", "on"), ("o", "29"))),
        ('.sp -s".iv"', (("s", ".iv"),)),
        (".iv -zz on", None),
        (".iv on", None),
        (".zz", None),
        ("CS", None),
    ],
)
def test_a_value_stands_behind_its_parameter_with_or_without_a_space(
    line: str, parameters: tuple[tuple[str, str], ...] | None
) -> None:
    command = decode_command(line)
    assert (command.parameters if command else None) == parameters


WRONG = {
    "no such command": (Command("zz"), "no command"),
    "no such parameter": (Command("bl", (("zz", "on"),)), "no parameter -zz"),
    "a quotation mark": (Command("bt", (("f", 'a"b'),)), "cannot be sent"),
    "a line end": (Command("bt", (("f", "a\rb"),)), "cannot be sent"),
    "another script": (Command("bt", (("f", "Größe"),)), "cannot be sent"),
    "too much": (Command("sp", (("s", "x" * 257),)), "256 fit"),
}


@pytest.mark.parametrize(("command", "why"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_said_is_not_sent(command: Command, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        command.encode()


def test_every_command_of_the_table_is_encoded() -> None:
    for name in COMMANDS:
        assert decode_command(Command(name, (), 999_999).encode().decode()) is not None


def test_every_error_has_words_and_the_makers_number() -> None:
    for error in ERRORS:
        assert error_text(error).endswith(f"({error:03d})")
    assert error_text(99) == "unknown error (099)"


# Lines, and what is shown of them.
TEXTS = {
    "CS: .iv LCMD 000003": "Began  command=.iv LCMD 000003",
    "BP: 100%": "Told  battery=100%",
    "XY: anything": "Told  XY=anything",
    "ER: 005": "Failed  error=no tag answers (005)",
    "ER: what": "Failed  error=unknown error (-01)",
    "OK:": "Done",
    "": "Empty",
    ".iv -al off": "Command  name=iv -al=off",
    ".zz": "Command  line=.zz",
}


@pytest.mark.parametrize(("line", "shown"), TEXTS.items())
def test_a_line_is_shown_as_a_line(line: str, shown: str) -> None:
    (decoded,) = decode(TSL, line.encode() + b"\r\n")
    assert decoded.as_text() == f"00000000  {shown}"


def test_a_tag_is_shown_with_its_read() -> None:
    (decoded,) = decode(TSL, TAG)
    frame, read = decoded.as_text().splitlines()
    crc = tag_lines(EPC)[2].removeprefix("CR: ")
    assert frame == (f"00000000  Tag  epc=303425F8C40C5E4000000001 pc=3000 tag_crc={crc} rssi=-61")
    assert "rssi_dbm=-61.0" in read
