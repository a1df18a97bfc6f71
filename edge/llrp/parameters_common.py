"""Parameters that many others hold: times, numbers of specs, EPCs, the status of an answer.

LLRP 1.0.1 §16.2.2, §16.2.7.3 and §16.2.8.
"""

from typing import Annotated

from edge.llrp.constants import StatusCode
from edge.llrp.fields import E16, U16, U32, U64, Bits, Fixed, Parameter, Text


class UTCTimestamp(Parameter, number=128):
    microseconds: U64


class Uptime(Parameter, number=129):
    microseconds: U64


Timestamp = UTCTimestamp | Uptime


class ROSpecID(Parameter, number=9):
    rospec_id: U32


class SpecIndex(Parameter, number=14):
    spec_index: U16


class InventoryParameterSpecID(Parameter, number=10):
    inventory_parameter_spec_id: U16


class AntennaID(Parameter, number=1):
    antenna_id: U16


class AccessSpecID(Parameter, number=16):
    access_spec_id: U32


class OpSpecID(Parameter, number=17):
    op_spec_id: U16


class EPCData(Parameter, number=241):
    epc: Bits


class EPC96(Parameter, number=13):
    epc: Annotated[bytes, Fixed(12)]


EPCParameter = EPCData | EPC96


class FieldError(Parameter, number=288):
    field_num: U16
    error_code: E16[StatusCode]


class ParameterError(Parameter, number=289):
    parameter_type: U16
    error_code: E16[StatusCode]
    field_error: FieldError | None = None
    parameter_error: "ParameterError | None" = None


class LLRPStatus(Parameter, number=287):
    status_code: E16[StatusCode]
    error_description: Text = ""
    field_error: FieldError | None = None
    parameter_error: ParameterError | None = None
