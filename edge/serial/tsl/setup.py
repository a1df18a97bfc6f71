"""What a handheld is told before its trigger is used; all of it is lost when it sleeps.

The region is fixed in the hardware and the protocol does not tell it: a handheld is bought for the
place where it is used.  PC and CRC of each tag are asked for, since nothing else checks a line.
"""

from collections.abc import Callable

from edge.errors import ConfigError
from edge.serial.settings import SerialSettings
from edge.serial.tsl.commands import Command
from edge.serial.tsl.states import State

LEAST_DBM, MOST_DBM = 4, 30  # of any model; a handheld refuses what is not its own


class Setup:
    """Raises ConfigError for settings that no handheld can have."""

    def __init__(self, settings: SerialSettings) -> None:
        if len(settings.antenna_ports) > 1:
            raise ConfigError(f"TSL: antenna ports {settings.antenna_ports}; a handheld has one")
        if settings.read_filter_s:
            raise ConfigError("TSL: the protocol has no read filter")
        power = settings.power_dbm
        if power is not None and (power != int(power) or not LEAST_DBM <= power <= MOST_DBM):
            allowed = f"{LEAST_DBM} to {MOST_DBM}, whole"
            raise ConfigError(f"TSL: power of {power} dBm; allowed: {allowed}")
        self._settings = settings

    def command(self, state: State) -> Command:
        return _COMMANDS[state](self._settings)


def _inventory(settings: SerialSettings) -> Command:
    """Set the inventory of the trigger, without doing one."""
    told = [("x", ""), ("n", ""), ("r", "on"), ("e", "on"), ("c", "on")]
    told += [("qs", f"s{settings.gen2_session}"), ("qt", "a")]
    if settings.q is None:
        told += [("qa", "dyn")]
    else:
        told += [("qa", "fix"), ("qv", str(settings.q))]
    if settings.power_dbm is not None:
        told += [("o", f"{int(settings.power_dbm):02d}")]
    return Command("iv", tuple(told))


_COMMANDS: dict[State, Callable[[SerialSettings], Command]] = {
    State.PROBING: lambda _: Command("vr"),
    State.ASKING_BATTERY: lambda _: Command("bl"),
    State.SETTING_INVENTORY: _inventory,
    State.SETTING_TRIGGER: lambda _: Command("sa", (("a", "on"), ("s", "inv"))),
    State.CHECKING_BATTERY: lambda _: Command("bl"),
}
