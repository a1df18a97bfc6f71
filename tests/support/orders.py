"""ROSpecs as tests need them; what is not said is the plainest thing."""

from collections.abc import Sequence

from edge.llrp.constants import (
    AirProtocols,
    AISpecStopTriggerType,
    ROReportTriggerType,
    ROSpecStartTriggerType,
    ROSpecState,
    ROSpecStopTriggerType,
)
from edge.llrp.parameters_rospec import (
    AISpec,
    AISpecStopTrigger,
    InventoryParameterSpec,
    PeriodicTriggerValue,
    RFSurveySpec,
    ROBoundarySpec,
    ROReportSpec,
    ROSpec,
    ROSpecStartTrigger,
    ROSpecStopTrigger,
    TagReportContentSelector,
)

END_OF_AISPEC = ROReportTriggerType.UPON_N_TAGS_OR_END_OF_AISPEC_OR_END_OF_RF_SURVEY_SPEC
END_OF_ROSPEC = ROReportTriggerType.UPON_N_TAGS_OR_END_OF_ROSPEC

PLAIN_FIELDS = TagReportContentSelector(
    enable_antenna_id=True, enable_peak_rssi=True, enable_last_seen_timestamp=True
)
NEVER_STOP = AISpecStopTrigger(
    aispec_stop_trigger_type=AISpecStopTriggerType.NULL, duration_trigger=0
)


def started_by(
    kind: int = ROSpecStartTriggerType.NULL, periodic: PeriodicTriggerValue | None = None
) -> ROSpecStartTrigger:
    return ROSpecStartTrigger(rospec_start_trigger_type=kind, periodic_trigger_value=periodic)


def stopped_after(duration_ms: int = 0) -> ROSpecStopTrigger:
    kind = ROSpecStopTriggerType.DURATION if duration_ms else ROSpecStopTriggerType.NULL
    return ROSpecStopTrigger(rospec_stop_trigger_type=kind, duration_trigger_value=duration_ms)


def aispec_of(duration_ms: int) -> AISpec:
    stop = AISpecStopTrigger(
        aispec_stop_trigger_type=AISpecStopTriggerType.DURATION, duration_trigger=duration_ms
    )
    return aispec(stop=stop)


def aispec(antenna_ids: Sequence[int] = (0,), stop: AISpecStopTrigger = NEVER_STOP) -> AISpec:
    inventory = InventoryParameterSpec(
        inventory_parameter_spec_id=7, protocol_id=AirProtocols.EPC_GLOBAL_CLASS1_GEN2
    )
    return AISpec(
        antenna_ids=tuple(antenna_ids), stop_trigger=stop, inventory_parameter_specs=(inventory,)
    )


def report_spec(
    n: int = 1,
    trigger: int = END_OF_AISPEC,
    fields: TagReportContentSelector = PLAIN_FIELDS,
) -> ROReportSpec:
    return ROReportSpec(ro_report_trigger=trigger, n=n, tag_report_content_selector=fields)


def rospec(
    rospec_id: int = 1,
    *,
    start: ROSpecStartTrigger | None = None,
    stop: ROSpecStopTrigger | None = None,
    specs: Sequence[AISpec | RFSurveySpec] = (),
    report: ROReportSpec | None = None,
) -> ROSpec:
    return ROSpec(
        rospec_id=rospec_id,
        priority=0,
        current_state=ROSpecState.DISABLED,
        ro_boundary_spec=ROBoundarySpec(
            start_trigger=start or started_by(), stop_trigger=stop or stopped_after()
        ),
        specs=tuple(specs) or (aispec(),),
        ro_report_spec=report or report_spec(),
    )
