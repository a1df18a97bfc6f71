"""What users of other LLRP clients complain of, where it takes a network or a whole reader."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.epc import encode_sgtin96
from edge.llrp.access import Bank, ReadTag, WriteEpc
from edge.model import HealthKind
from simulators.running import SimulatedReader
from tests.support.llrp_cable import Cable
from tests.support.llrp_line import GTIN, SILENT_S, Heard, Line, driven, line, small_store
from tests.support.sim_process import LlrpPeer

ITEMS = 12
NEW = encode_sgtin96(GTIN, 77, 7).hex()
SLACK_S = 6.0


@pytest.fixture
def reader() -> Iterator[SimulatedReader]:
    with SimulatedReader(small_store(ITEMS), duration_s=0) as running:
        yield running


@pytest.fixture
def cable(reader: SimulatedReader) -> Iterator[Cable]:
    with Cable(reader.port) as one:
        yield one


@pytest.fixture
def counting(reader: SimulatedReader, cable: Cable, tmp_path: Path) -> Iterator[Line]:
    """Give a line over the cable that has counted what is there."""
    with driven(reader, tmp_path, cable.port) as one:
        one.wait_until(one.counts_the_truth, "the counts are the truth")
        yield one


def losses(heard: list[Heard]) -> list[Heard]:
    return [one for one in heard if one.event.kind is HealthKind.LOST]


def test_sllurp_138_a_restarted_network_resumes_reading(counting: Line, cable: Cable) -> None:
    news = counting.news()
    cable.unplug()
    counting.reader.add_tags("floor", NEW)
    counting.wait_until(lambda: bool(losses(news())), "the loss is told")
    cable.restart()
    counting.wait_until(counting.counts_the_truth, "the counts are the truth again")
    assert counting.events() == ["arrived"] * (ITEMS + 1)


def test_crossmgr_29_and_31_an_unplugged_cable_is_told_in_time(
    counting: Line, cable: Cable
) -> None:
    news, began_s = counting.news(), time.monotonic()
    cable.unplug()
    counting.wait_until(lambda: bool(losses(news())), "the loss is told")
    first = losses(news())[0]
    assert "the reader has been silent for" in first.event.detail
    assert first.at_s - began_s <= SILENT_S + SLACK_S


def test_crossmgr_31_a_cable_that_was_out_for_a_moment_costs_no_connection(
    counting: Line, cable: Cable
) -> None:
    news = counting.news()
    cable.unplug()
    counting.reader.add_tags("back", NEW)
    threading.Event().wait(SILENT_S / 10)
    cable.plug_in()
    counting.wait_until(counting.counts_the_truth, "the counts are the truth again")
    assert losses(news()) == []


def test_sllurp_174_the_place_of_a_dead_client_is_had_as_soon_as_the_reader_gives_it(
    tmp_path: Path,
) -> None:
    with (
        SimulatedReader(small_store(ITEMS), profile="r420", duration_s=0) as reader,
        LlrpPeer(reader.port) as dead,
    ):
        next(dead.messages())
        reader.fault("half-open", taken_s=600)  # it takes the dead client for alive …
        with driven(reader, tmp_path, reader.port) as one:  # … until another one comes
            one.wait_until(one.counts_the_truth, "the counts are the truth")
            told = [(heard.event.kind, heard.event.detail) for heard in one.buffer.heard]
    kind, detail = told[0]
    assert kind is HealthKind.REFUSED
    assert "another client is connected" in detail


def test_sllurp_193_every_read_that_the_reader_reports_arrives(tmp_path: Path) -> None:
    with (
        SimulatedReader(small_store(300), duration_s=0) as reader,
        driven(reader, tmp_path, reader.port) as one,
    ):
        one.wait_until(lambda: one.buffer.reads > 500, "500 reads have come")
        reader.fault("antenna-deaf")  # so that no more are on their way in the end
        one.wait_until(
            lambda: one.buffer.reads == reader.state()["delivered_reads"], "all have arrived"
        )


@pytest.mark.parametrize("profile", ["generic", "r420", "fx9600"])
def test_sllurp_115_168_and_218_a_reader_of_this_make_is_read_on_and_on(
    profile: str, tmp_path: Path
) -> None:
    with line(tmp_path, ITEMS, profile=profile) as one:
        one.wait_until(one.counts_the_truth, "the counts are the truth")
        before, news = one.buffer.reads, one.news()
        one.wait_until(lambda: one.buffer.reads > before + 40, "it reads on")
        heard, state = news(), one.reader.state()
    assert heard == []
    assert "'START_ROSPEC': 1" in str(state["heard"])
    assert one.events() == ["arrived"] * ITEMS


# -------------------------------------------------------------------------------- what is wanted


def test_sllurp_107_and_golemu_17_a_tag_is_given_another_epc_by_one_order(counting: Line) -> None:
    old = tag_on_the_floor(counting)
    done = counting.ask(WriteEpc(epc=bytes.fromhex(old), new_epc=bytes.fromhex(NEW)))
    assert (done.done, done.detail) == (True, f"EPC is {NEW}, read back")
    assert old not in str(counting.reader.tags())
    assert NEW in str(counting.reader.tags("floor"))


def test_sllurp_62_a_tags_tid_is_had_by_one_order(counting: Line) -> None:
    epc = bytes.fromhex(tag_on_the_floor(counting))
    done = counting.ask(ReadTag(epc=epc, bank=Bank.TID))
    assert done.done
    assert done.words[0] >> 8 == 0xE2  # the class identifier of ISO/IEC 15963 for GS1


def tag_on_the_floor(one: Line) -> str:
    tags = one.reader.tags("floor")["floor"]
    assert isinstance(tags, list)
    return str(tags[0])


def test_edgex_32_and_sllurp_219_a_reader_is_read_over_tls(tmp_path: Path) -> None:
    with line(tmp_path, ITEMS, is_secure=True) as one:
        one.wait_until(one.counts_the_truth, "the counts are the truth")
    assert one.events() == ["arrived"] * ITEMS
