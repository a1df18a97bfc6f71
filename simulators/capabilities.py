"""What a simulated reader tells of itself when it is asked (LLRP 1.0.1 §16.2.3, §16.2.7.5)."""

from edge.llrp.constants import AirProtocols
from edge.llrp.parameters_c1g2 import (
    C1G2InventoryCommand,
    C1G2RFControl,
    C1G2SingulationControl,
    C1G2TagInventoryStateAwareSingulationAction,
)
from edge.llrp.parameters_capabilities import (
    C1G2LLRPCapabilities,
    C1G2UHFRFModeTable,
    C1G2UHFRFModeTableEntry,
    FixedFrequencyTable,
    FrequencyHopTable,
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
from edge.llrp.parameters_config import Identification
from edge.llrp.parameters_rospec import AntennaConfiguration, RFReceiver, RFTransmitter
from edge.llrp.zebra import (
    MotoAntennaConfig,
    MotoAntennaPhysicalPortConfig,
    MotoAntennaQueryConfig,
    MotoAntennaStopCondition,
)
from simulators.modes import Mode
from simulators.profile import Profile

HOP_TABLE = 1
_ZEBRA_STOP_MS = 400


def general_capabilities(profile: Profile, *, has_utc_clock: bool) -> GeneralDeviceCapabilities:
    gen2 = int(AirProtocols.EPC_GLOBAL_CLASS1_GEN2)
    return GeneralDeviceCapabilities(
        max_number_of_antenna_supported=profile.antennas,
        has_utc_clock_capability=has_utc_clock,
        device_manufacturer_name=profile.vendor,
        model_name=profile.model,
        reader_firmware_version=profile.firmware,
        receive_sensitivity_table_entries=tuple(
            ReceiveSensitivityTableEntry(index=index, receive_sensitivity_value=value)
            for index, value in zip(profile.sensitivity_indices, profile.sensitivities, strict=True)
        ),
        gpio_capabilities=GPIOCapabilities(num_gpis=profile.gpis, num_gpos=profile.gpos),
        per_antenna_air_protocols=tuple(
            PerAntennaAirProtocol(antenna_id=port, protocol_id=(gen2,))
            for port in profile.antenna_ports
        ),
    )


def llrp_capabilities(profile: Profile) -> LLRPCapabilities:
    limits = profile.limits
    return LLRPCapabilities(
        can_do_rf_survey=profile.does_rf_survey,
        can_report_buffer_fill_warning=True,
        can_do_tag_inventory_state_aware_singulation=profile.state_aware,
        supports_event_and_report_holding=True,
        max_num_priority_levels_supported=limits.lowest_priority,
        client_request_op_spec_timeout=0,
        max_num_rospecs=limits.rospecs,
        max_num_specs_per_rospec=limits.specs_per_rospec,
        max_num_inventory_parameter_specs_per_aispec=1,
        max_num_access_specs=limits.access_specs,
        max_num_op_specs_per_access_spec=limits.op_specs,
    )


def regulatory_capabilities(profile: Profile) -> RegulatoryCapabilities:
    return RegulatoryCapabilities(
        country_code=profile.country,
        communications_standard=profile.standard,
        uhf_band_capabilities=UHFBandCapabilities(
            transmit_power_level_table_entries=tuple(
                TransmitPowerLevelTableEntry(
                    index=index, transmit_power_value=profile.power.value(index)
                )
                for index in profile.power.indices
            ),
            frequency_information=_frequencies(profile),
            rf_mode_tables=(C1G2UHFRFModeTable(entries=tuple(map(_mode, profile.modes))),),
        ),
    )


def air_capabilities(profile: Profile) -> C1G2LLRPCapabilities:
    return C1G2LLRPCapabilities(
        can_support_block_erase=profile.block_erase,
        can_support_block_write=profile.block_write,
        can_support_block_permalock=profile.block_permalock,
        max_num_select_filters_per_query=profile.limits.filters,
    )


def identification(profile: Profile) -> Identification:
    return Identification(id_type=0, reader_id=profile.reader_id)


def antenna_configurations(profile: Profile) -> dict[int, AntennaConfiguration]:
    """Give the factory's setting of each antenna: full power."""
    return {
        port: AntennaConfiguration(
            antenna_id=port,
            rf_receiver=RFReceiver(receiver_sensitivity=profile.first_sensitivity),
            rf_transmitter=RFTransmitter(
                hop_table_id=HOP_TABLE if profile.hops else 0,
                channel_index=profile.defaults.channel,
                transmit_power=profile.power.indices[-1],
            ),
            inventory_commands=(_inventory_command(profile, port),),
        )
        for port in profile.antenna_ports
    }


def _inventory_command(profile: Profile, port: int) -> C1G2InventoryCommand:
    state_aware = custom = None
    if profile.quirks.reports_zebra:
        state_aware = C1G2TagInventoryStateAwareSingulationAction(i=0, s=1)
        custom = MotoAntennaConfig(
            moto_antenna_stop_condition=MotoAntennaStopCondition(
                antenna_stop_trigger=0, antenna_stop_condition_value=_ZEBRA_STOP_MS
            ),
            moto_antenna_physical_port_config=MotoAntennaPhysicalPortConfig(
                physical_transmit_port=port, physical_receive_port=port
            ),
            moto_antenna_query_config=MotoAntennaQueryConfig(),
        )
    return C1G2InventoryCommand(
        rf_control=C1G2RFControl(mode_index=profile.defaults.mode, tari=0),
        singulation_control=C1G2SingulationControl(
            session=profile.defaults.session,
            tag_population=profile.defaults.population,
            tag_transit_time=0,
            state_aware_singulation_action=state_aware,
        ),
        custom=(custom,) if custom is not None else (),
    )


def _frequencies(profile: Profile) -> FrequencyInformation:
    if profile.hops:
        table = FrequencyHopTable(hop_table_id=HOP_TABLE, frequency=profile.channels_khz)
        return FrequencyInformation(hopping=True, frequency_hop_tables=(table,))
    return FrequencyInformation(
        fixed_frequency_table=FixedFrequencyTable(frequency=profile.channels_khz)
    )


def _mode(mode: Mode) -> C1G2UHFRFModeTableEntry:
    return C1G2UHFRFModeTableEntry(
        mode_identifier=mode.identifier,
        dr_value=mode.dr,
        epc_hagtc_conformance=mode.is_hag_conformant,
        m_value=mode.m_value,
        forward_link_modulation=mode.forward_link,
        spectral_mask_indicator=mode.mask,
        bdr_value=mode.rate,
        pie_value=mode.pie,
        min_tari_value=mode.min_tari,
        max_tari_value=mode.max_tari,
        step_tari_value=mode.step_tari,
    )
