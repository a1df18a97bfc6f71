"""Rejects a ROSpec for a part of it that is right, when the reader is told to (`reject-rospec`)."""

from collections.abc import Iterator

from edge.llrp.constants import StatusCode
from edge.llrp.fields import Parameter
from edge.llrp.parameters_rospec import ROSpec
from simulators.faults import Faults
from simulators.refusal import wrong_parameter


def check_not_rejected(spec: ROSpec, faults: Faults) -> None:
    """Raise Refused if the ROSpec holds the parameter that is to be rejected."""
    values = faults.get("reject-rospec")
    if values is None:
        return
    name = values.text("part")
    part = next((part for part in _parts(spec) if type(part).__name__ == name), None)
    if part is not None:
        faults.take("reject-rospec")
        field = values.whole("field")
        why = f"as ordered: {name} is rejected, field {field}"
        raise wrong_parameter(type(part), why, field, StatusCode(values.whole("code")))


def _parts(element: Parameter) -> Iterator[Parameter]:
    yield element
    for name in element.__struct_fields__:
        value = getattr(element, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Parameter):
                yield from _parts(part)
