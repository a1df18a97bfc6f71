"""What the simulated reader answers, request by request (LLRP 1.0.1 §16.1 and §14.2)."""

import msgspec
import pytest

from edge.llrp import encode_message
from edge.llrp import messages as m
from edge.llrp.constants import (
    AISpecStopTriggerType,
    ConnectionAttemptStatusType,
    KeepaliveTriggerType,
    NotificationEventType,
    ROSpecStartTriggerType,
    ROSpecState,
    StatusCode,
)
from edge.llrp.fields import Message
from edge.llrp.impinj import ImpinjTagReportContentSelector
from edge.llrp.parameters_config import (
    AntennaProperties,
    EventNotificationState,
    EventsAndReports,
    GPOWriteData,
    KeepaliveSpec,
    ReaderEventNotificationSpec,
)
from edge.llrp.parameters_rospec import (
    AISpecStopTrigger,
    AntennaConfiguration,
    InventoryParameterSpec,
    RFTransmitter,
    ROSpec,
)
from tests.support.orders import aispec, aispec_of, report_spec, rospec, started_by
from tests.support.reader_desk import START_US, Desk

REPLACE = msgspec.structs.replace


@pytest.fixture
def desk() -> Desk:
    connected = Desk()
    connected.connect()
    connected.take()
    return connected


def test_a_client_is_greeted_with_the_readers_time_and_success() -> None:
    desk = Desk()
    desk.connect()
    (greeting,) = desk.take()
    assert isinstance(greeting, m.ReaderEventNotification)
    data = greeting.reader_event_notification_data
    assert data.timestamp.microseconds == START_US
    assert data.connection_attempt_event is not None
    assert data.connection_attempt_event.status == ConnectionAttemptStatusType.SUCCESS


PARTS = [
    "general_device_capabilities",
    "llrp_capabilities",
    "regulatory_capabilities",
    "air_protocol_capabilities",
]


@pytest.mark.parametrize(
    ("asked", "parts"), [(0, PARTS), *((n, [part]) for n, part in enumerate(PARTS, 1))]
)
def test_exactly_the_capabilities_asked_for_are_told(
    desk: Desk, asked: int, parts: list[str]
) -> None:
    answer = desk.ask(m.GetReaderCapabilities(requested_data=asked))
    assert [part for part in PARTS if getattr(answer, part) is not None] == parts


def test_the_power_table_rises_from_10_to_30_dbm(desk: Desk) -> None:
    answer = desk.ask(m.GetReaderCapabilities(requested_data=3))
    assert isinstance(answer, m.GetReaderCapabilitiesResponse)
    assert answer.regulatory_capabilities is not None
    band = answer.regulatory_capabilities.uhf_band_capabilities
    assert band is not None
    levels = [entry.transmit_power_value for entry in band.transmit_power_level_table_entries]
    assert (levels[0], levels[-1]) == (1000, 3000)
    assert levels == sorted(set(levels))


CONFIGURATION = {
    1: "identification",
    2: "antenna_properties",
    3: "antenna_configurations",
    4: "ro_report_spec",
    5: "reader_event_notification_spec",
    6: "access_report_spec",
    7: "llrp_configuration_state_value",
    8: "keepalive_spec",
    11: "events_and_reports",
}


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        (0, list(CONFIGURATION.values())),
        *((asked, [part]) for asked, part in CONFIGURATION.items()),
        (9, []),  # the reader has no GPI
        (10, []),  # and no GPO
    ],
)
def test_exactly_the_configuration_asked_for_is_told(
    desk: Desk, asked: int, parts: list[str]
) -> None:
    answer = desk.ask(_get_config(asked))
    assert [part for part in CONFIGURATION.values() if getattr(answer, part)] == parts


def test_one_antenna_is_told_of_when_one_is_asked_for(desk: Desk) -> None:
    answer = desk.ask(_get_config(2, antenna_id=3))
    assert isinstance(answer, m.GetReaderConfigResponse)
    assert [antenna.antenna_id for antenna in answer.antenna_properties] == [3]


@pytest.mark.parametrize("asked", [1, 4, 5, 6, 7, 8, 11])
def test_ports_are_ignored_where_nothing_is_asked_for_that_has_any(desk: Desk, asked: int) -> None:
    whatever = desk.ask(_get_config(asked, antenna_id=9, gpi=9, gpo=9))
    assert whatever == desk.ask(_get_config(asked))


def test_what_is_set_is_told(desk: Desk) -> None:
    wanted = m.SetReaderConfig(
        reader_event_notification_spec=_events(NotificationEventType.ROSPEC_EVENT),
        antenna_configurations=(_antenna(2, power=11),),
        ro_report_spec=report_spec(n=9),
        keepalive_spec=_keepalive(1500),
        events_and_reports=EventsAndReports(hold_events_and_reports_upon_reconnect=True),
    )
    assert desk.status(wanted).status_code == StatusCode.M_SUCCESS
    answer = desk.ask(_get_config(0))
    assert isinstance(answer, m.GetReaderConfigResponse)
    assert answer.ro_report_spec == wanted.ro_report_spec
    assert answer.keepalive_spec == wanted.keepalive_spec
    assert answer.events_and_reports == wanted.events_and_reports
    powers = [
        antenna.rf_transmitter.transmit_power
        for antenna in answer.antenna_configurations
        if antenna.rf_transmitter
    ]
    assert powers == [81, 11, 81, 81]
    assert answer.reader_event_notification_spec is not None
    events = answer.reader_event_notification_spec.event_notification_states
    assert [event.event_type for event in events if event.notification_state] == [2]


def test_a_reset_to_factory_default_comes_before_what_is_set_with_it(desk: Desk) -> None:
    before = desk.ask(_get_config(4))
    desk.ask(m.SetReaderConfig(ro_report_spec=report_spec(n=9), keepalive_spec=_keepalive(500)))
    desk.ask(m.SetReaderConfig(reset_to_factory_default=True, keepalive_spec=_keepalive(700)))
    keepalive = desk.ask(_get_config(8))
    assert desk.ask(_get_config(4)) == before
    assert isinstance(keepalive, m.GetReaderConfigResponse)
    assert keepalive.keepalive_spec == _keepalive(700)


def test_settings_go_with_the_connection_and_rospecs_stay(desk: Desk) -> None:
    desk.ask(m.SetReaderConfig(keepalive_spec=_keepalive(500)))
    desk.add(rospec(3))
    desk.reader.disconnect()
    desk.connect()
    keepalive = desk.ask(_get_config(8))
    rospecs = desk.ask(m.GetROSpecs())
    assert isinstance(keepalive, m.GetReaderConfigResponse)
    assert keepalive.keepalive_spec is not None
    assert keepalive.keepalive_spec.keepalive_trigger_type == KeepaliveTriggerType.NULL
    assert isinstance(rospecs, m.GetROSpecsResponse)
    assert [spec.rospec_id for spec in rospecs.rospecs] == [3]


def test_rospecs_are_told_as_they_were_given_with_their_present_state(desk: Desk) -> None:
    specs = [rospec(3, report=report_spec(n=5)), rospec(8, specs=[aispec_of(200), aispec([1, 2])])]
    for spec in specs:
        desk.add(spec)
    desk.ask(m.EnableROSpec(rospec_id=8))
    answer = desk.ask(m.GetROSpecs())
    assert isinstance(answer, m.GetROSpecsResponse)
    assert answer.rospecs == (specs[0], REPLACE(specs[1], current_state=ROSpecState.INACTIVE))


def test_access_specs_are_none_and_deleting_all_of_them_succeeds(desk: Desk) -> None:
    answer = desk.ask(m.GetAccessSpecs())
    assert isinstance(answer, m.GetAccessSpecsResponse)
    assert answer.access_specs == ()
    assert desk.status(m.DeleteAccessSpec(access_spec_id=0)).status_code == StatusCode.M_SUCCESS


def test_a_connection_is_closed_after_the_answer_and_nothing_is_heard_any_more(desk: Desk) -> None:
    assert desk.status(m.CloseConnection()).status_code == StatusCode.M_SUCCESS
    assert desk.reader.is_closing
    desk.send(encode_message(m.GetROSpecs(), 5))
    desk.pass_ms(50)
    assert desk.take() == []


def test_a_client_learns_that_another_one_was_refused(desk: Desk) -> None:
    desk.reader.advance(desk.now)
    (told,) = desk.reader.another_client(desk.now)
    refusal = desk.reader.refusal(desk.now)
    statuses = [frame.data[-1] for frame in (told, refusal)]  # the last field of the message
    assert statuses == [
        ConnectionAttemptStatusType.ANOTHER_CONNECTION_ATTEMPTED,
        ConnectionAttemptStatusType.FAILED_A_CLIENT_INITIATED_CONNECTION_ALREADY_EXISTS,
    ]


@pytest.mark.parametrize("cut", [1, 9, 10, 11])
def test_a_request_may_come_in_pieces(desk: Desk, cut: int) -> None:
    request = encode_message(m.GetROSpecs(), 5) + encode_message(m.GetAccessSpecs(), 6)
    desk.send(request[:cut])
    desk.send(request[cut:])
    kinds = [type(message) for message in desk.take()]
    assert kinds == [m.GetROSpecsResponse, m.GetAccessSpecsResponse]


def test_a_stream_that_cannot_be_followed_is_closed_with_an_event(desk: Desk) -> None:
    desk.send(bytes.fromhex("041a 00000003 00000001"))
    (event,) = desk.take()
    assert isinstance(event, m.ReaderEventNotification)
    assert event.reader_event_notification_data.connection_close_event is not None
    assert desk.reader.is_closing


# ------------------------------------------------------------------------------------ refusals


def _get_config(asked: int, antenna_id: int = 0, gpi: int = 0, gpo: int = 0) -> m.GetReaderConfig:
    return m.GetReaderConfig(
        antenna_id=antenna_id, requested_data=asked, gpi_port_num=gpi, gpo_port_num=gpo
    )


def _keepalive(period_ms: int) -> KeepaliveSpec:
    return KeepaliveSpec(
        keepalive_trigger_type=KeepaliveTriggerType.PERIODIC, periodic_trigger_value=period_ms
    )


def _events(event_type: int) -> ReaderEventNotificationSpec:
    state = EventNotificationState(event_type=event_type, notification_state=True)
    return ReaderEventNotificationSpec(event_notification_states=(state,))


def _antenna(antenna_id: int, power: int = 81, channel: int = 1) -> AntennaConfiguration:
    return AntennaConfiguration(
        antenna_id=antenna_id,
        rf_transmitter=RFTransmitter(hop_table_id=0, channel_index=channel, transmit_power=power),
    )


def _add(spec: ROSpec) -> m.AddROSpec:
    return m.AddROSpec(rospec=spec)


def _stop(kind: int, duration_ms: int = 0) -> AISpecStopTrigger:
    return AISpecStopTrigger(aispec_stop_trigger_type=kind, duration_trigger=duration_ms)


def _inventory(**changes: object) -> ROSpec:
    part = aispec()
    inventory = REPLACE(part.inventory_parameter_specs[0], **changes)
    return rospec(specs=[REPLACE(part, inventory_parameter_specs=(inventory,))])


def _two_inventories() -> ROSpec:
    part = aispec()
    specs: tuple[InventoryParameterSpec, ...] = part.inventory_parameter_specs * 2
    return rospec(specs=[REPLACE(part, inventory_parameter_specs=specs)])


def _impinj() -> ROSpec:
    return rospec(report=REPLACE(report_spec(), custom=(ImpinjTagReportContentSelector(),)))


FIELD, PARAMETER = StatusCode.M_FIELD_ERROR, StatusCode.M_PARAMETER_ERROR
# what is wrong: the request, the status, and the parameter that is to blame (its type, or None)
REFUSED: dict[str, tuple[Message, StatusCode, int | None]] = {
    "unknown capabilities": (m.GetReaderCapabilities(requested_data=5), FIELD, None),
    "unknown configuration": (_get_config(12), FIELD, None),
    "configuration of antenna 5 of 4": (_get_config(2, antenna_id=5), FIELD, None),
    "state of GPI 5 of 4": (_get_config(9, gpi=5), FIELD, None),
    "data of GPO 5 of 4": (_get_config(10, gpo=5), FIELD, None),
    "everything of antenna 5 of 4": (_get_config(0, antenna_id=5), FIELD, None),
    "everything of GPI 5 of 4": (_get_config(0, gpi=5), FIELD, None),
    "everything of GPO 5 of 4": (_get_config(0, gpo=5), FIELD, None),
    "START of no ROSpec": (m.StartROSpec(rospec_id=1), FIELD, None),
    "START of ROSpec 0": (m.StartROSpec(rospec_id=0), FIELD, None),
    "STOP of ROSpec 0": (m.StopROSpec(rospec_id=0), FIELD, None),
    "ENABLE of no ROSpec": (m.EnableROSpec(rospec_id=1), FIELD, None),
    "DELETE of no ROSpec": (m.DeleteROSpec(rospec_id=1), FIELD, None),
    "DELETE of no AccessSpec": (m.DeleteAccessSpec(access_spec_id=1), FIELD, None),
    "ROSpec with id 0": (_add(rospec(0)), PARAMETER, 177),
    "ROSpec with priority 8": (_add(REPLACE(rospec(), priority=8)), PARAMETER, 177),
    "ROSpec that is active": (_add(REPLACE(rospec(), current_state=2)), PARAMETER, 177),
    "start by an unknown trigger": (_add(rospec(start=started_by(4))), PARAMETER, 179),
    "start by GPI without its parameter": (
        _add(rospec(start=started_by(ROSpecStartTriggerType.GPI))),
        PARAMETER,
        181,
    ),
    "periodic start without period": (
        _add(rospec(start=started_by(ROSpecStartTriggerType.PERIODIC))),
        PARAMETER,
        180,
    ),
    "antenna 5 of 4": (_add(rospec(specs=[aispec([1, 5])])), PARAMETER, 183),
    "antenna 1 and all antennas": (_add(rospec(specs=[aispec([1, 0])])), PARAMETER, 183),
    "AISpec stopped by GPI without its parameter": (
        _add(rospec(specs=[aispec(stop=_stop(AISpecStopTriggerType.GPI_WITH_TIMEOUT))])),
        PARAMETER,
        181,
    ),
    "AISpec with an unknown stop trigger": (
        _add(rospec(specs=[aispec(stop=_stop(4))])),
        PARAMETER,
        184,
    ),
    "AISpec of 0 ms": (
        _add(rospec(specs=[aispec(stop=_stop(AISpecStopTriggerType.DURATION))])),
        PARAMETER,
        184,
    ),
    "tag observation without its parameter": (
        _add(rospec(specs=[aispec(stop=_stop(AISpecStopTriggerType.TAG_OBSERVATION))])),
        PARAMETER,
        185,
    ),
    "another air protocol": (_add(_inventory(protocol_id=2)), PARAMETER, 186),
    "inventory with id 0": (_add(_inventory(inventory_parameter_spec_id=0)), PARAMETER, 186),
    "two inventories": (_add(_two_inventories()), PARAMETER, 186),
    "power beyond the table": (
        _add(_inventory(antenna_configurations=(_antenna(1, power=82),))),
        PARAMETER,
        224,
    ),
    "channel beyond the table": (
        _add(_inventory(antenna_configurations=(_antenna(1, channel=5),))),
        PARAMETER,
        224,
    ),
    "an unknown report trigger": (_add(rospec(report=report_spec(trigger=7))), PARAMETER, 237),
    "an extension of Impinj": (_add(_impinj()), PARAMETER, 1023),
    "power 0 in the configuration": (
        m.SetReaderConfig(antenna_configurations=(_antenna(1, power=0),)),
        PARAMETER,
        224,
    ),
    "configuration of antenna 9": (
        m.SetReaderConfig(antenna_configurations=(_antenna(9),)),
        PARAMETER,
        222,
    ),
    "antenna gain": (
        m.SetReaderConfig(antenna_properties=(AntennaProperties(antenna_id=1, antenna_gain=0),)),
        PARAMETER,
        221,
    ),
    "GPO 5 of 4": (
        m.SetReaderConfig(gpo_write_datas=(GPOWriteData(gpo_port_number=5),)),
        PARAMETER,
        219,
    ),
    "a keepalive every ms": (m.SetReaderConfig(keepalive_spec=_keepalive(1)), PARAMETER, 220),
    "an unknown event": (
        m.SetReaderConfig(reader_event_notification_spec=_events(10)),
        PARAMETER,
        245,
    ),
}


@pytest.mark.parametrize(("request_", "status", "parameter"), REFUSED.values(), ids=REFUSED)
def test_what_the_reader_cannot_do_is_refused_with_its_place(
    desk: Desk, request_: Message, status: StatusCode, parameter: int | None
) -> None:
    answer = desk.status(request_)
    blamed = answer.parameter_error.parameter_type if answer.parameter_error else None
    assert (answer.status_code, blamed) == (status, parameter)
    assert answer.error_description


def test_a_refused_configuration_changes_nothing(desk: Desk) -> None:
    before = desk.ask(_get_config(0))
    antennas = (_antenna(1, power=5), _antenna(2, power=82))
    desk.ask(m.SetReaderConfig(keepalive_spec=_keepalive(900), antenna_configurations=antennas))
    assert desk.ask(_get_config(0)) == before


def test_a_rospec_id_is_taken_once_and_a_fifth_rospec_finds_no_place(desk: Desk) -> None:
    for number in (1, 2, 3, 4):
        desk.add(rospec(number))
    assert desk.status(_add(rospec(2))).status_code == PARAMETER
    full = desk.status(_add(rospec(5)))
    assert full.parameter_error is not None
    assert full.parameter_error.error_code == StatusCode.P_OVERFLOW_PARAMETER


# bytes: header, and a body that is not what the standard says
BROKEN = {
    "ADD_ROSPEC without ROSpec": ("0414 0000000a 00000007", 30, StatusCode.M_MISSING_PARAMETER),
    "START_ROSPEC cut short": ("0416 0000000c 00000007 0000", 32, StatusCode.M_PARAMETER_ERROR),
    "GET_ROSPECS with a parameter": (
        "041a 00000013 00000007 00dc 0009 0000000000",
        36,
        StatusCode.M_UNEXPECTED_PARAMETER,
    ),
    "unknown message type": ("0558 0000000a 00000007", 100, StatusCode.M_UNSUPPORTED_MESSAGE),
    "a response": ("041f 0000000a 00000007", 100, StatusCode.M_MISSING_PARAMETER),
    "a message of LLRP 1.1 as 1.0.1": (
        "042e 0000000a 00000007",
        100,
        StatusCode.M_UNSUPPORTED_VERSION,
    ),
    "LLRP 1.1 before it was agreed on": (
        "081a 0000000a 00000007",
        100,
        StatusCode.M_UNSUPPORTED_VERSION,
    ),
    "an Impinj message": (
        "07ff 00000013 00000007 0000651a 15 00000000",
        100,
        StatusCode.M_UNSUPPORTED_MESSAGE,
    ),
}


@pytest.mark.parametrize(("sent", "answered", "status"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_request_is_answered_with_an_error(
    desk: Desk, sent: str, answered: int, status: StatusCode
) -> None:
    desk.send(bytes.fromhex(sent))
    (answer,) = desk.take()
    assert isinstance(
        answer, m.ErrorMessage | m.GetROSpecsResponse | m.AddROSpecResponse | m.StartROSpecResponse
    )
    assert (answer.number, answer.llrp_status.status_code) == (answered, status)


def test_keepalives_come_by_real_time_and_stop_when_told_to(desk: Desk) -> None:
    desk.ask(m.SetReaderConfig(keepalive_spec=_keepalive(200)))
    desk.pass_ms(1010)
    assert len([1 for message in desk.take() if isinstance(message, m.Keepalive)]) == 5
    off = KeepaliveSpec(keepalive_trigger_type=0, periodic_trigger_value=0)
    desk.ask(m.SetReaderConfig(keepalive_spec=off))
    desk.send(encode_message(m.KeepaliveAck(), 3))
    desk.pass_ms(1000)
    assert desk.take() == []
