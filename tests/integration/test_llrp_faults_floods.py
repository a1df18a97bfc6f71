"""A reader that says more than anybody can hear: what must be heard is, and a stop is a stop."""

from collections.abc import Iterator

import pytest

from edge.llrp.constants import MessageType
from edge.llrp.settings import LlrpSettings
from edge.readers.buffer import READS_LIMIT
from edge.readers.driver import GOODBYE_S
from edge.readers.links import LINGER_S
from edge.readers.supervisor import POLL_S
from simulators.responses import invented_body
from simulators.running import SimulatedReader
from tests.support.llrp_driving import Driving, driving
from tests.support.llrp_line import small_store
from tests.support.recording_proxy import RecordingProxy

SETTINGS = LlrpSettings(keepalive_s=0.8, version_timeout_s=2.0)
STOPPED_S = POLL_S + GOODBYE_S + LINGER_S  # when a stop is over, heard or not
SLACK_S = 6.0
BIG = 1_400_000


@pytest.fixture
def reader() -> Iterator[SimulatedReader]:
    with SimulatedReader(small_store(), profile="r420", duration_s=0) as running:
        yield running


def flooded(driver: Driving, reader: SimulatedReader, **values: int) -> None:
    driver.read_until(lambda reads: len(reads) > 10)
    reader.fault("flood", **values)
    flood_from = driver.buffer.reads
    driver.read_until(lambda _: driver.buffer.reads > flood_from + 100_000)


FLOODS = {
    "of single tags": {"tags": 1, "reports": 1000},
    "of fifty tags each": {"tags": 50, "reports": 100},
}


@pytest.mark.parametrize("values", FLOODS.values(), ids=FLOODS)
def test_sllurp_9_a_stop_under_a_flood_of_reports_is_heard(
    reader: SimulatedReader, values: dict[str, int]
) -> None:
    with driving(reader.port, SETTINGS) as driver:
        flooded(driver, reader, **values)
        took_s = driver.stop()
    assert took_s < STOPPED_S + SLACK_S
    heard = str(reader.state()["heard"])
    assert all(f"'{order}': 1" in heard for order in ("STOP_ROSPEC", "CLOSE_CONNECTION"))


def test_keepalives_are_answered_in_order_under_a_flood_of_reports(
    reader: SimulatedReader,
) -> None:
    with RecordingProxy(reader.port) as proxy, driving(proxy.port, SETTINGS) as driver:
        flooded(driver, reader, tags=50, reports=20)
        driver.read_until(lambda _: sent(reader) >= 5)
    asked = proxy.message_ids(MessageType.KEEPALIVE, from_reader=True)
    answered = proxy.message_ids(MessageType.KEEPALIVE_ACK, from_reader=False)
    assert answered
    assert answered == asked[: len(answered)]
    assert len(asked) - len(answered) <= 1  # the last one may have come after the goodbye
    assert not any(told.startswith("lost") for told in driver.told()[:-1])


def sent(reader: SimulatedReader) -> int:
    return int(str(reader.state()["keepalives_sent"]))


def test_a_report_of_more_than_a_megabyte_is_read_to_its_end(reader: SimulatedReader) -> None:
    with driving(reader.port, SETTINGS) as driver:
        driver.read_until(lambda reads: len(reads) > 10)
        reader.fault("big-report", bytes=BIG)
        tags = BIG // len(invented_body(1))
        driver.read_until(lambda _: driver.buffer.reads > tags)
    assert not any(told.startswith(("lost", "fault")) for told in driver.told()[:-1])


def test_what_nobody_takes_is_bounded_and_the_rest_is_counted(reader: SimulatedReader) -> None:
    with driving(reader.port, SETTINGS) as driver:
        driver.read_until(lambda reads: len(reads) > 10)
        before = len(driver.reads)
        reader.fault("flood", tags=50, reports=100)
        driver.wait_for(lambda: driver.buffer.reads > 3 * READS_LIMIT)
        driver.stop()
    taken, dropped = len(driver.reads) - before, driver.buffer.dropped()["peer"]
    assert taken <= READS_LIMIT
    assert taken + dropped == driver.buffer.reads - before
