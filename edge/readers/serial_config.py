"""From a serial reader's configuration to the parts that serve it, and what is wrong with it.

What a protocol cannot do with a value is known by its session alone; so the check makes one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from edge.config import AnyReaderConfig, SerialReaderConfig
from edge.config_serial import UhfReaderConfig
from edge.errors import ConfigError, ReaderError
from edge.options import Region
from edge.serial.probe import Found, Probe
from edge.serial.protocol import SerialProtocol
from edge.serial.registry import PROTOCOLS
from edge.serial.session import SerialSession
from edge.serial.settings import SerialSettings

AUTO = "auto"
_NUMBERED = re.compile(r"/dev/tty(USB|ACM)\d+")


def settings_of(config: SerialReaderConfig) -> SerialSettings:
    return SerialSettings(
        region=config.region,
        antenna_ports=tuple(antenna.port for antenna in config.antennas),
        power_dbm=config.power_dbm,
        gen2_session=config.gen2_session,
        q=config.q,
        read_filter_s=config.read_filter_s,
        bauds=config.bauds,
        rssi_zero_dbm=config.rssi_zero_dbm if isinstance(config, UhfReaderConfig) else None,
    )


def session_of(config: SerialReaderConfig) -> SerialSession:
    """Make the session; raise ConfigError where the protocol cannot do what is asked."""
    return PROTOCOLS[config.protocol].session(settings_of(config))


def session_of_found(config: SerialReaderConfig, found: Found) -> SerialSession:
    """Give the session for what a probe has found, at the rate that it was found at."""
    settings = replace(settings_of(config), bauds=(found.baud,))
    try:
        return found.protocol.session(settings)
    except ConfigError as error:
        raise ReaderError(f"found {found.told}, which cannot be used so: {error}") from error


def probe_for(bauds: Sequence[int] = ()) -> Probe:
    """Make a probe for all protocols, at these rates or else at those that each of them has."""
    protocols = PROTOCOLS.values()
    return Probe([replace(one, bauds=tuple(bauds)) if bauds else one for one in protocols])


def check_readers(readers: Iterable[AnyReaderConfig]) -> None:
    """Raise ConfigError with a line for each value that the reader's protocol cannot have."""
    mistakes = [
        f"reader {reader.name}: {mistake}"
        for reader in readers
        if isinstance(reader, SerialReaderConfig)
        for mistake in _mistakes(reader)
    ]
    if mistakes:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        raise ConfigError("\n  ".join([f"the readers' settings: {count}", *mistakes]))


def notes(readers: Iterable[AnyReaderConfig]) -> list[str]:
    """Say what is no mistake, and may surprise."""
    return [
        f"reader {reader.name}: {reader.device} may be another device after a re-plug; "
        "the names in /dev/serial/by-id and /dev/serial/by-path stay"
        for reader in readers
        if isinstance(reader, SerialReaderConfig) and _NUMBERED.fullmatch(reader.device)
    ]


def _mistakes(reader: SerialReaderConfig) -> Iterator[str]:
    """Yield what no protocol that the reader may speak can do."""
    settings = settings_of(reader)
    names = [*PROTOCOLS] if reader.protocol == AUTO else [reader.protocol]
    found = [[*_mistakes_with(PROTOCOLS[name], settings)] for name in names]
    if all(found):
        yield from dict.fromkeys(mistake for mistakes in found for mistake in mistakes)


def _mistakes_with(protocol: SerialProtocol, settings: SerialSettings) -> Iterator[str]:
    """Yield what a protocol says of each setting by itself, or else of all of them together."""
    plain = _plain_settings(protocol)
    alone = [
        replace(plain, region=settings.region),
        replace(plain, antenna_ports=settings.antenna_ports),
        replace(plain, power_dbm=settings.power_dbm),
        replace(plain, gen2_session=settings.gen2_session),
        replace(plain, q=settings.q),
        replace(plain, read_filter_s=settings.read_filter_s),
        replace(plain, bauds=settings.bauds),
    ]
    told = [mistake for one in alone if (mistake := _mistake(protocol, one))]
    together = _mistake(protocol, settings)
    yield from told or ([together] if together else [])


def _plain_settings(protocol: SerialProtocol) -> SerialSettings:
    """Give settings that the protocol takes."""
    plain = [SerialSettings(region) for region in Region]
    return next(one for one in plain if _mistake(protocol, one) is None)


def _mistake(protocol: SerialProtocol, settings: SerialSettings) -> str | None:
    try:
        protocol.session(settings)
    except ConfigError as error:
        return str(error)
    return None
