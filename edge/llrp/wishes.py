"""What is wished of a reader's radio, as far as this reader can do it.

Power comes from the reader's own table: the level nearest to the wish that is not above it, and
the highest where the wish is above them all, with a warning.  A reader that could only be louder
than was wished is not used: nobody may radiate more than a person has said.
"""

from collections.abc import Mapping

import msgspec

from edge.errors import ReaderRefused
from edge.llrp.capabilities import Capabilities, PowerLevel
from edge.llrp.parameters_rospec import RFTransmitter
from edge.llrp.settings import LlrpSettings

ALL_ANTENNAS = 0
_STEP_DBM = 1.0  # tables go by steps of up to one: less above the wish is not called louder


class Granted(msgspec.Struct, frozen=True):
    """`transmitters` by antenna port, or for all of them; none where nothing is wished."""

    transmitters: dict[int, RFTransmitter] = {}
    rf_mode: int | None = None
    warnings: tuple[str, ...] = ()


def grant(
    settings: LlrpSettings,
    capabilities: Capabilities,
    configured: Mapping[int, RFTransmitter] | None = None,
) -> Granted:
    """Turn wishes into the reader's own numbers; `configured` is how its antennas are set now.

    Raises ReaderRefused where a wish cannot be kept to.
    """
    warnings: list[str] = []
    wishes = _power_wishes(settings, capabilities)
    transmitters = {
        port: _transmitter(port, dbm, capabilities, configured or {}, warnings)
        for port, dbm in wishes.items()
    }
    mode = settings.rf_mode
    known = [mode.identifier for mode in capabilities.modes]
    if mode is not None and known and mode not in known:
        allowed = ", ".join(map(str, known))
        warnings.append(f"RF mode {mode} is not one of this reader's ({allowed}): it takes its own")
        mode = None
    return Granted(transmitters, mode, tuple(dict.fromkeys(warnings)))


def _power_wishes(settings: LlrpSettings, capabilities: Capabilities) -> dict[int, float]:
    """Give the power that is wished for each antenna port, under 0 where it is one for all."""
    if not settings.antenna_power_dbm:
        return {} if settings.power_dbm is None else {ALL_ANTENNAS: settings.power_dbm}
    ports = settings.antenna_ports or range(1, capabilities.antennas + 1)
    wishes = {port: settings.antenna_power_dbm.get(port, settings.power_dbm) for port in ports}
    return {port: dbm for port, dbm in wishes.items() if dbm is not None}


def _transmitter(
    port: int,
    wish_dbm: float,
    capabilities: Capabilities,
    configured: Mapping[int, RFTransmitter],
    warnings: list[str],
) -> RFTransmitter:
    level = _level(wish_dbm, capabilities, warnings)
    now = configured.get(port) or next(iter(configured.values()), None)
    if now is None:
        hop_table, channel = _frequency(capabilities)
    else:  # where to send is not our matter: it stays as it is
        hop_table, channel = now.hop_table_id, now.channel_index
    return RFTransmitter(hop_table_id=hop_table, channel_index=channel, transmit_power=level.index)


def _level(wish_dbm: float, capabilities: Capabilities, warnings: list[str]) -> PowerLevel:
    levels = capabilities.power_levels
    if not levels:
        raise ReaderRefused(
            "the power", 0, f"{wish_dbm:g} dBm are wished, but it tells no table of its power"
        )
    lowest, highest = levels[0], levels[-1]
    if wish_dbm < lowest.dbm - _STEP_DBM:
        reason = f"{wish_dbm:g} dBm are wished, and it cannot go below {lowest.dbm:g} dBm"
        raise ReaderRefused("the power", 0, reason)
    level = max((one for one in levels if one.dbm <= wish_dbm), key=_dbm, default=lowest)
    if wish_dbm > highest.dbm or wish_dbm < lowest.dbm:
        span = f"it can do {lowest.dbm:g} to {highest.dbm:g} dBm"
        warnings.append(f"{wish_dbm:g} dBm are wished, {span}: set to {level.dbm:g} dBm")
    return level


def _dbm(level: PowerLevel) -> float:
    return level.dbm


def _frequency(capabilities: Capabilities) -> tuple[int, int]:
    """Give HopTableID and ChannelIndex (LLRP 1.0.1 §16.2.6) as the reader itself knows them."""
    if capabilities.hops and capabilities.hop_tables:
        return capabilities.hop_tables[0], 0
    return 0, 1 if capabilities.channels_khz else 0
