"""The line of a simulated serial reader: its pace, its port, and what goes wrong on it."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serial import Serial

from edge.errors import ConfigError, ReaderError
from simulators.faults import Faults
from simulators.serial.damage import Damage
from simulators.serial.faults import LINE_FAULTS
from simulators.serial.pacing import CAPACITY, PacedLine
from simulators.serial.pseudo_port import PseudoPort


@given(
    baud=st.sampled_from([9600, 57_600, 115_200]),
    frames=st.lists(st.binary(max_size=60), max_size=20),
    steps=st.lists(st.floats(0, 0.05), min_size=1, max_size=60),
)
def test_a_line_keeps_all_bytes_in_order_and_never_carries_more_than_its_rate(
    baud: int, frames: list[bytes], steps: list[float]
) -> None:
    line = PacedLine(baud)
    now_s, carried = 100.0, b""
    for frame in frames:
        line.put(frame, now_s)
    for step in steps:
        now_s += step
        carried += line.take(now_s)
        assert len(carried) <= (now_s - 100.0) * baud / 10 + 0.001
    carried += line.take(now_s + 3600)
    assert carried == b"".join(frames)
    assert line.is_empty


def test_a_line_that_was_idle_has_saved_no_time_up() -> None:
    line = PacedLine(9600)
    assert line.take(1000.0) == b""
    line.put(bytes(960), 1000.0)
    assert len(line.take(1000.5)) == 480


def test_a_sender_has_room_for_so_many_bytes_and_then_none() -> None:
    line = PacedLine(9600)
    line.put(bytes(CAPACITY + 1), 0.0)
    assert line.room == 0
    line.clear()
    assert (line.room, line.is_empty) == (CAPACITY, True)


# The port.


@pytest.fixture
def port(tmp_path: Path) -> Iterator[PseudoPort]:
    one = PseudoPort(tmp_path / "reader")
    yield one
    one.unplug()


def test_a_host_is_seen_when_it_opens_the_port_and_when_it_closes_it(
    port: PseudoPort, tmp_path: Path
) -> None:
    assert not port.has_host
    with Serial(str(tmp_path / "reader"), 57_600):
        assert port.has_host
        assert port.host_baud() == 57_600
    assert not port.has_host


def test_rates_of_any_number_are_seen(port: PseudoPort, tmp_path: Path) -> None:
    with Serial(str(tmp_path / "reader"), 12_345):
        assert port.host_baud() == 12_345


def test_what_is_said_to_nobody_is_lost_and_no_error(port: PseudoPort, tmp_path: Path) -> None:
    port.write(b"before")
    with Serial(str(tmp_path / "reader"), timeout=1) as host:
        port.write(b"after")
        assert host.read(5) == b"after"


def test_a_host_that_takes_nothing_loses_bytes_and_blocks_nobody(
    port: PseudoPort, tmp_path: Path
) -> None:
    with Serial(str(tmp_path / "reader")):
        for _ in range(1000):
            port.write(bytes(64))


def test_an_unplugged_port_is_gone_and_says_and_hears_nothing(
    port: PseudoPort, tmp_path: Path
) -> None:
    port.unplug()
    assert not (tmp_path / "reader").is_symlink()
    port.write(b"x")
    assert (port.read(), port.has_host, port.host_baud()) == (b"", False, 0)
    port.plug()
    assert (tmp_path / "reader").exists()


def test_the_name_of_an_earlier_port_is_taken_over_and_that_of_a_file_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "old").symlink_to("/dev/pts/nothing")
    PseudoPort(tmp_path / "old").unplug()
    (tmp_path / "file").write_text("precious")
    with pytest.raises(ReaderError, match="file: cannot be made: "):
        PseudoPort(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "precious"
    with pytest.raises(ReaderError, match=r"reader: cannot be made: File exists"):
        PseudoPort(tmp_path / "file" / "reader")


def test_a_port_leaves_no_descriptor_behind(tmp_path: Path) -> None:
    def count() -> int:
        return len([*Path("/proc/self/fd").iterdir()])

    before = count()
    for _ in range(3):
        one = PseudoPort(tmp_path / "reader")
        one.unplug()
        one.unplug()
    assert count() == before


# What goes wrong.

FRAME = bytes.fromhex("ff0022040084e0")


def damage_by(faults: Faults) -> Damage:
    return Damage(faults, random.Random(1))  # noqa: S311 - damage that can be played again


def damaged(name: str, **values: object) -> list[bytes]:
    faults = Faults(LINE_FAULTS)
    faults.set(name, values)
    damage = damage_by(faults)
    return [damage.of(FRAME) for _ in range(1000)]


def test_a_line_without_faults_changes_nothing() -> None:
    assert damage_by(Faults(LINE_FAULTS)).of(FRAME) == FRAME


def test_a_bit_flip_changes_one_bit_of_every_so_manieth_frame() -> None:
    changed = [one for one in damaged("bit-flip", every=10) if one != FRAME]
    assert 60 < len(changed) < 140
    for one in changed:
        difference = int.from_bytes(one) ^ int.from_bytes(FRAME)
        assert difference.bit_count() == 1


def test_a_lost_byte_is_one_byte_less() -> None:
    assert {len(one) for one in damaged("lost-byte", every=3)} == {6, 7}


def test_noise_comes_before_whole_frames() -> None:
    noisy = [one for one in damaged("noise", every=2, bytes=5) if one != FRAME]
    assert all(one.endswith(FRAME) and len(one) == 12 for one in noisy)


def test_a_fault_that_the_reader_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(ConfigError, match="unknown fault 'rst', allowed are bit-flip, lost-byte"):
        Faults(LINE_FAULTS).set("rst", {})
