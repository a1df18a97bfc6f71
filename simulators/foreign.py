"""A ROSpec as another host might have left it in the reader: all antennas, every tag reported."""

from edge.llrp.constants import (
    AirProtocols,
    AISpecStopTriggerType,
    ROReportTriggerType,
    ROSpecState,
    ROSpecStopTriggerType,
)
from edge.llrp.parameters_rospec import (
    AISpec,
    AISpecStopTrigger,
    InventoryParameterSpec,
    ROBoundarySpec,
    ROReportSpec,
    ROSpec,
    ROSpecStartTrigger,
    ROSpecStopTrigger,
    TagReportContentSelector,
)


def foreign_rospec(rospec_id: int, start_type: int) -> ROSpec:
    part = AISpec(
        antenna_ids=(0,),
        stop_trigger=AISpecStopTrigger(
            aispec_stop_trigger_type=AISpecStopTriggerType.NULL, duration_trigger=0
        ),
        inventory_parameter_specs=(
            InventoryParameterSpec(
                inventory_parameter_spec_id=1, protocol_id=AirProtocols.EPC_GLOBAL_CLASS1_GEN2
            ),
        ),
    )
    return ROSpec(
        rospec_id=rospec_id,
        priority=0,
        current_state=ROSpecState.DISABLED,
        ro_boundary_spec=ROBoundarySpec(
            start_trigger=ROSpecStartTrigger(rospec_start_trigger_type=start_type),
            stop_trigger=ROSpecStopTrigger(
                rospec_stop_trigger_type=ROSpecStopTriggerType.NULL, duration_trigger_value=0
            ),
        ),
        specs=(part,),
        ro_report_spec=ROReportSpec(
            ro_report_trigger=ROReportTriggerType.UPON_N_TAGS_OR_END_OF_ROSPEC,
            n=1,
            tag_report_content_selector=TagReportContentSelector(enable_rospec_id=True),
        ),
    )
