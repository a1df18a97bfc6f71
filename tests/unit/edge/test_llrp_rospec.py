"""The orders that the settings become."""

from itertools import pairwise

import pytest

from edge.llrp import decode_parameter, encode_parameter
from edge.llrp.capabilities import Capabilities
from edge.llrp.constants import (
    AISpecStopTriggerType,
    NotificationEventType,
    ROReportTriggerType,
    ROSpecStartTriggerType,
    ROSpecState,
)
from edge.llrp.impinj import (
    ImpinjInventorySearchMode,
    ImpinjLinkMonitorConfiguration,
    ImpinjLowDutyCycle,
    ImpinjReportBufferConfiguration,
    ImpinjTagReportContentSelector,
)
from edge.llrp.messages import SetReaderConfig
from edge.llrp.parameters_rospec import AISpec, RFTransmitter, ROReportSpec, ROSpec
from edge.llrp.rospec import LAP_MS, reader_configs, rospec, rospecs
from edge.llrp.settings import ImpinjSettings, LlrpSettings, LowDutyCycle
from edge.llrp.wishes import Granted
from edge.options import SearchMode

PLAIN, IMPINJ = Capabilities(), Capabilities(vendor=25882, gpis=4, holds_reports=True)
SETTINGS = {
    "as they are without a word": LlrpSettings(),
    "some antennas": LlrpSettings(antenna_ports=(1, 4)),
    "by number of tags": LlrpSettings(report_tags=50, gen2_session=0),
    "by time": LlrpSettings(report_period_ms=500),
}


def only_aispec(spec: ROSpec) -> AISpec:
    (aispec,) = spec.specs
    assert isinstance(aispec, AISpec)
    return aispec


def report_spec(settings: LlrpSettings) -> ROReportSpec:
    spec = rospec(settings).ro_report_spec
    assert spec is not None
    return spec


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_rospec_can_be_sent_and_read(settings: LlrpSettings) -> None:
    spec = rospec(settings)
    assert decode_parameter(encode_parameter(spec)) == (spec, ())
    assert spec.current_state is ROSpecState.DISABLED  # as the standard wants it when it is added


@pytest.mark.parametrize(
    ("ports", "antenna_ids"), [((), (0,)), ((3,), (3,)), ((1, 2), (1, 2))], ids=str
)
def test_without_ports_all_antennas_are_used(
    ports: tuple[int, ...], antenna_ids: tuple[int, ...]
) -> None:
    spec = rospec(LlrpSettings(antenna_ports=ports))
    assert only_aispec(spec).antenna_ids == antenna_ids


def test_a_rospec_reports_by_the_number_of_tags_and_has_no_end() -> None:
    settings = LlrpSettings(report_tags=20)
    trigger = report_spec(settings)
    assert trigger.ro_report_trigger is ROReportTriggerType.UPON_N_TAGS_OR_END_OF_ROSPEC
    assert trigger.n == 20
    spec = rospec(settings)
    assert spec.ro_boundary_spec.start_trigger.rospec_start_trigger_type == 0
    assert only_aispec(spec).stop_trigger.aispec_stop_trigger_type is AISpecStopTriggerType.NULL


def test_a_rospec_with_a_period_begins_anew_each_time_and_reports_at_the_end() -> None:
    settings = LlrpSettings(report_period_ms=500)
    start = rospec(settings).ro_boundary_spec.start_trigger
    stop = only_aispec(rospec(settings)).stop_trigger
    assert start.rospec_start_trigger_type is ROSpecStartTriggerType.PERIODIC
    assert start.periodic_trigger_value is not None
    assert start.periodic_trigger_value.period == 500
    assert (stop.aispec_stop_trigger_type, stop.duration_trigger) == (1, 500)
    assert (report_spec(settings).ro_report_trigger, report_spec(settings).n) == (1, 0)


def test_reports_have_what_a_read_needs_and_no_more() -> None:
    selector = report_spec(LlrpSettings()).tag_report_content_selector
    enabled = {
        name
        for name in selector.__struct_fields__
        if name.startswith("enable") and getattr(selector, name)
    }
    assert enabled == {
        "enable_antenna_id",
        "enable_peak_rssi",
        "enable_last_seen_timestamp",
        "enable_tag_seen_count",
    }
    assert selector.epc_memory_selectors == ()


def test_reports_carry_the_protocol_control_word_where_it_is_wished() -> None:
    selector = report_spec(LlrpSettings(pc_bits=True)).tag_report_content_selector
    assert [memory.enable_pc_bits for memory in selector.epc_memory_selectors] == [True]


def configs(settings: LlrpSettings, capabilities: Capabilities) -> dict[str, SetReaderConfig]:
    return dict(reader_configs(settings, capabilities))


def test_the_configuration_names_the_events_that_are_wanted() -> None:
    spec = configs(LlrpSettings(), PLAIN)[""].reader_event_notification_spec
    assert spec is not None
    assert {state.event_type for state in spec.event_notification_states} == {
        NotificationEventType.GPI_EVENT,
        NotificationEventType.ROSPEC_EVENT,
        NotificationEventType.REPORT_BUFFER_FILL_WARNING,
        NotificationEventType.READER_EXCEPTION_EVENT,
        NotificationEventType.ANTENNA_EVENT,
    }
    assert all(state.notification_state for state in spec.event_notification_states)


def test_the_interval_of_keepalives_is_told_in_milliseconds_and_always() -> None:
    for config in configs(LlrpSettings(keepalive_s=12.5), IMPINJ).values():
        assert config.keepalive_spec is not None
        assert config.keepalive_spec.periodic_trigger_value == 12_500


def test_a_reader_that_can_hold_reports_is_asked_to() -> None:
    [held, *_] = configs(LlrpSettings(), IMPINJ).values()
    assert held.events_and_reports is not None
    assert held.events_and_reports.hold_events_and_reports_upon_reconnect
    assert configs(LlrpSettings(), PLAIN)[""].events_and_reports is None


def test_a_reader_that_refuses_its_configuration_is_offered_less_and_less() -> None:
    offers = configs(LlrpSettings(), IMPINJ)
    inputs_and_reports = (
        "the vendor's extensions, its inputs, reports held for a client that comes back"
    )
    assert [*offers] == [
        "",
        "the vendor's extensions",
        "the vendor's extensions, its inputs",
        inputs_and_reports,
        f"{inputs_and_reports}, word of what happens to it",
    ]
    assert [*configs(LlrpSettings(), PLAIN)] == ["", "word of what happens to it"]


def test_nothing_is_reset_unless_that_is_wanted() -> None:
    assert not configs(LlrpSettings(), PLAIN)[""].reset_to_factory_default
    assert configs(LlrpSettings(factory_reset=True), PLAIN)[""].reset_to_factory_default


def test_an_impinj_reader_frees_its_place_when_we_do_not_answer() -> None:
    monitor, buffer = configs(LlrpSettings(), IMPINJ)[""].custom
    assert monitor == ImpinjLinkMonitorConfiguration(link_monitor_mode=1, link_down_threshold=3)
    assert buffer == ImpinjReportBufferConfiguration(report_buffer_mode=1)


def test_what_only_impinj_knows_is_sent_to_impinj_only() -> None:
    settings = LlrpSettings(
        impinj=ImpinjSettings(
            search_mode=SearchMode.TAG_FOCUS, low_duty_cycle=LowDutyCycle(500, 200), phase=True
        )
    )
    spec = rospec(settings, IMPINJ)
    (antenna,) = only_aispec(spec).inventory_parameter_specs[0].antenna_configurations
    search, cycle = antenna.inventory_commands[0].custom
    assert search == ImpinjInventorySearchMode(inventory_search_mode=3)
    assert isinstance(cycle, ImpinjLowDutyCycle)
    assert (cycle.empty_field_timeout, cycle.field_ping_interval) == (500, 200)
    assert spec.ro_report_spec is not None
    (selector,) = spec.ro_report_spec.custom
    assert isinstance(selector, ImpinjTagReportContentSelector)
    assert selector.impinj_enable_peak_rssi is not None
    assert selector.impinj_enable_rf_phase_angle is not None
    assert selector.impinj_enable_serialized_tid is None
    assert not rospec(settings, PLAIN).ro_report_spec.custom  # type: ignore[union-attr]  # it has


def test_power_and_mode_are_the_readers_own_numbers() -> None:
    transmitters = {
        port: RFTransmitter(hop_table_id=1, channel_index=0, transmit_power=power)
        for port, power in {1: 81, 2: 21}.items()
    }
    spec = rospec(LlrpSettings(antenna_ports=(1, 2)), PLAIN, Granted(transmitters, rf_mode=1002))
    antennas = only_aispec(spec).inventory_parameter_specs[0].antenna_configurations
    assert [(a.antenna_id, a.rf_transmitter) for a in antennas] == [*transmitters.items()]
    controls = [a.inventory_commands[0].rf_control for a in antennas]
    assert [control and control.mode_index for control in controls] == [1002, 1002]


def test_a_reader_that_refuses_the_rospec_is_offered_plainer_ones_but_never_other_power() -> None:
    granted = Granted({0: RFTransmitter(hop_table_id=0, channel_index=1, transmit_power=9)})
    offers = dict(rospecs(LlrpSettings(), IMPINJ, granted))
    assert [*offers] == [
        "",
        "the vendor's extensions",
        "AISpecs that never end",
        "session, population and RF mode",
        "session, population, RF mode and AISpecs that never end",
    ]
    for spec in offers.values():
        (antenna,) = only_aispec(spec).inventory_parameter_specs[0].antenna_configurations
        assert antenna.rf_transmitter == granted.transmitters[0]
    stop = only_aispec(offers["AISpecs that never end"]).stop_trigger
    assert (stop.aispec_stop_trigger_type, stop.duration_trigger) == (1, LAP_MS)


def test_a_rospec_that_would_be_the_same_again_is_not_offered_twice() -> None:
    offers = [spec for _, spec in rospecs(LlrpSettings(), PLAIN, Granted())]
    assert len(offers) == 4
    assert all(one != other for one, other in pairwise(offers))
