"""What LLRP 2.0 added: security of Gen2 version 2 tags.

From one open transcription of the standard, not tested with a reader: none that speaks LLRP 2.0 was
met yet.  The numbers stand for these parameters in every version, except those in `CHANGED`, whose
layout is another one before 2.0.  Flags are named by the standard's letters (`l_` is L).
"""

from typing import Annotated

from edge.llrp.fields import U2, U8, U16, U32, Bit, Bits, Parameter, Reserved, Unsigned


class CryptoResponse(Parameter, number=290):
    resp_bit_len: U16
    message: Bits


class C1G2UntraceableOpSpecResult(Parameter, number=364):
    result: U8
    op_spec_id: U16


class C1G2Challenge(Parameter, number=366):
    l_: Annotated[bool, Reserved(6), Unsigned(1)]
    e: Bit = False
    csi: U8
    msg_len: U16
    message: Bits
    extend_on_time: U32


class C1G2Authenticate(Parameter, number=367):
    op_spec_id: U16
    access_password: U32
    s: Bit = False
    l_: Annotated[Bit, Reserved(6)] = False
    csi: U8
    msg_len: U16
    message: Bits


class C1G2AuthComm(Parameter, number=368):
    op_spec_id: U16
    access_password: U32
    l_: Annotated[Bit, Reserved(7)] = False
    msg_len: U16
    message: Bits


class C1G2SecureComm(Parameter, number=369):
    op_spec_id: U16
    access_password: U32
    s: Bit = False
    l_: Annotated[Bit, Reserved(6)] = False
    msg_len: U16
    message: Bits


class C1G2ReadBuffer(Parameter, number=370):
    op_spec_id: U16
    access_password: U32
    word_ptr: U16
    num_bits: U16


class C1G2KeyUpdate(Parameter, number=372):
    op_spec_id: U16
    access_password: U32
    s: Bit = False
    l_: Annotated[Bit, Reserved(6)] = False
    key_id: U16
    msg_len: U16
    message: Bits


class C1G2TagPrivilege(Parameter, number=373):
    op_spec_id: U16
    access_password: U32
    s: Bit = False
    l_: Bit = False
    a: Bit = False
    t: Annotated[Bit, Reserved(4)] = False
    key_id: U16
    privilege: U16


class C1G2AuthenticateOpSpecResult(Parameter, number=374):
    result: U8
    op_spec_id: U16
    resp_bit_len: U16
    response: Bits


class C1G2AuthCommOpSpecResult(Parameter, number=375):
    result: U8
    op_spec_id: U16
    resp_bit_len: U16
    response: Bits


class C1G2SecureCommOpSpecResult(Parameter, number=376):
    result: U8
    op_spec_id: U16
    resp_bit_len: U16
    response: Bits


class C1G2ReadBufferOpSpecResult(Parameter, number=377):
    result: U8
    op_spec_id: U16
    resp_bit_len: U16
    response: Bits


class C1G2KeyUpdateOpSpecResult(Parameter, number=378):
    result: U8
    op_spec_id: U16
    resp_bit_len: U16
    response: Bits


class C1G2TagPrivilegeOpSpecResult(Parameter, number=379):
    result: U8
    op_spec_id: Annotated[U16, Reserved(7)]
    t: Bit = False
    key_id: U16
    privilege: U16


class C1G2Untraceable(Parameter, number=380):
    op_spec_id: U16
    access_password: U32
    u: Annotated[Bit, Reserved(1)] = False
    epc: Annotated[int, Unsigned(6)]
    tid: U2
    user: Bit = False
    range_: Annotated[U2, Reserved(3)]


class ExtendOnTime(Parameter, number=381):
    time: U32


Gen2v2OpSpec = (
    C1G2Authenticate
    | C1G2AuthComm
    | C1G2SecureComm
    | C1G2ReadBuffer
    | C1G2KeyUpdate
    | C1G2TagPrivilege
    | C1G2Untraceable
)
Gen2v2OpSpecResult = (
    C1G2AuthenticateOpSpecResult
    | C1G2AuthCommOpSpecResult
    | C1G2SecureCommOpSpecResult
    | C1G2ReadBufferOpSpecResult
    | C1G2KeyUpdateOpSpecResult
    | C1G2TagPrivilegeOpSpecResult
    | C1G2UntraceableOpSpecResult
)


class C1G2LLRPCapabilitiesGen2v2(Parameter, number=327):
    """What stands for C1G2LLRPCapabilities where the header says LLRP 2.0."""

    can_support_block_erase: Bit = False
    can_support_block_write: Bit = False
    can_support_block_permalock: Bit = False
    can_support_tag_recommissioning: Bit = False
    can_support_umi_method2: Bit = False
    can_support_xpc: Annotated[Bit, Reserved(2)] = False
    max_num_select_filters_per_query: U16
    can_support_untraceable: Bit = False
    can_support_challenge: Bit = False
    can_support_authenticate: Bit = False
    can_support_auth_comm: Bit = False
    can_support_secure_comm: Bit = False
    can_support_key_update: Bit = False
    can_support_tag_privilege: Bit = False
    can_support_read_buffer: Bit = False
    can_support_extended_power_on_period: Annotated[Bit, Reserved(7)] = False


CHANGED: tuple[type[Parameter], ...] = (C1G2LLRPCapabilitiesGen2v2,)
