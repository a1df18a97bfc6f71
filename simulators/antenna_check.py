"""Whether this reader's radio can be set as an AntennaConfiguration wants (LLRP 1.0.1 §12.2.6)."""

from edge.llrp.constants import (
    C1G2StateAwareAction,
    C1G2StateAwareTarget,
    C1G2StateUnawareAction,
    StatusCode,
)
from edge.llrp.parameters_c1g2 import (
    C1G2Filter,
    C1G2InventoryCommand,
    C1G2RFControl,
    C1G2TagInventoryStateAwareFilterAction,
    C1G2TagInventoryStateAwareSingulationAction,
    C1G2TagInventoryStateUnawareFilterAction,
)
from edge.llrp.parameters_rospec import AntennaConfiguration, RFReceiver, RFTransmitter
from simulators.capabilities import HOP_TABLE
from simulators.profile import Profile
from simulators.refusal import wrong_parameter


def check_antenna_configuration(configuration: AntennaConfiguration, profile: Profile) -> None:
    """Raise Refused with the field that is wrong."""
    port, receiver = configuration.antenna_id, configuration.rf_receiver
    if port and port not in profile.antenna_ports:
        raise wrong_parameter(AntennaConfiguration, unknown_antenna(port, profile), 0)
    if receiver and receiver.receiver_sensitivity not in profile.sensitivity_indices:
        allowed = _allowed(profile.sensitivity_indices)
        why = f"ReceiverSensitivity {receiver.receiver_sensitivity}, {allowed}"
        raise wrong_parameter(RFReceiver, why, 0)
    if configuration.rf_transmitter:
        _check_transmitter(configuration.rf_transmitter, profile)
    for command in configuration.inventory_commands:
        _check_command(command, profile)


def unknown_antenna(port: int, profile: Profile) -> str:
    return f"antenna {port}, the reader has 1 to {profile.antennas}"


def _check_transmitter(transmitter: RFTransmitter, profile: Profile) -> None:
    if profile.hops and transmitter.hop_table_id != HOP_TABLE:
        why = f"HopTableID {transmitter.hop_table_id}, allowed is {HOP_TABLE}"
        raise wrong_parameter(RFTransmitter, why, 0)
    if transmitter.channel_index > len(profile.channels_khz):
        why = f"ChannelIndex {transmitter.channel_index}, {_allowed(profile.channels_khz, 1)}"
        raise wrong_parameter(RFTransmitter, why, 1)
    if transmitter.transmit_power not in profile.power.indices:
        why = f"TransmitPower {transmitter.transmit_power}, {_allowed(profile.power.indices)}"
        raise wrong_parameter(RFTransmitter, why, 2)


def _check_command(command: C1G2InventoryCommand, profile: Profile) -> None:
    if command.tag_inventory_state_aware and not profile.state_aware:
        why = "the reader cannot do state-aware singulation"
        raise wrong_parameter(C1G2InventoryCommand, why, 0)
    if command.rf_control:
        _check_mode(command.rf_control, profile)
    most = profile.limits.filters
    if len(command.filters) > most:
        why = f"{len(command.filters)} C1G2Filters, allowed are {most} at most"
        raise wrong_parameter(C1G2Filter, why, code=StatusCode.P_OVERFLOW_PARAMETER)
    for select in command.filters:
        _check_filter(select, is_state_aware=command.tag_inventory_state_aware)
    singulation = command.singulation_control
    action = singulation.state_aware_singulation_action if singulation else None
    if action is not None and not profile.state_aware:
        why = "the reader cannot do state-aware singulation"
        kind = C1G2TagInventoryStateAwareSingulationAction
        raise wrong_parameter(kind, why, code=StatusCode.P_UNSUPPORTED_PARAMETER)


def _check_mode(control: C1G2RFControl, profile: Profile) -> None:
    modes = {mode.identifier: mode for mode in profile.modes}
    mode = modes.get(control.mode_index)
    if mode is None:
        why = f"ModeIndex {control.mode_index}, allowed are {', '.join(map(str, modes))}"
        raise wrong_parameter(C1G2RFControl, why, 0)
    if control.tari and not mode.min_tari <= control.tari <= mode.max_tari:
        why = f"Tari {control.tari}, allowed are 0 and {mode.min_tari} to {mode.max_tari}"
        raise wrong_parameter(C1G2RFControl, why, 1)


def _check_filter(select: C1G2Filter, *, is_state_aware: bool) -> None:
    aware, unaware = select.state_aware_filter_action, select.state_unaware_filter_action
    if select.tag_inventory_mask.mb == 0:
        raise wrong_parameter(C1G2Filter, "bank 0 cannot be selected by, allowed are 1 to 3", 0)
    if (aware is not None) != is_state_aware:
        kind = C1G2TagInventoryStateAwareFilterAction
        why = "it belongs to state-aware inventory, and must be there then"
        raise wrong_parameter(kind, why, code=StatusCode.P_UNEXPECTED_PARAMETER)
    if aware and aware.target not in C1G2StateAwareTarget.__members__.values():
        raise wrong_parameter(type(aware), f"Target {aware.target}, allowed are 0 to 4", 0)
    if aware and aware.action not in C1G2StateAwareAction.__members__.values():
        raise wrong_parameter(type(aware), f"Action {aware.action}, allowed are 0 to 7", 1)
    if unaware and unaware.action not in C1G2StateUnawareAction.__members__.values():
        kind_ = C1G2TagInventoryStateUnawareFilterAction
        raise wrong_parameter(kind_, f"Action {unaware.action}, allowed are 0 to 5", 0)


def _allowed(known: range | tuple[int, ...], first: int | None = None) -> str:
    if first is not None:
        return f"allowed are {first} to {first + len(known) - 1}"
    return f"allowed are {known[0]} to {known[-1]}"
