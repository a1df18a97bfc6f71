"""What readers of several makes say of themselves, as short as a test of ours needs it."""

import msgspec

from edge.llrp import messages as m
from edge.llrp.fields import Custom
from edge.llrp.parameters_capabilities import (
    C1G2UHFRFModeTable,
    C1G2UHFRFModeTableEntry,
    FixedFrequencyTable,
    FrequencyHopTable,
    FrequencyInformation,
    RegulatoryCapabilities,
    TransmitPowerLevelTableEntry,
    UHFBandCapabilities,
)
from tests.support.llrp_conversation import CAPABILITIES, OK

INTERMEC, IMPINJ, ZEBRA, NOBODY = 1, 25882, 161, 4_000_000_000


def capabilities(
    vendor: int,
    *,
    hop_table: int | None = None,
    modes: tuple[int, ...] = (1,),
    antennas: int = 4,
    custom: tuple[Custom, ...] = (),
) -> m.GetReaderCapabilitiesResponse:
    """Give power by whole dBm, index 1 being 10 dBm; without a hop table one fixed channel."""
    device = msgspec.structs.replace(
        CAPABILITIES, device_manufacturer_name=vendor, max_number_of_antenna_supported=antennas
    )
    band = UHFBandCapabilities(
        transmit_power_level_table_entries=tuple(
            TransmitPowerLevelTableEntry(index=1 + step, transmit_power_value=1000 + 100 * step)
            for step in range(21)
        ),
        frequency_information=_frequencies(hop_table),
        rf_mode_tables=(C1G2UHFRFModeTable(entries=tuple(map(_mode, modes))),),
    )
    return m.GetReaderCapabilitiesResponse(
        llrp_status=OK,
        general_device_capabilities=device,
        regulatory_capabilities=RegulatoryCapabilities(
            country_code=840, communications_standard=1, uhf_band_capabilities=band
        ),
        custom=custom,
    )


def _frequencies(hop_table: int | None) -> FrequencyInformation:
    if hop_table is None:
        fixed = FixedFrequencyTable(frequency=(865_700,))
        return FrequencyInformation(hopping=False, fixed_frequency_table=fixed)
    table = FrequencyHopTable(hop_table_id=hop_table, frequency=(902_750, 903_250))
    return FrequencyInformation(hopping=True, frequency_hop_tables=(table,))


def _mode(identifier: int) -> C1G2UHFRFModeTableEntry:
    return C1G2UHFRFModeTableEntry(
        mode_identifier=identifier,
        dr_value=True,
        epc_hagtc_conformance=False,
        m_value=2,
        forward_link_modulation=0,
        spectral_mask_indicator=3,
        bdr_value=250_000,
        pie_value=1500,
        min_tari_value=12_500,
        max_tari_value=12_500,
        step_tari_value=0,
    )
