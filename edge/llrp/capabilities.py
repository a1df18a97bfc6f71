"""What a reader is and can, told shortly: GET_READER_CAPABILITIES_RESPONSE in a person's units.

What a reader does not tell is 0, empty or false; `max_…` of 0 means that there is no limit
(LLRP 1.0.1 §16.2.3).
"""

import msgspec

from edge.llrp.messages import GetReaderCapabilitiesResponse
from edge.llrp.parameters_capabilities import (
    C1G2UHFRFModeTableEntry,
    FrequencyInformation,
    GeneralDeviceCapabilities,
    LLRPCapabilities,
    UHFBandCapabilities,
)

IMPINJ, ZEBRA = 25882, 161  # private enterprise numbers, as registered with IANA
MANUFACTURERS = {IMPINJ: "Impinj", ZEBRA: "Zebra", 1: "Intermec", 24: "ThingMagic"}


class PowerLevel(msgspec.Struct, frozen=True):
    index: int
    dbm: float


class RfMode(msgspec.Struct, frozen=True):
    identifier: int
    m_value: str
    data_rate_bps: int
    tari_ns: tuple[int, int]


class Capabilities(msgspec.Struct, frozen=True):
    vendor: int = 0
    model: int = 0
    firmware: str = ""
    antennas: int = 0
    gpis: int = 0
    gpos: int = 0
    has_utc_clock: bool = False
    holds_reports: bool = False
    warns_of_full_buffer: bool = False
    state_aware: bool = False
    max_rospecs: int = 0
    max_access_specs: int = 0
    max_op_specs: int = 0
    country: int = 0
    standard: str = ""
    power_levels: tuple[PowerLevel, ...] = ()  # the weakest first
    hops: bool = False
    hop_tables: tuple[int, ...] = ()  # their ids
    channels_khz: tuple[int, ...] = ()  # where it does not hop
    modes: tuple[RfMode, ...] = ()

    @property
    def is_impinj(self) -> bool:
        return self.vendor == IMPINJ

    @property
    def make(self) -> str:
        """Say in words what the reader is."""
        if not self.vendor and not self.model:
            return "reader of unknown make"
        maker = MANUFACTURERS.get(self.vendor)
        maker = f"{maker} ({self.vendor})" if maker else str(self.vendor)
        return f"manufacturer {maker}, model {self.model}, firmware {self.firmware}"


def capabilities_of(response: GetReaderCapabilitiesResponse) -> Capabilities:
    regulatory = response.regulatory_capabilities
    band = regulatory.uhf_band_capabilities if regulatory else None
    facts: dict[str, object] = {}
    if response.general_device_capabilities:
        facts |= _of_device(response.general_device_capabilities)
    if response.llrp_capabilities:
        facts |= _of_llrp(response.llrp_capabilities)
    if regulatory:
        standard = regulatory.communications_standard
        name = getattr(standard, "name", str(standard))
        facts |= {"country": regulatory.country_code, "standard": name}
    if band:
        facts |= _of_band(band)
    return Capabilities(**facts)  # type: ignore[arg-type]  # the functions below have the types


def _of_device(device: GeneralDeviceCapabilities) -> dict[str, object]:
    return {
        "vendor": device.device_manufacturer_name,
        "model": device.model_name,
        "firmware": device.reader_firmware_version,
        "antennas": device.max_number_of_antenna_supported,
        "gpis": device.gpio_capabilities.num_gpis,
        "gpos": device.gpio_capabilities.num_gpos,
        "has_utc_clock": device.has_utc_clock_capability,
    }


def _of_llrp(llrp: LLRPCapabilities) -> dict[str, object]:
    return {
        "holds_reports": llrp.supports_event_and_report_holding,
        "warns_of_full_buffer": llrp.can_report_buffer_fill_warning,
        "state_aware": llrp.can_do_tag_inventory_state_aware_singulation,
        "max_rospecs": llrp.max_num_rospecs,
        "max_access_specs": llrp.max_num_access_specs,
        "max_op_specs": llrp.max_num_op_specs_per_access_spec,
    }


def _of_band(band: UHFBandCapabilities) -> dict[str, object]:
    levels = [
        PowerLevel(entry.index, entry.transmit_power_value / 100)
        for entry in band.transmit_power_level_table_entries
    ]
    modes = [_mode(entry) for table in band.rf_mode_tables for entry in table.entries]
    return {
        "power_levels": tuple(sorted(levels, key=lambda level: (level.dbm, level.index))),
        "modes": tuple(modes),
        **_of_frequencies(band.frequency_information),
    }


def _of_frequencies(frequencies: FrequencyInformation) -> dict[str, object]:
    fixed = frequencies.fixed_frequency_table
    return {
        "hops": frequencies.hopping,
        "hop_tables": tuple(table.hop_table_id for table in frequencies.frequency_hop_tables),
        "channels_khz": fixed.frequency if fixed else (),
    }


def _mode(entry: C1G2UHFRFModeTableEntry) -> RfMode:
    m_value = getattr(entry.m_value, "name", str(entry.m_value)).removeprefix("MV_")
    tari = entry.min_tari_value, entry.max_tari_value
    return RfMode(entry.mode_identifier, m_value, entry.bdr_value, tari)
