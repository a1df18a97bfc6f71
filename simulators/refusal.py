"""Why a reader does not do what it is asked (LLRP 1.0.1 §14.2)."""

from edge.llrp import Fault, FaultCause
from edge.llrp.constants import StatusCode
from edge.llrp.fields import Parameter
from edge.llrp.parameters_common import FieldError, LLRPStatus, ParameterError

SUCCESS = LLRPStatus(status_code=StatusCode.M_SUCCESS)

_FAULT_CODES = {
    FaultCause.UNKNOWN_MESSAGE: StatusCode.M_UNSUPPORTED_MESSAGE,
    FaultCause.UNKNOWN_PARAMETER: StatusCode.M_UNKNOWN_PARAMETER,
    FaultCause.UNEXPECTED_PARAMETER: StatusCode.M_UNEXPECTED_PARAMETER,
    FaultCause.MISSING_PARAMETER: StatusCode.M_MISSING_PARAMETER,
}


class Refused(Exception):
    """A request that is answered with an error; `status` is what the answer says of it."""

    def __init__(self, status: LLRPStatus) -> None:
        super().__init__(status.error_description)
        self.status = status


def wrong_message(code: int, why: str) -> Refused:
    return Refused(LLRPStatus(status_code=code, error_description=why))


def wrong_bytes(fault: Fault) -> Refused:
    """Refuse what is not as the standard's tables say."""
    code = _FAULT_CODES.get(fault.cause, StatusCode.M_PARAMETER_ERROR)
    where = f" in {fault.where}" if fault.where else ""
    return wrong_message(code, f"{fault.cause}{where}: {fault.detail}")


def wrong_field(why: str, field: int = 0) -> Refused:
    """Refuse a field of the message, counted from 0 as they stand in it."""
    return Refused(
        LLRPStatus(
            status_code=StatusCode.M_FIELD_ERROR,
            error_description=why,
            field_error=FieldError(field_num=field, error_code=StatusCode.A_INVALID),
        )
    )


def wrong_parameter(
    parameter: type[Parameter],
    why: str,
    field: int | None = None,
    code: StatusCode = StatusCode.P_FIELD_ERROR,
) -> Refused:
    """Refuse a parameter of the message, or one of its fields, counted from 0."""
    field_error = None
    if field is not None:
        field_error = FieldError(field_num=field, error_code=StatusCode.A_INVALID)
    return Refused(
        LLRPStatus(
            status_code=StatusCode.M_PARAMETER_ERROR,
            error_description=why,
            parameter_error=ParameterError(
                parameter_type=parameter.number, error_code=code, field_error=field_error
            ),
        )
    )
