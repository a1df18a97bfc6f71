"""A simulated reader in this process, and a client of it that has been greeted."""

from collections.abc import Iterator

import pytest

from edge.llrp import messages as m
from edge.llrp.constants import NotificationEventType
from edge.llrp.fields import Message
from edge.llrp.parameters_config import (
    EventNotificationState,
    GPIPortCurrentState,
    ReaderEventNotificationSpec,
)
from edge.llrp.parameters_report import ReaderEventNotificationData
from simulators.running import SimulatedReader
from tests.support.orders import report_spec, rospec
from tests.support.sim_process import LlrpPeer


@pytest.fixture
def reader() -> Iterator[SimulatedReader]:
    with SimulatedReader("demo", duration_s=0) as running:
        yield running


@pytest.fixture
def peer(reader: SimulatedReader) -> Iterator[LlrpPeer]:
    with LlrpPeer(reader.port) as connected:
        assert connection_status(next(connected.messages())) == 0
        yield connected


def connection_status(message: Message) -> int:
    event = event_of(message).connection_attempt_event
    assert event is not None
    return int(event.status)


def event_of(message: Message) -> ReaderEventNotificationData:
    assert isinstance(message, m.ReaderEventNotification)
    return message.reader_event_notification_data


def run(peer: LlrpPeer, rospec_id: int = 1) -> None:
    """Let the reader read, ten tags a report."""
    spec = rospec(rospec_id, report=report_spec(n=10))
    peer.ask(m.AddROSpec(rospec=spec), m.AddROSpecResponse)
    peer.ask(m.EnableROSpec(rospec_id=rospec_id), m.EnableROSpecResponse)
    peer.ask(m.StartROSpec(rospec_id=rospec_id), m.StartROSpecResponse)


def want_events(peer: LlrpPeer) -> None:
    """Ask for every event of inputs, antennas, buffers and exceptions."""
    kinds = (
        NotificationEventType.GPI_EVENT,
        NotificationEventType.REPORT_BUFFER_FILL_WARNING,
        NotificationEventType.READER_EXCEPTION_EVENT,
        NotificationEventType.ANTENNA_EVENT,
    )
    states = tuple(
        EventNotificationState(event_type=kind, notification_state=True) for kind in kinds
    )
    inputs = tuple(
        GPIPortCurrentState(gpi_port_num=port, config=True, state=2) for port in range(1, 5)
    )
    request = m.SetReaderConfig(
        reader_event_notification_spec=ReaderEventNotificationSpec(
            event_notification_states=states
        ),
        gpi_port_current_states=inputs,
    )
    peer.ask(request, m.SetReaderConfigResponse)
