"""The orders that the settings become."""

import pytest

from edge.llrp import decode_parameter, encode_parameter
from edge.llrp.constants import (
    AISpecStopTriggerType,
    NotificationEventType,
    ROReportTriggerType,
    ROSpecStartTriggerType,
    ROSpecState,
)
from edge.llrp.parameters_rospec import AISpec, ROReportSpec, ROSpec
from edge.llrp.rospec import LlrpSettings, reader_config, rospec

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


def test_the_configuration_names_the_events_that_are_wanted() -> None:
    spec = reader_config(LlrpSettings(), with_events=True).reader_event_notification_spec
    assert spec is not None
    assert {state.event_type for state in spec.event_notification_states} == {
        NotificationEventType.ROSPEC_EVENT,
        NotificationEventType.REPORT_BUFFER_FILL_WARNING,
        NotificationEventType.READER_EXCEPTION_EVENT,
        NotificationEventType.ANTENNA_EVENT,
    }
    assert all(state.notification_state for state in spec.event_notification_states)


def test_the_interval_of_keepalives_is_told_in_milliseconds() -> None:
    spec = reader_config(LlrpSettings(keepalive_s=12.5), with_events=False).keepalive_spec
    assert spec is not None
    assert spec.periodic_trigger_value == 12_500
