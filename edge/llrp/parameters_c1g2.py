"""The air protocol EPC Class-1 Generation-2: inventory, access, results (LLRP 1.0.1 §16.3.1).

Memory banks: 0 reserved, 1 EPC, 2 TID, 3 user.  Numbers 357 to 362 are of LLRP 1.1.
"""

from typing import Annotated

from edge.llrp.constants import (
    C1G2BlockEraseResultType,
    C1G2BlockPermalockResultType,
    C1G2BlockWriteResultType,
    C1G2GetBlockPermalockStatusResultType,
    C1G2KillResultType,
    C1G2LockDataField,
    C1G2LockPrivilege,
    C1G2LockResultType,
    C1G2ReadResultType,
    C1G2RecommissionResultType,
    C1G2StateAwareAction,
    C1G2StateAwareTarget,
    C1G2StateUnawareAction,
    C1G2TagInventoryStateAwareI,
    C1G2TagInventoryStateAwareS,
    C1G2TruncateAction,
    C1G2WriteResultType,
)
from edge.llrp.fields import E1, E2, E8, U2, U16, U32, Bit, Bits, Custom, Parameter, Reserved, U16s
from edge.llrp.parameters_gen2v2 import C1G2Challenge, ExtendOnTime


class C1G2TagInventoryMask(Parameter, number=332):
    mb: Annotated[U2, Reserved(6)]
    pointer: U16
    tag_mask: Bits


class C1G2TagInventoryStateAwareFilterAction(Parameter, number=333):
    target: E8[C1G2StateAwareTarget]
    action: E8[C1G2StateAwareAction]


class C1G2TagInventoryStateUnawareFilterAction(Parameter, number=334):
    action: E8[C1G2StateUnawareAction]


class C1G2Filter(Parameter, number=331):
    t: Annotated[E2[C1G2TruncateAction], Reserved(6)]
    tag_inventory_mask: C1G2TagInventoryMask
    state_aware_filter_action: C1G2TagInventoryStateAwareFilterAction | None = None
    state_unaware_filter_action: C1G2TagInventoryStateUnawareFilterAction | None = None
    extend_on_time: ExtendOnTime | None = None  # LLRP 2.0


class C1G2RFControl(Parameter, number=335):
    mode_index: U16
    tari: U16


class C1G2TagInventoryStateAwareSingulationAction(Parameter, number=337):
    i: E1[C1G2TagInventoryStateAwareI]
    s: E1[C1G2TagInventoryStateAwareS]
    s_all: Annotated[Bit, Reserved(5)] = False


class C1G2SingulationControl(Parameter, number=336):
    session: Annotated[U2, Reserved(6)]
    tag_population: U16
    tag_transit_time: U32
    state_aware_singulation_action: C1G2TagInventoryStateAwareSingulationAction | None = None


class C1G2InventoryCommand(Parameter, number=330):
    tag_inventory_state_aware: Annotated[Bit, Reserved(7)] = False
    filters: tuple[C1G2Filter, ...] = ()
    rf_control: C1G2RFControl | None = None
    singulation_control: C1G2SingulationControl | None = None
    challenges: tuple[C1G2Challenge, ...] = ()  # LLRP 2.0
    custom: tuple[Custom, ...] = ()


class C1G2TargetTag(Parameter, number=339):
    mb: U2
    match: Annotated[Bit, Reserved(5)] = False
    pointer: U16
    tag_mask: Bits
    tag_data: Bits


class C1G2TagSpec(Parameter, number=338):
    target_tags: tuple[C1G2TargetTag, ...]


class C1G2Read(Parameter, number=341):
    op_spec_id: U16
    access_password: U32
    mb: Annotated[U2, Reserved(6)]
    word_pointer: U16
    word_count: U16


class C1G2Write(Parameter, number=342):
    op_spec_id: U16
    access_password: U32
    mb: Annotated[U2, Reserved(6)]
    word_pointer: U16
    write_data: U16s


class C1G2Kill(Parameter, number=343):
    op_spec_id: U16
    kill_password: U32


class C1G2Recommission(Parameter, number=357):
    op_spec_id: U16
    kill_password: Annotated[U32, Reserved(5)]
    bit_3sb: Bit = False
    bit_2sb: Bit = False
    bit_lsb: Bit = False


class C1G2LockPayload(Parameter, number=345):
    privilege: E8[C1G2LockPrivilege]
    data_field: E8[C1G2LockDataField]


class C1G2Lock(Parameter, number=344):
    op_spec_id: U16
    access_password: U32
    payloads: tuple[C1G2LockPayload, ...]


class C1G2BlockErase(Parameter, number=346):
    op_spec_id: U16
    access_password: U32
    mb: Annotated[U2, Reserved(6)]
    word_pointer: U16
    word_count: U16


class C1G2BlockWrite(Parameter, number=347):
    op_spec_id: U16
    access_password: U32
    mb: Annotated[U2, Reserved(6)]
    word_pointer: U16
    write_data: U16s


class C1G2BlockPermalock(Parameter, number=358):
    op_spec_id: U16
    access_password: U32
    mb: Annotated[U2, Reserved(6)]
    block_pointer: U16
    block_mask: U16s


class C1G2GetBlockPermalockStatus(Parameter, number=359):
    op_spec_id: U16
    access_password: U32
    mb: Annotated[U2, Reserved(6)]
    block_pointer: U16
    block_range: U16


class C1G2EPCMemorySelector(Parameter, number=348):
    enable_crc: Bit = False
    enable_pc_bits: Bit = False
    enable_xpc_bits: Annotated[Bit, Reserved(5)] = False


class C1G2PC(Parameter, number=12):
    pc_bits: U16


class C1G2XPCW1(Parameter, number=19):
    xpc_w1: U16


class C1G2XPCW2(Parameter, number=20):
    xpc_w2: U16


class C1G2CRC(Parameter, number=11):
    crc: U16


TagData = C1G2PC | C1G2CRC | C1G2XPCW1 | C1G2XPCW2


class C1G2SingulationDetails(Parameter, number=18):
    num_collision_slots: U16
    num_empty_slots: U16


class C1G2ReadOpSpecResult(Parameter, number=349):
    result: E8[C1G2ReadResultType]
    op_spec_id: U16
    read_data: U16s


class C1G2WriteOpSpecResult(Parameter, number=350):
    result: E8[C1G2WriteResultType]
    op_spec_id: U16
    num_words_written: U16


class C1G2KillOpSpecResult(Parameter, number=351):
    result: E8[C1G2KillResultType]
    op_spec_id: U16


class C1G2RecommissionOpSpecResult(Parameter, number=360):
    result: E8[C1G2RecommissionResultType]
    op_spec_id: U16


class C1G2LockOpSpecResult(Parameter, number=352):
    result: E8[C1G2LockResultType]
    op_spec_id: U16


class C1G2BlockEraseOpSpecResult(Parameter, number=353):
    result: E8[C1G2BlockEraseResultType]
    op_spec_id: U16


class C1G2BlockWriteOpSpecResult(Parameter, number=354):
    result: E8[C1G2BlockWriteResultType]
    op_spec_id: U16
    num_words_written: U16


class C1G2BlockPermalockOpSpecResult(Parameter, number=361):
    result: E8[C1G2BlockPermalockResultType]
    op_spec_id: U16


class C1G2GetBlockPermalockStatusOpSpecResult(Parameter, number=362):
    result: E8[C1G2GetBlockPermalockStatusResultType]
    op_spec_id: U16
    permalock_status: U16s
