"""What each profile of the simulated reader is, allows and does otherwise than the others."""

import json
from typing import Any

import msgspec
import pytest

from edge.errors import ConfigError
from edge.llrp import encode_message, impinj, zebra
from edge.llrp import messages as m
from edge.llrp.constants import KeepaliveTriggerType, StatusCode
from edge.llrp.fields import BitString, Custom, CustomParameter, Message
from edge.llrp.parameters_c1g2 import (
    C1G2Filter,
    C1G2InventoryCommand,
    C1G2RFControl,
    C1G2SingulationControl,
    C1G2TagInventoryMask,
    C1G2TagInventoryStateAwareFilterAction,
    C1G2TagInventoryStateAwareSingulationAction,
    C1G2TagInventoryStateUnawareFilterAction,
)
from edge.llrp.parameters_config import KeepaliveSpec
from edge.llrp.parameters_rospec import AntennaConfiguration, RFReceiver, RFTransmitter, ROSpec
from simulators.profile import FX9600, GENERIC, PROFILES, R420, Profile, profile_of
from tests.support.orders import aispec, report_spec, rospec
from tests.support.reader_desk import EPCS, Desk
from tests.support.shared import shared_data

REPLACE = msgspec.structs.replace


def connected(profile: Profile) -> Desk:
    desk = Desk(profile=profile)
    desk.connect()
    desk.take()
    return desk


# ------------------------------------------------------------- as real readers told of themselves

RECORDED = {"r420": "SpeedwayR-12-34-FF.json", "fx9600": "fx96004a4a4a.json"}


def capabilities(name: str) -> tuple[m.GetReaderCapabilitiesResponse, dict[str, Any]]:
    """Give what the simulated reader tells, and what a real one of that kind told."""
    path = shared_data(f"llrp/profiles/{RECORDED[name]}")
    recorded = json.loads(path.read_text(encoding="utf-8"))["ReaderCapabilities"]
    told = connected(PROFILES[name]).ask(m.GetReaderCapabilities(requested_data=0))
    assert isinstance(told, m.GetReaderCapabilitiesResponse)
    return told, recorded


@pytest.mark.shared_data
@pytest.mark.parametrize("name", RECORDED)
def test_general_capabilities_and_limits_are_those_of_a_real_reader(name: str) -> None:
    told, recorded = capabilities(name)
    general, theirs = told.general_device_capabilities, recorded["GeneralDeviceCapabilities"]
    assert general is not None
    assert (
        general.device_manufacturer_name,
        general.model_name,
        general.reader_firmware_version,
        general.max_number_of_antenna_supported,
        general.gpio_capabilities.num_gpis,
    ) == (
        theirs["DeviceManufacturer"],
        theirs["Model"],
        theirs["FirmwareVersion"],
        theirs["MaxSupportedAntennas"],
        theirs["GPIOCapabilities"]["NumGPIs"],
    )
    assert [
        (entry.index, entry.receive_sensitivity_value)
        for entry in general.receive_sensitivity_table_entries
    ] == [(entry["Index"], entry["ReceiveSensitivity"]) for entry in theirs["ReceiveSensitivities"]]
    llrp, limits = told.llrp_capabilities, recorded["LLRPCapabilities"]
    assert llrp is not None
    assert (
        llrp.max_num_rospecs,
        llrp.max_num_specs_per_rospec,
        llrp.max_num_access_specs,
        llrp.max_num_op_specs_per_access_spec,
        llrp.can_do_tag_inventory_state_aware_singulation,
        llrp.can_do_rf_survey,
    ) == (
        limits["MaxROSpecs"],
        limits["MaxSpecsPerROSpec"],
        limits["MaxAccessSpecs"],
        limits["MaxOpSpecsPerAccessSpec"],
        limits["CanDoTagInventoryStateAwareSingulation"],
        limits["CanDoRFSurvey"],
    )


@pytest.mark.shared_data
@pytest.mark.parametrize("name", RECORDED)
def test_power_channels_and_modes_are_those_of_a_real_reader(name: str) -> None:
    told, recorded = capabilities(name)
    assert told.regulatory_capabilities is not None
    band = told.regulatory_capabilities.uhf_band_capabilities
    theirs = recorded["RegulatoryCapabilities"]["UHFBandCapabilities"]
    assert band is not None
    assert {
        entry.index: entry.transmit_power_value for entry in band.transmit_power_level_table_entries
    } == {entry["Index"]: entry["TransmitPowerValue"] for entry in theirs["TransmitPowerLevels"]}
    (hop_table,) = band.frequency_information.frequency_hop_tables
    (their_hops,) = theirs["FrequencyInformation"]["FrequencyHopTables"]
    assert list(hop_table.frequency) == their_hops["Frequencies"]
    modes = {entry.mode_identifier: entry for entry in band.rf_mode_tables[0].entries}
    entries = theirs["C1G2RFModes"]["UHFC1G2RFModeTableEntries"]
    assert modes.keys() == {entry["ModeID"] for entry in entries}
    for entry in entries:
        mode = modes[entry["ModeID"]]
        assert (mode.m_value, mode.bdr_value, mode.pie_value, mode.min_tari_value) == (
            entry["Modulation"],
            entry["BackscatterDataRate"],
            entry["PIERatio"],
            entry["MinTariTime"],
        )


def test_a_reader_has_as_many_antennas_as_are_needed() -> None:
    assert [profile_of("r420", needed).antennas for needed in (2, 4, 9)] == [4, 4, 9]


def test_an_unknown_profile_is_told_with_those_that_are_known() -> None:
    with pytest.raises(ConfigError, match="'r700', allowed are generic, r420, fx9600"):
        profile_of("r700", 4)


# ------------------------------------------------------------------------------- the version


def status_of(message: Message) -> int:
    assert isinstance(message, m.ErrorMessage | m.SetProtocolVersionResponse)
    return message.llrp_status.status_code


@pytest.mark.parametrize("profile", [R420, FX9600], ids=["r420", "fx9600"])
@pytest.mark.parametrize("version", [1, 2])
def test_readers_of_1_0_1_answer_questions_of_versions_with_110(
    profile: Profile, version: int
) -> None:
    desk = connected(profile)
    for request in (m.GetSupportedVersion(), m.SetProtocolVersion(protocol_version=2)):
        answer = desk.ask(request, version=version)
        assert isinstance(answer, m.ErrorMessage)
        assert status_of(answer) == StatusCode.M_UNSUPPORTED_VERSION


def test_the_version_that_was_set_is_spoken_until_the_connection_ends() -> None:
    desk = connected(GENERIC)
    supported = desk.ask(m.GetSupportedVersion(), version=2)
    assert isinstance(supported, m.GetSupportedVersionResponse)
    assert (supported.current_version, supported.supported_version) == (1, 2)
    assert status_of(desk.ask(m.SetProtocolVersion(protocol_version=2), version=2)) == 0
    assert isinstance(desk.ask(m.GetROSpecs(), version=2), m.GetROSpecsResponse)
    assert status_of(desk.ask(m.GetROSpecs(), version=1)) == StatusCode.M_UNSUPPORTED_VERSION
    desk.disconnect()
    desk.connect()
    assert isinstance(desk.ask(m.GetROSpecs(), version=1), m.GetROSpecsResponse)


def test_a_version_is_set_once_and_only_one_that_is_known() -> None:
    desk = connected(GENERIC)
    unknown = desk.ask(m.SetProtocolVersion(protocol_version=3), version=2)
    assert status_of(unknown) == StatusCode.M_UNSUPPORTED_VERSION
    assert status_of(desk.ask(m.SetProtocolVersion(protocol_version=1), version=2)) == 0
    again = status_of(desk.ask(m.SetProtocolVersion(protocol_version=2), version=2))
    assert again == 112  # M_UnexpectedMessage


def test_what_is_of_1_1_is_refused_by_a_reader_of_1_0_1() -> None:
    refused = connected(R420).status(m.AddROSpec(rospec=rospec(report=report_spec(trigger=4))))
    assert refused.status_code == StatusCode.M_PARAMETER_ERROR


# ----------------------------------------------------------------------------------- the radio


def antenna(**parts: Any) -> AntennaConfiguration:  # noqa: ANN401 - any part of it
    return AntennaConfiguration(antenna_id=0, **parts)


def power(index: int, hop_table: int = 1, channel: int = 1) -> AntennaConfiguration:
    return antenna(
        rf_transmitter=RFTransmitter(
            hop_table_id=hop_table, channel_index=channel, transmit_power=index
        )
    )


def command(**parts: Any) -> AntennaConfiguration:  # noqa: ANN401 - any part of it
    return antenna(inventory_commands=(C1G2InventoryCommand(**parts),))


def mode(index: int, tari: int = 0) -> AntennaConfiguration:
    return command(rf_control=C1G2RFControl(mode_index=index, tari=tari))


def select(bank: int = 1, *, aware: int | None = None, unaware: int | None = 0) -> C1G2Filter:
    return C1G2Filter(
        t=0,
        tag_inventory_mask=C1G2TagInventoryMask(
            mb=bank, pointer=32, tag_mask=BitString.of(EPCS[0][:1])
        ),
        state_aware_filter_action=(
            None
            if aware is None
            else C1G2TagInventoryStateAwareFilterAction(target=0, action=aware)
        ),
        state_unaware_filter_action=(
            None if unaware is None else C1G2TagInventoryStateUnawareFilterAction(action=unaware)
        ),
    )


AWARE_SINGULATION = C1G2SingulationControl(
    session=1,
    tag_population=1,
    tag_transit_time=0,
    state_aware_singulation_action=C1G2TagInventoryStateAwareSingulationAction(i=0, s=0),
)
# what is set: the profile, and the parameter that is to blame (None: it is taken)
RADIO: dict[str, tuple[Profile, AntennaConfiguration, int | None]] = {
    "lowest power": (GENERIC, power(1), None),
    "power beyond": (GENERIC, power(82), 224),
    "power 0 of a table that begins with 1": (R420, power(0), 224),
    "power 81": (R420, power(81), None),
    "power 0 of a table that begins with 0": (FX9600, power(0), None),
    "power 200": (FX9600, power(200), None),
    "power 201": (FX9600, power(201), 224),
    "another hop table": (R420, power(81, hop_table=2), 224),
    "any hop table of a reader that does not hop": (GENERIC, power(81, hop_table=2), None),
    "channel 50": (FX9600, power(81, channel=50), None),
    "channel 51": (FX9600, power(81, channel=51), 224),
    "channel 5 of 4": (GENERIC, power(81, channel=5), 224),
    "mode 1002": (R420, mode(1002), None),
    "mode 1001": (R420, mode(1001), 335),
    "mode 5": (R420, mode(5), 335),
    "Tari of the mode": (FX9600, mode(10, tari=18_800), None),
    "another Tari": (FX9600, mode(10, tari=6250), 335),
    "sensitivity 42": (R420, antenna(rf_receiver=RFReceiver(receiver_sensitivity=42)), None),
    "sensitivity 43": (R420, antenna(rf_receiver=RFReceiver(receiver_sensitivity=43)), 223),
    "sensitivity 0": (FX9600, antenna(rf_receiver=RFReceiver(receiver_sensitivity=0)), None),
    "two filters": (R420, command(filters=(select(), select())), None),
    "three filters": (R420, command(filters=(select(),) * 3), 331),
    "a filter where none is possible": (FX9600, command(filters=(select(),)), 331),
    "a filter by passwords": (GENERIC, command(filters=(select(0),)), 331),
    "an unknown action": (GENERIC, command(filters=(select(unaware=6),)), 334),
    "a state-aware action without state-aware inventory": (
        GENERIC,
        command(filters=(select(aware=0, unaware=None),)),
        333,
    ),
    "state-aware inventory": (
        GENERIC,
        command(
            tag_inventory_state_aware=True,
            filters=(select(aware=0, unaware=None),),
            singulation_control=AWARE_SINGULATION,
        ),
        None,
    ),
    "state-aware inventory of a reader that cannot": (
        R420,
        command(tag_inventory_state_aware=True),
        330,
    ),
    "state-aware singulation of a reader that cannot": (
        R420,
        command(singulation_control=AWARE_SINGULATION),
        337,
    ),
}


def with_antenna(configuration: AntennaConfiguration) -> ROSpec:
    part = aispec()
    inventory = REPLACE(part.inventory_parameter_specs[0], antenna_configurations=(configuration,))
    return rospec(specs=[REPLACE(part, inventory_parameter_specs=(inventory,))])


@pytest.mark.parametrize(("profile", "configuration", "blamed"), RADIO.values(), ids=RADIO)
def test_the_radio_is_checked_by_the_profile_in_rospecs_and_configuration(
    profile: Profile, configuration: AntennaConfiguration, blamed: int | None
) -> None:
    desk = connected(profile)
    requests: list[Message] = [
        m.SetReaderConfig(antenna_configurations=(configuration,)),
        m.AddROSpec(rospec=with_antenna(configuration)),
    ]
    for request in requests:
        error = desk.status(request).parameter_error
        assert (error.parameter_type if error else None) == blamed


SELECTIONS: dict[str, tuple[C1G2InventoryCommand, set[int]]] = {
    "select those that begin so": (C1G2InventoryCommand(filters=(select(),)), {0, 1, 2}),
    "unselect those": (C1G2InventoryCommand(filters=(select(unaware=3),)), set()),
    "a bank that none matches": (C1G2InventoryCommand(filters=(select(3),)), set()),
    "unselect those that do not match": (
        C1G2InventoryCommand(filters=(select(unaware=2),)),
        {0, 1, 2},
    ),
    "with the flag": (
        C1G2InventoryCommand(
            tag_inventory_state_aware=True,
            filters=(select(aware=0, unaware=None),),
            singulation_control=AWARE_SINGULATION,
        ),
        {0, 1, 2},
    ),
    "with the flag that the filter takes away": (
        C1G2InventoryCommand(
            tag_inventory_state_aware=True,
            filters=(select(aware=4, unaware=None),),
            singulation_control=AWARE_SINGULATION,
        ),
        set(),
    ),
}


@pytest.mark.parametrize(("ordered", "heard"), SELECTIONS.values(), ids=SELECTIONS)
def test_only_selected_tags_are_read(ordered: C1G2InventoryCommand, heard: set[int]) -> None:
    desk = connected(GENERIC)
    desk.run(with_antenna(antenna(inventory_commands=(ordered,))))
    desk.pass_ms(30)
    read = {getattr(tag.epc.epc, "data", tag.epc.epc) for tag in desk.take_tags()}
    assert read == {EPCS[number] for number in heard}


# ---------------------------------------------------------------------------------------- R420

ENABLE = impinj.ImpinjEnableExtensions()
SELECTOR = impinj.ImpinjTagReportContentSelector(
    impinj_enable_serialized_tid=impinj.ImpinjEnableSerializedTID(serialized_tid_mode=1),
    impinj_enable_rf_phase_angle=impinj.ImpinjEnableRFPhaseAngle(rf_phase_angle_mode=1),
    impinj_enable_peak_rssi=impinj.ImpinjEnablePeakRSSI(peak_rssi_mode=1),
    impinj_enable_rf_doppler_frequency=impinj.ImpinjEnableRFDopplerFrequency(
        rf_doppler_frequency_mode=1
    ),
)


@pytest.fixture
def r420() -> Desk:
    return connected(R420)


def reporting(custom: Custom) -> ROSpec:
    return rospec(report=REPLACE(report_spec(), custom=(custom,)))


def test_an_r420_takes_one_rospec_of_priority_0(r420: Desk) -> None:
    r420.add(rospec(7))
    full = r420.status(m.AddROSpec(rospec=rospec(8)))
    assert "7" in full.error_description
    r420.ask(m.DeleteROSpec(rospec_id=0))
    assert r420.status(m.AddROSpec(rospec=REPLACE(rospec(), priority=1))).status_code == 100


def test_extensions_are_to_be_enabled_on_every_connection(r420: Desk) -> None:
    add = m.AddROSpec(rospec=reporting(SELECTOR))
    assert r420.status(add).status_code == StatusCode.M_PARAMETER_ERROR
    enabled = r420.ask(ENABLE)
    assert isinstance(enabled, impinj.ImpinjEnableExtensionsResponse)
    assert r420.status(add).status_code == 0
    r420.disconnect()
    r420.connect()
    r420.ask(m.DeleteROSpec(rospec_id=0))
    assert r420.status(add).status_code == StatusCode.M_PARAMETER_ERROR


def test_reports_carry_what_the_selector_asks_for(r420: Desk) -> None:
    r420.ask(ENABLE)
    r420.run(reporting(SELECTOR))
    r420.pass_ms(100)
    (first, *_) = r420.take_tags()
    kinds = [type(custom) for custom in first.custom]
    assert kinds == [
        impinj.ImpinjSerializedTID,
        impinj.ImpinjRFPhaseAngle,
        impinj.ImpinjPeakRSSI,
        impinj.ImpinjRFDopplerFrequency,
    ]
    tid, phase, rssi, _ = first.custom
    assert isinstance(tid, impinj.ImpinjSerializedTID)
    assert tid.tid[0] == 0xE280
    assert isinstance(phase, impinj.ImpinjRFPhaseAngle)
    assert 0 <= phase.phase_angle < 4096
    assert first.peak_rssi is not None
    assert isinstance(rssi, impinj.ImpinjPeakRSSI)
    assert rssi.rssi // 100 == first.peak_rssi.peak_rssi


def in_command(custom: Custom) -> ROSpec:
    return with_antenna(command(custom=(custom,)))


SEARCH = impinj.ImpinjInventorySearchMode(inventory_search_mode=2)
PLACED = {
    "search mode in the inventory command": (in_command(SEARCH), 0),
    "search mode in the report spec": (reporting(SEARCH), 100),
    "the selector in the inventory command": (in_command(SELECTOR), 100),
    "an unknown subtype": (
        in_command(CustomParameter(vendor_identifier=25882, parameter_subtype=99, data=b"\0\0")),
        100,
    ),
    "another vendor's": (in_command(zebra.MotoTagPhase(phase=1)), 100),
}


@pytest.mark.parametrize(("spec", "status"), PLACED.values(), ids=PLACED)
def test_an_extension_belongs_where_the_maker_says(r420: Desk, spec: ROSpec, status: int) -> None:
    r420.ask(ENABLE)
    assert r420.status(m.AddROSpec(rospec=spec)).status_code == status


def test_what_the_maker_adds_is_told_when_it_is_asked_for(r420: Desk) -> None:
    r420.ask(ENABLE)
    asked = impinj.ImpinjRequestedData(requested_data=1000)
    told = r420.ask(m.GetReaderCapabilities(requested_data=1, custom=(asked,)))
    assert isinstance(told, m.GetReaderCapabilitiesResponse)
    version, frequencies = told.custom
    assert isinstance(version, impinj.ImpinjDetailedVersion)
    assert version.firmware_version == "5.14.0.240"
    assert isinstance(frequencies, impinj.ImpinjFrequencyCapabilities)
    assert len(frequencies.frequency_list) == 50


def test_the_link_monitor_is_told_as_it_was_set(r420: Desk) -> None:
    r420.ask(ENABLE)
    monitor = impinj.ImpinjLinkMonitorConfiguration(link_monitor_mode=1, link_down_threshold=4)
    assert r420.status(m.SetReaderConfig(custom=(monitor,))).status_code == 0
    asked = impinj.ImpinjRequestedData(requested_data=2005)
    told = r420.ask(
        m.GetReaderConfig(
            antenna_id=0, requested_data=1, gpi_port_num=0, gpo_port_num=0, custom=(asked,)
        )
    )
    assert isinstance(told, m.GetReaderConfigResponse)
    assert told.custom == (monitor,)


def monitored(desk: Desk, threshold: int) -> None:
    desk.ask(ENABLE)
    monitor = impinj.ImpinjLinkMonitorConfiguration(
        link_monitor_mode=1, link_down_threshold=threshold
    )
    keepalive = KeepaliveSpec(
        keepalive_trigger_type=KeepaliveTriggerType.PERIODIC, periodic_trigger_value=100
    )
    desk.ask(m.SetReaderConfig(custom=(monitor,), keepalive_spec=keepalive))


def test_the_link_monitor_drops_a_client_that_does_not_acknowledge(r420: Desk) -> None:
    monitored(r420, threshold=3)
    r420.pass_ms(350)
    assert not r420.reader.hangs_up
    r420.pass_ms(150)
    assert r420.reader.hangs_up


@pytest.mark.parametrize(("offset", "hangs_up"), [(0, False), (1, True)])
def test_only_an_acknowledgement_under_the_same_id_counts(
    r420: Desk, offset: int, *, hangs_up: bool
) -> None:
    monitored(r420, threshold=3)
    for _ in range(10):
        r420.pass_ms(110)
        for keepalive in r420.take_frames():
            r420.send(encode_message(m.KeepaliveAck(), keepalive.message_id + offset))
    assert r420.reader.hangs_up == hangs_up


def test_a_request_that_is_too_long_ends_the_connection(r420: Desk) -> None:
    custom = CustomParameter(vendor_identifier=1, parameter_subtype=1, data=bytes(60_000))
    r420.send(encode_message(m.SetReaderConfig(custom=(custom, custom)), 5))
    assert r420.reader.hangs_up


# --------------------------------------------------------------------------------------- FX9600


@pytest.fixture
def fx9600() -> Desk:
    return connected(FX9600)


def test_an_fx9600_sends_keepalives_and_its_own_parameters_unasked(fx9600: Desk) -> None:
    fx9600.run()
    fx9600.pass_ms(30_100, step_ms=100)
    messages = fx9600.take()
    assert any(isinstance(message, m.Keepalive) for message in messages)
    reports = [message for message in messages if isinstance(message, m.ROAccessReport)]
    kinds = [type(custom).__name__ for custom in reports[0].tag_report_datas[0].custom]
    assert kinds == ["MotoTagPhase", "BrandIDCheckStatus"]


def test_in_session_2_a_tag_answers_once_and_reports_are_empty_then(fx9600: Desk) -> None:
    singulation = C1G2SingulationControl(session=2, tag_population=100, tag_transit_time=0)
    fx9600.run(with_antenna(command(singulation_control=singulation)))
    fx9600.pass_ms(1400)
    sizes = [
        len(message.tag_report_datas)
        for message in fx9600.take()
        if isinstance(message, m.ROAccessReport)
    ]
    assert sum(sizes) == len(EPCS)
    assert sizes[-1] == 0


def test_reads_made_while_nobody_was_there_flood_the_next_client(fx9600: Desk) -> None:
    fx9600.run()
    fx9600.disconnect()
    fx9600.pass_ms(2000)
    fx9600.connect()
    greeting, *reports = fx9600.take()
    assert isinstance(greeting, m.ReaderEventNotification)
    tags = [
        tag
        for message in reports
        if isinstance(message, m.ROAccessReport)
        for tag in message.tag_report_datas
    ]
    assert len(tags) == 200


def test_an_fx9600_takes_64_rospecs(fx9600: Desk) -> None:
    for number in range(1, 65):
        fx9600.add(rospec(number))
    assert fx9600.status(m.AddROSpec(rospec=rospec(65))).status_code == 100
