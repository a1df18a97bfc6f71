"""store.toml to frozen structs.  A wrong file is told all its mistakes at once, with their places.

The structs are the table of what is allowed (`edge.toml`).  Relative paths count from the file's
folder.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar

import msgspec
from msgspec import Meta

from edge import config_local, config_readers, config_zones, toml
from edge.config_local import LocalConfig, RefillConfig
from edge.config_readers import (
    AccessConfig,
    AntennaConfig,
    Host,
    ReaderConfig,
    TcpPort,
    Text,
    settled,
)
from edge.config_serial import (
    AutoConfig,
    M100Config,
    MercuryConfig,
    R2000Config,
    SerialReaderConfig,
    TslConfig,
    UhfReaderConfig,
)
from edge.config_zones import PresenceConfig, ZoneConfig
from edge.errors import ConfigError
from edge.model import ZoneKind

# Given on to who reads a Config.
__all__ = ["AntennaConfig", "PresenceConfig", "ReaderConfig", "SerialReaderConfig", "ZoneConfig"]

AnyReaderConfig: TypeAlias = (
    ReaderConfig
    | MercuryConfig
    | R2000Config
    | UhfReaderConfig
    | TslConfig
    | M100Config
    | AutoConfig
)

Table = TypeVar("Table", bound=msgspec.Struct)

StoreId = Annotated[
    str,
    Meta(
        pattern=r"\A[a-z0-9][a-z0-9-]{0,39}\Z",
        description="1 to 40 of a-z, 0-9 and -, the first a letter or a digit",
    ),
]


class StoreConfig(msgspec.Struct, frozen=True):
    id: StoreId
    name: Text | None = None  # for people; the id where none is given


class MqttConfig(msgspec.Struct, frozen=True):
    host: Host
    port: TcpPort = 1883
    username: Text | None = None
    password_file: Text | None = None
    ca: Text | None = None  # with it the link is encrypted; brokers listen for that at 8883
    cert: Text | None = None  # this store's own certificate, whose name is the store's id
    key: Text | None = None


class StorageConfig(msgspec.Struct, frozen=True):
    path: Text = "/var/lib/tagtally/store.db"


_ClosingTime = Annotated[float, Meta(ge=10, le=86400, description="a number from 10 to 86400")]


class SyncConfig(msgspec.Struct, frozen=True):
    # Changes of one second share a delta: head office sees them soon, and pays for few writes.
    flush_s: Annotated[float, Meta(ge=0.05, le=3600, description="a number from 0.05 to 3600")] = (
        1.0
    )
    # So long all readers must have been up before a new file's counts take the place of others.
    rebuild_s: Annotated[float, Meta(ge=0, le=86400, description="a number from 0 to 86400")] = (
        900.0
    )
    events: bool = False  # tell head office each item's events besides the counts


_Epc = Annotated[
    str,
    Meta(
        pattern=r"\A([0-9a-fA-F]{4}){1,31}\Z",
        description="an EPC, hexadecimal, in groups of four digits",
    ),
]


class CountsConfig(msgspec.Struct, frozen=True):
    """When a count session that nobody has closed is closed."""

    idle_s: _ClosingTime = 1800.0  # nothing new was heard for so long
    trigger_idle_s: _ClosingTime = 300.0  # the same, of one that a handheld's trigger has opened
    longest_s: Annotated[
        float, Meta(ge=60, le=604800, description="a number from 60 to 604800")
    ] = 28_800.0
    close_epc: _Epc | None = None  # a handheld that reads this tag closes its session


class Config(msgspec.Struct, frozen=True):
    store: StoreConfig
    readers: Annotated[
        tuple[AnyReaderConfig, ...], Meta(min_length=1, description="one [[readers]] or more")
    ]
    mqtt: MqttConfig
    zones: Annotated[tuple[ZoneConfig, ...], Meta(description="[[zones]]")] = ()
    storage: StorageConfig = StorageConfig()
    presence: PresenceConfig = PresenceConfig()
    sync: SyncConfig = SyncConfig()
    counts: CountsConfig = CountsConfig()
    access: AccessConfig = AccessConfig()
    local: LocalConfig = LocalConfig()
    refill: RefillConfig = RefillConfig()

    def handhelds(self) -> dict[str, str]:
        """Give the readers that people carry about, each with the zone that its trigger counts."""
        return {
            reader.name: reader.antennas[0].zone
            for reader in self.readers
            if isinstance(reader, TslConfig) and reader.handheld
        }

    def zone_kinds(self) -> dict[str, ZoneKind]:
        """Give every zone that is described or covered by an antenna, with its kind, by name."""
        described = {zone.name: zone.kind for zone in self.zones}
        covered = {antenna.zone for reader in self.readers for antenna in reader.antennas}
        return {
            name: described.get(name, ZoneKind.SALES_FLOOR)
            for name in sorted(covered | {*described})
        }


def load(path: Path) -> Config:
    """Read a store's file; raise ConfigError with every mistake in it."""
    return parse(toml.read_text(path), path)


def parse(text: str, path: Path) -> Config:
    """Read the text of the file at `path`, which errors name and relative paths count from."""
    config = toml.parse(text, path, Config, _clashes)
    return _with_absolute_paths(config, path.absolute().parent)


def mqtt_password(config: Config) -> str | None:
    """Read the password from its file; raise ConfigError if it cannot be read or is empty."""
    if config.mqtt.password_file is None:
        return None
    return toml.read_secret(Path(config.mqtt.password_file), "the broker's password")


def local_token(config: Config) -> str | None:
    """Read the token of the HTTP endpoint; raise ConfigError if it cannot be read or is none."""
    if config.local.token_file is None:
        return None
    path = Path(config.local.token_file)
    token = toml.read_secret(path, "a token").strip()
    if not (token.isascii() and token.isprintable() and token) or " " in token:
        raise ConfigError(f"{path}: expected a token: one line of letters, digits and signs")
    return token


def _with_absolute_paths(config: Config, folder: Path) -> Config:
    storage = StorageConfig(str(folder / config.storage.path))
    mqtt = _absolute(config.mqtt, folder, "password_file", "ca", "cert", "key")
    local = _absolute(config.local, folder, "token_file", "drop")
    refill = _absolute(config.refill, folder, "minimums")
    presence = _absolute(config.presence, folder, "calibration")
    readers = tuple(
        settled(reader, folder) if isinstance(reader, ReaderConfig) else reader
        for reader in config.readers
    )
    return msgspec.structs.replace(
        config,
        storage=storage,
        mqtt=mqtt,
        readers=readers,
        local=local,
        refill=refill,
        presence=presence,
    )


def _absolute(table: Table, folder: Path, *names: str) -> Table:
    """Give a table with the files that it names as seen from a folder."""
    named = {name: getattr(table, name) for name in names}
    paths = {name: str(folder / file) for name, file in named.items() if file is not None}
    return msgspec.structs.replace(table, **paths)


def _clashes(data: toml.Data) -> Iterator[str]:
    yield from config_readers.clashes(data)
    yield from config_zones.clashes(data)
    yield from config_local.clashes(data)
    yield from toml.incomplete(data, "mqtt", {"cert": ("key", "ca"), "key": ("cert", "ca")})
