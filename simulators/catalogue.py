"""Answers to GET_READER_CAPABILITIES and GET_READER_CONFIG, a vendor's own parts among them."""

import msgspec

from edge.llrp import impinj
from edge.llrp import messages as m
from edge.llrp.constants import GetReaderCapabilitiesRequestedData as Asked
from edge.llrp.fields import Custom
from simulators.capabilities import (
    air_capabilities,
    general_capabilities,
    llrp_capabilities,
    regulatory_capabilities,
)
from simulators.extensions import Extensions
from simulators.profile import Profile
from simulators.refusal import SUCCESS, wrong_field
from simulators.settings import Settings
from simulators.stamps import Stamps

_TEMPERATURE_C = 41
_Wanted = impinj.ImpinjRequestedDataType
_SETTINGS = {  # what a client can set, and ask for
    _Wanted.IMPINJ_LINK_MONITOR_CONFIGURATION: impinj.ImpinjLinkMonitorConfiguration(
        link_monitor_mode=0, link_down_threshold=0
    ),
    _Wanted.IMPINJ_REPORT_BUFFER_CONFIGURATION: impinj.ImpinjReportBufferConfiguration(
        report_buffer_mode=0
    ),
}


class Catalogue:
    def __init__(self, profile: Profile, extensions: Extensions, stamps: Stamps) -> None:
        self._profile, self._extensions, self._stamps = profile, extensions, stamps

    def capabilities(self, request: m.GetReaderCapabilities) -> m.GetReaderCapabilitiesResponse:
        """Answer, or raise Refused for what the reader does not have."""
        asked, profile = request.requested_data, self._profile
        if asked not in Asked.__members__.values():
            raise wrong_field(f"RequestedData {asked}, allowed are 0 to 4")
        self._extensions.check(request)

        def is_asked(what: Asked) -> bool:
            return asked in {Asked.ALL, what}

        general = general_capabilities(profile, has_utc_clock=self._stamps.has_utc)
        air = air_capabilities(profile)
        return m.GetReaderCapabilitiesResponse(
            llrp_status=SUCCESS,
            general_device_capabilities=(
                general if is_asked(Asked.GENERAL_DEVICE_CAPABILITIES) else None
            ),
            llrp_capabilities=(
                llrp_capabilities(profile) if is_asked(Asked.LLRP_CAPABILITIES) else None
            ),
            regulatory_capabilities=(
                regulatory_capabilities(profile)
                if is_asked(Asked.REGULATORY_CAPABILITIES)
                else None
            ),
            air_protocol_capabilities=(
                air if is_asked(Asked.LLRP_AIR_PROTOCOL_CAPABILITIES) else None
            ),
            custom=tuple(
                custom
                for one in request.custom
                if isinstance(one, impinj.ImpinjRequestedData)
                for custom in self._impinj_capabilities(one.requested_data)
            ),
        )

    def configuration(
        self, request: m.GetReaderConfig, settings: Settings
    ) -> m.GetReaderConfigResponse:
        """Answer, or raise Refused for what the reader does not have."""
        self._extensions.check(request)
        customs = tuple(
            custom
            for one in request.custom
            if isinstance(one, impinj.ImpinjRequestedData)
            for custom in _impinj_configuration(one.requested_data, settings)
        )
        return msgspec.structs.replace(settings.tell(request), custom=customs)

    def _impinj_capabilities(self, wanted: int) -> list[Custom]:
        everything = wanted == _Wanted.ALL_CAPABILITIES
        customs: list[Custom] = []
        if everything or wanted == _Wanted.IMPINJ_DETAILED_VERSION:
            customs.append(
                impinj.ImpinjDetailedVersion(
                    model_name="Speedway R420",
                    serial_number="370-00-00-0000",
                    software_version=self._profile.firmware,
                    firmware_version=self._profile.firmware,
                    fpga_version="",
                    pc_bav_ersion="",
                )
            )
        if everything or wanted == _Wanted.IMPINJ_FREQUENCY_CAPABILITIES:
            channels = tuple(sorted(self._profile.channels_khz))
            customs.append(impinj.ImpinjFrequencyCapabilities(frequency_list=channels))
        return customs


def _impinj_configuration(wanted: int, settings: Settings) -> list[Custom]:
    everything = wanted == _Wanted.ALL_CONFIGURATION
    customs = [
        settings.customs.get(type(default), default)
        for kind, default in _SETTINGS.items()
        if everything or wanted == kind
    ]
    if everything or wanted == _Wanted.IMPINJ_READER_TEMPERATURE:
        customs.append(impinj.ImpinjReaderTemperature(temperature=_TEMPERATURE_C))
    return customs
