"""A search that follows what the code does: one target for atheris, until its time is over.

    python -m tests.fuzz.guided TARGET SECONDS FOLDER

Begins with what is in FOLDER/TARGET from earlier searches, with recorded bytes of others where they
lie beside the checkout, and with what simulated readers and our session say.  It ends with another
code than 0 where a law is broken; the bytes are then in FOLDER, in a file named crash-….
"""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["edge", "simulators"]):
    from edge.errors import ProtocolError, ReaderError
    from edge.llrp import Fault, Frame, FrameDecoder, decode_message
    from edge.llrp.recorded import Recorded, read_recorded
    from edge.llrp.reports import ReportDecoder
    from edge.llrp.text import as_object, name_of, tree
    from simulators.llrp_reader import LlrpReader
    from simulators.profile import PROFILES
    from tests.fuzz.test_fuzz_llrp import frames_of, running

from edge.model import Now
from tests.support.llrp_recorded import recorded
from tests.support.reader_desk import START_US, SteadyAir
from tests.support.shared import SHARED_DATA

LONGEST = 4096
_REPORT = 61


def codec(data: bytes) -> None:
    """Whatever the bytes are, each message comes back byte for byte and can be shown.

    Only the reserved bits of its header are not kept.
    """
    for one in read_recorded(data):
        if isinstance(one, Recorded):
            assert one.is_identical or data[one.at] >> 5, one.frame
            assert name_of(one.message)
            assert all(tree(one.message))
            json.dumps(as_object(one.message))


def reports(data: bytes) -> None:
    """Read as much on the fast path, once it has learnt, as by walking."""
    walker, faults = ReportDecoder(), list[Fault]()
    walked = walker.decode(data, START_US, faults)
    learnt = ReportDecoder()
    learnt.decode(data, START_US, [])
    again = list[Fault]()
    read = learnt.decode(data, START_US, again)
    assert len(read) == len(walked)
    assert [read_one.epc for read_one in read] == [read_one.epc for read_one in walked]
    assert [fault.cause for fault in again] == [fault.cause for fault in faults]
    decode_message(Frame(1, _REPORT, 1, data))


def session(data: bytes) -> None:
    """Whatever a reader says while it is read, the session goes on, or ends as promised."""
    record = recorded("generic")
    one = running(record)
    half, sent = len(data) // 2, b""
    with contextlib.suppress(ProtocolError, ReaderError):
        for step, piece in enumerate((data[:half], data[half:], b"", b"")):
            sent += one.step(piece, record.now(record.running + 40 * step)).to_send
            one.facts()
    sent += one.stop(record.now(record.running + 200))
    assert b"".join(frame.encode() for frame in frames_of(sent)) == sent


def reader(data: bytes) -> None:
    """Whatever a client says, a simulated reader says only what can be read."""
    profile = list(PROFILES.values())[len(data) % len(PROFILES)]
    one, decoder = LlrpReader(profile, SteadyAir()), FrameDecoder()
    said = one.connect(Now(1000.0, START_US)) + one.receive(data, Now(1000.0, START_US))
    said += one.advance(Now(1000.2, START_US + 200_000))
    for message in said:
        decoder.feed(message.data)
    for frame in iter(decoder.next_frame, None):
        assert not decode_message(frame).faults, frame


TARGETS: dict[str, Callable[[bytes], None]] = {
    "codec": codec,
    "reports": reports,
    "session": session,
    "reader": reader,
}


def seeds() -> Iterator[bytes]:
    """Give recorded messages of others, if they are there, and of our own, one by one."""
    vectors = SHARED_DATA.resolve() / "llrp" / "vectors.json"
    if vectors.exists():
        for vector in json.loads(vectors.read_text(encoding="utf-8")):
            yield bytes.fromhex(vector["hex"])[:LONGEST]
    for profile in PROFILES:
        for frame in {
            one.message_type: one for one in frames_of(recorded(profile).stream)
        }.values():
            yield frame.encode()[:LONGEST]


def prepare(folder: Path, target: str) -> None:
    """Write the seeds of a target into a folder; a report is searched without its header."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        is_report = int.from_bytes(seed[:2]) & 0x3FF == _REPORT
        if target != "reports" or is_report:
            data = seed[10:] if target == "reports" else seed
            (folder / f"seed-{number:03}").write_bytes(data)


def main(target: str, seconds: int, folder: Path) -> None:
    prepare(folder / target, target)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        "-timeout=20",
        "-print_final_stats=1",
    ]
    corpus = [f"-artifact_prefix={folder}/", str(folder / target)]
    atheris.Setup([sys.argv[0], *options, *corpus], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
