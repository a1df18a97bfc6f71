"""What a reader is ordered to do with tags it meets: access operations (LLRP 1.0.1 §16.2.5).

A ClientRequestOpSpec makes the reader ask the client, tag by tag, what to do.
"""

from typing import Annotated

from edge.llrp.constants import (
    AccessReportTriggerType,
    AccessSpecState,
    AccessSpecStopTriggerType,
    AirProtocols,
)
from edge.llrp.fields import E1, E8, U16, U32, Custom, Parameter, Reserved
from edge.llrp.parameters_c1g2 import (
    C1G2BlockErase,
    C1G2BlockPermalock,
    C1G2BlockWrite,
    C1G2GetBlockPermalockStatus,
    C1G2Kill,
    C1G2Lock,
    C1G2Read,
    C1G2Recommission,
    C1G2TagSpec,
    C1G2Write,
)
from edge.llrp.parameters_common import EPCData
from edge.llrp.parameters_gen2v2 import Gen2v2OpSpec


class AccessReportSpec(Parameter, number=239):
    access_report_trigger: E8[AccessReportTriggerType]


class AccessSpecStopTrigger(Parameter, number=208):
    access_spec_stop_trigger: E8[AccessSpecStopTriggerType]
    operation_count_value: U16


class ClientRequestOpSpec(Parameter, number=210):
    op_spec_id: U16


AccessCommandOpSpec = (
    C1G2Read
    | C1G2Write
    | C1G2Kill
    | C1G2Recommission
    | C1G2Lock
    | C1G2BlockErase
    | C1G2BlockWrite
    | C1G2BlockPermalock
    | C1G2GetBlockPermalockStatus
    | Gen2v2OpSpec
    | ClientRequestOpSpec
    | Custom
)


class AccessCommand(Parameter, number=209):
    tag_spec: C1G2TagSpec
    op_specs: tuple[AccessCommandOpSpec, ...]


class AccessSpec(Parameter, number=207):
    access_spec_id: U32
    antenna_id: U16
    protocol_id: E8[AirProtocols]
    current_state: Annotated[E1[AccessSpecState], Reserved(7)]
    rospec_id: U32
    stop_trigger: AccessSpecStopTrigger
    access_command: AccessCommand
    access_report_spec: AccessReportSpec | None = None
    custom: tuple[Custom, ...] = ()


class ClientRequestResponse(Parameter, number=211):
    access_spec_id: U32
    epc_data: EPCData
    op_specs: tuple[AccessCommandOpSpec, ...] = ()
