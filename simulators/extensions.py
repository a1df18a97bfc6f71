"""Which vendor's parameters a simulated reader takes, and where in a message each may stand."""

from collections.abc import Iterator, Mapping

from edge.llrp import impinj, zebra
from edge.llrp.constants import StatusCode
from edge.llrp.fields import Custom, CustomParameter, Element
from edge.llrp.messages import GetReaderCapabilities, GetReaderConfig, SetReaderConfig
from edge.llrp.parameters_c1g2 import C1G2InventoryCommand
from edge.llrp.parameters_rospec import ROReportSpec
from simulators.profile import Profile
from simulators.refusal import wrong_parameter

_IMPINJ_PLACES: Mapping[type[Custom], tuple[type[Element], ...]] = {
    impinj.ImpinjTagReportContentSelector: (ROReportSpec,),
    impinj.ImpinjInventorySearchMode: (C1G2InventoryCommand,),
    impinj.ImpinjFixedFrequencyList: (C1G2InventoryCommand,),
    impinj.ImpinjReducedPowerFrequencyList: (C1G2InventoryCommand,),
    impinj.ImpinjLowDutyCycle: (C1G2InventoryCommand,),
    impinj.ImpinjLinkMonitorConfiguration: (SetReaderConfig,),
    impinj.ImpinjReportBufferConfiguration: (SetReaderConfig,),
    impinj.ImpinjAccessSpecConfiguration: (SetReaderConfig,),
    impinj.ImpinjGPIDebounceConfiguration: (SetReaderConfig,),
    impinj.ImpinjAdvancedGPOConfiguration: (SetReaderConfig,),
    impinj.ImpinjRequestedData: (GetReaderCapabilities, GetReaderConfig),
}


class Extensions:
    """Impinj's are taken once IMPINJ_ENABLE_EXTENSIONS was sent on this connection."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.is_enabled = False
        self.reset()

    def reset(self) -> None:
        """Begin a connection."""
        self.is_enabled = not self._profile.quirks.needs_extensions

    def check(self, element: Element) -> None:
        """Raise Refused for a vendor's parameter within that this reader does not take there."""
        for parent, custom in _customs(element):
            why = self._objection(parent, custom)
            if why:
                raise wrong_parameter(type(custom), why, code=StatusCode.P_UNSUPPORTED_PARAMETER)

    def _objection(self, parent: Element, custom: Custom) -> str:
        vendor = custom.vendor_identifier if isinstance(custom, CustomParameter) else custom.vendor
        if vendor != self._profile.vendor or vendor not in {impinj.VENDOR, zebra.VENDOR}:
            return f"an extension of vendor {vendor}, the reader is of {self._profile.vendor}"
        if not self.is_enabled:
            return "extensions are to be enabled first, on every connection"
        if isinstance(custom, CustomParameter):
            return f"the reader knows no extension with subtype {custom.parameter_subtype}"
        places = _IMPINJ_PLACES.get(type(custom), ())
        if places and not isinstance(parent, places):
            allowed = " and ".join(place.__name__ for place in places)
            return f"{type(custom).__name__} in {type(parent).__name__}, allowed is {allowed}"
        return ""


def _customs(element: Element) -> Iterator[tuple[Element, Custom]]:
    """Find every vendor's parameter within, with what it stands in."""
    for name in element.__struct_fields__:
        value = getattr(element, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Custom):
                yield element, part
            if isinstance(part, Element):
                yield from _customs(part)
