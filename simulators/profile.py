"""What the simulated reader is and can do: a fixed reader for Europe, of no known maker.

Power levels are 10 to 30 dBm in steps of 0.25 dB, by index from 1; channels are ETSI's four, by
index from 1 (EN 302 208).  It does not hop, so that there is no hop table.
"""

from dataclasses import dataclass

from edge.llrp.constants import (
    AirProtocols,
    C1G2DRValue,
    C1G2ForwardLinkModulation,
    C1G2MValue,
    C1G2SpectralMaskIndicator,
    CommunicationsStandard,
)
from edge.llrp.parameters_c1g2 import C1G2InventoryCommand, C1G2RFControl, C1G2SingulationControl
from edge.llrp.parameters_capabilities import (
    C1G2LLRPCapabilities,
    C1G2UHFRFModeTable,
    C1G2UHFRFModeTableEntry,
    FixedFrequencyTable,
    FrequencyInformation,
    GeneralDeviceCapabilities,
    GPIOCapabilities,
    LLRPCapabilities,
    PerAntennaAirProtocol,
    ReceiveSensitivityTableEntry,
    RegulatoryCapabilities,
    TransmitPowerLevelTableEntry,
    UHFBandCapabilities,
)
from edge.llrp.parameters_config import AntennaProperties, Identification
from edge.llrp.parameters_rospec import AntennaConfiguration, RFReceiver, RFTransmitter

MANUFACTURER = 32473  # the enterprise number that RFC 5612 keeps for examples
MODEL = 1
FIRMWARE = "1.0.1"
MOST_ROSPECS = 4
POWER_INDICES = range(1, 82)
CHANNELS_KHZ = (865_700, 866_300, 866_900, 867_500)
_GERMANY = 276
_ANTENNA_GAIN = 600  # hundredths of dBi
_READER_ID = bytes.fromhex("02005efffe100000")  # an EUI-64 of local administration

# identifier: M value, backscatter data rate in bit/s, PIE, Tari in ns
MODES = {
    0: (C1G2MValue.MV_FM0, 640_000, 1500, 6250),
    1: (C1G2MValue.MV_2, 640_000, 1500, 6250),
    2: (C1G2MValue.MV_4, 274_000, 2000, 20_000),
    3: (C1G2MValue.MV_8, 170_600, 2000, 20_000),
}


@dataclass(frozen=True, slots=True)
class Profile:
    antennas: int

    @property
    def antenna_ports(self) -> range:
        return range(1, self.antennas + 1)

    def general(self) -> GeneralDeviceCapabilities:
        gen2 = int(AirProtocols.EPC_GLOBAL_CLASS1_GEN2)
        return GeneralDeviceCapabilities(
            max_number_of_antenna_supported=self.antennas,
            has_utc_clock_capability=True,
            device_manufacturer_name=MANUFACTURER,
            model_name=MODEL,
            reader_firmware_version=FIRMWARE,
            receive_sensitivity_table_entries=(
                ReceiveSensitivityTableEntry(index=1, receive_sensitivity_value=0),
            ),
            gpio_capabilities=GPIOCapabilities(num_gpis=0, num_gpos=0),
            per_antenna_air_protocols=tuple(
                PerAntennaAirProtocol(antenna_id=port, protocol_id=(gen2,))
                for port in self.antenna_ports
            ),
        )

    def llrp(self) -> LLRPCapabilities:
        return LLRPCapabilities(
            supports_event_and_report_holding=True,
            max_num_priority_levels_supported=0,
            client_request_op_spec_timeout=0,
            max_num_rospecs=MOST_ROSPECS,
            max_num_specs_per_rospec=0,  # without limit
            max_num_inventory_parameter_specs_per_aispec=1,
            max_num_access_specs=0,
            max_num_op_specs_per_access_spec=0,
        )

    def regulatory(self) -> RegulatoryCapabilities:
        return RegulatoryCapabilities(
            country_code=_GERMANY,
            communications_standard=CommunicationsStandard.ETSI_302_208,
            uhf_band_capabilities=UHFBandCapabilities(
                transmit_power_level_table_entries=tuple(
                    TransmitPowerLevelTableEntry(
                        index=index, transmit_power_value=1000 + 25 * (index - 1)
                    )
                    for index in POWER_INDICES
                ),
                frequency_information=FrequencyInformation(
                    fixed_frequency_table=FixedFrequencyTable(frequency=CHANNELS_KHZ)
                ),
                rf_mode_tables=(C1G2UHFRFModeTable(entries=tuple(map(_mode, MODES))),),
            ),
        )

    def air_protocol(self) -> C1G2LLRPCapabilities:
        return C1G2LLRPCapabilities(max_num_select_filters_per_query=0)

    def identification(self) -> Identification:
        return Identification(id_type=0, reader_id=_READER_ID)

    def antenna_properties(self) -> tuple[AntennaProperties, ...]:
        return tuple(
            AntennaProperties(antenna_connected=True, antenna_id=port, antenna_gain=_ANTENNA_GAIN)
            for port in self.antenna_ports
        )

    def antenna_configurations(self) -> tuple[AntennaConfiguration, ...]:
        """Give the factory's setting of each antenna: full power, dense reader mode."""
        return tuple(
            AntennaConfiguration(
                antenna_id=port,
                rf_receiver=RFReceiver(receiver_sensitivity=1),
                rf_transmitter=RFTransmitter(
                    hop_table_id=0, channel_index=1, transmit_power=POWER_INDICES[-1]
                ),
                inventory_commands=(
                    C1G2InventoryCommand(
                        rf_control=C1G2RFControl(mode_index=2, tari=0),
                        singulation_control=C1G2SingulationControl(
                            session=1, tag_population=32, tag_transit_time=0
                        ),
                    ),
                ),
            )
            for port in self.antenna_ports
        )


def _mode(identifier: int) -> C1G2UHFRFModeTableEntry:
    m_value, rate, pie, tari = MODES[identifier]
    return C1G2UHFRFModeTableEntry(
        mode_identifier=identifier,
        dr_value=C1G2DRValue.DRV_64_3,
        m_value=m_value,
        forward_link_modulation=C1G2ForwardLinkModulation.PR_ASK,
        spectral_mask_indicator=C1G2SpectralMaskIndicator.DI,
        bdr_value=rate,
        pie_value=pie,
        min_tari_value=tari,
        max_tari_value=tari,
        step_tari_value=0,
    )
