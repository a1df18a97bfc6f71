"""What a store's configuration says of counting, in the engine's words; and its fitted weights."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from edge import toml
from edge.config import Config
from edge.config_zones import ZoneConfig
from edge.engine.changes import EngineSettings
from edge.engine.profiles import PROFILES, Profile, profile_name_of_kind, profile_of_kind
from edge.engine.weights import GENERIC, Weights
from edge.engine.zones import Antenna
from edge.errors import ConfigError

_VERSION = 1


def antenna_zones(config: Config) -> dict[Antenna, str]:
    """Give the zones of the antennas that stay where they are."""
    handhelds = config.handhelds()
    return {
        (reader.name, antenna.port): antenna.zone
        for reader in config.readers
        if reader.name not in handhelds
        for antenna in reader.antennas
    }


def engine_settings(config: Config) -> EngineSettings:
    presence = config.presence
    return EngineSettings(
        epoch_s=presence.epoch_s,
        absence_s=presence.absence_s,
        company_prefixes=presence.company_prefixes,
        track_strays=presence.track_strays,
        selling_zones=frozenset(zone.name for zone in config.zones if zone.sells),
        bulk_exit_items=presence.bulk_exit.items,
        bulk_exit_s=presence.bulk_exit.within_s,
    )


def zone_profiles(config: Config) -> dict[str, Profile]:
    """Give the profiles of the zones that are described; the others have those of their kinds."""
    return {zone.name: _profile(zone) for zone in config.zones}


def profile_names(config: Config) -> dict[str, str]:
    """Give for each zone its profile's name, and what it has otherwise."""
    described = {zone.name: zone for zone in config.zones}
    names = {}
    for name, kind in config.zone_kinds().items():
        zone = described.get(name, ZoneConfig(name, kind))
        values = [f"{key} {value:g}" for key, value in zone.override.set_values().items()]
        names[name] = ", ".join([zone.profile or profile_name_of_kind(kind), *values])
    return names


def store_weights(config: Config) -> Weights:
    """Give the store's own weights, the shipped ones without; raise ConfigError as load_weights."""
    path = config.presence.calibration
    return GENERIC if path is None else load_weights(Path(path))


def load_weights(path: Path) -> Weights:
    """Read what `tagtally-edge calibrate` has written; raise ConfigError for anything else."""
    try:
        weights = msgspec.json.decode(toml.read_text(path), type=Weights)
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{path}: not what `tagtally-edge calibrate` writes: {error}") from error
    if weights.version != _VERSION:
        raise ConfigError(f"{path}: version {weights.version}, expected {_VERSION}: calibrate anew")
    return weights


def model_name(config: Config) -> str:
    """Say by which model zones are told."""
    path = config.presence.calibration
    return f"calibrated by {path}" if path else "uncalibrated, told by the shipped model"


def notes(config: Config, weights: Weights) -> Iterator[str]:
    """Yield what is allowed, and probably not meant."""
    covered = set(antenna_zones(config).values())
    for zone in config.zones:
        if zone.name not in covered:
            yield f"zone {zone.name} has no antenna: nothing is ever counted there"
    if config.presence.calibration is None:
        yield "`tagtally-edge calibrate` makes a store's own model of its zones"
        return
    yield from _notes_of_weights(config, weights)


def _notes_of_weights(config: Config, weights: Weights) -> Iterator[str]:
    antennas = antenna_zones(config)
    known = {f"{reader}:{port}" for reader, port in antennas}
    fitted = {name for zone in weights.zones.values() for name in zone.antennas}
    path = config.presence.calibration
    if absent := sorted(fitted - known):
        yield f"{path}: knows antennas that are not here: {', '.join(absent)}; calibrate anew"
    if added := sorted(known - fitted):
        yield f"{path}: does not know antenna {', '.join(added)}; calibrate anew"
    if zones := sorted(weights.zones.keys() - set(antennas.values())):
        yield f"{path}: knows zones that are not here: {', '.join(zones)}"
    if plain := sorted(set(antennas.values()) - weights.zones.keys()):
        yield f"{path}: zones told by the shipped model: {', '.join(plain)}"


def _profile(zone: ZoneConfig) -> Profile:
    profile = PROFILES[zone.profile] if zone.profile else profile_of_kind(zone.kind)
    changed = msgspec.structs.replace(profile, **zone.override.set_values())
    if changed.missing_max_s < changed.missing_min_s:
        # One of the two is the profile's own: what the store says of the other stands.
        bound = {"missing_max_s": changed.missing_min_s}
        if zone.override.missing_min_s is None:
            bound = {"missing_min_s": changed.missing_max_s}
        changed = msgspec.structs.replace(changed, **bound)
    return changed
