"""store.toml to frozen structs.  A wrong file is told all its mistakes at once, with their places.

The structs are the table of what is allowed: a field's type says what is accepted, and the
description in its `Meta` says the same to a person.  Relative paths count from the file's folder.
"""

import datetime as dt
import difflib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias, get_args, get_origin

import msgspec
from msgspec import Meta

from edge.errors import ConfigError
from edge.model import ZoneKind

_WORD = "1 to 40 of a-z, 0-9, - and _, the first a letter or a digit"
_LATER_PROTOCOLS = ("mercury", "r2000", "uhfreader", "tsl", "m100", "auto")

Kind: TypeAlias = Any  # what a field is annotated with, for which typing has no name

StoreId = Annotated[
    str,
    Meta(
        pattern=r"\A[a-z0-9][a-z0-9-]{0,39}\Z",
        description="1 to 40 of a-z, 0-9 and -, the first a letter or a digit",
    ),
]
Word = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9_-]{0,39}\Z", description=_WORD)]
Text = Annotated[str, Meta(min_length=1, max_length=200, description="1 to 200 characters")]
Host = Annotated[
    str,
    Meta(
        pattern=r"\A[^\s/:]{1,253}\Z|\A[0-9a-fA-F:.]{2,45}\Z", description="a host name or address"
    ),
]
TcpPort = Annotated[int, Meta(ge=1, le=65535, description="an integer from 1 to 65535")]
AntennaPort = Annotated[int, Meta(ge=1, le=255, description="an integer from 1 to 255")]


class ReaderProtocol(StrEnum):
    LLRP = "llrp"


class AntennaConfig(msgspec.Struct, frozen=True):
    port: AntennaPort
    zone: Word


class ReaderConfig(msgspec.Struct, frozen=True):
    name: Word
    protocol: ReaderProtocol
    host: Host
    antennas: Annotated[
        tuple[AntennaConfig, ...],
        Meta(min_length=1, description="one [[readers.antennas]] or more"),
    ]
    port: TcpPort = 5084  # LLRP's, as registered with IANA


class ZoneConfig(msgspec.Struct, frozen=True):
    name: Word
    kind: ZoneKind


class StoreConfig(msgspec.Struct, frozen=True):
    id: StoreId
    name: Text | None = None  # for people; the id where none is given


class MqttConfig(msgspec.Struct, frozen=True):
    host: Host
    port: TcpPort = 1883
    username: Text | None = None
    password_file: Text | None = None


class StorageConfig(msgspec.Struct, frozen=True):
    path: Text = "/var/lib/tagtally/store.db"


class PresenceConfig(msgspec.Struct, frozen=True):
    # Two seconds hold a read of every antenna of a reader that multiplexes four of them.
    epoch_s: Annotated[float, Meta(ge=0.1, le=60, description="a number from 0.1 to 60")] = 2.0
    # Where none is given, each tag may be silent for as long as its own reads allow.
    absence_s: (
        Annotated[float, Meta(ge=1, le=604800, description="a number from 1 to 604800")] | None
    ) = None


class SyncConfig(msgspec.Struct, frozen=True):
    # Changes of one second share a delta: head office sees them soon, and pays for few writes.
    flush_s: Annotated[float, Meta(ge=0.05, le=3600, description="a number from 0.05 to 3600")] = (
        1.0
    )


class Config(msgspec.Struct, frozen=True):
    store: StoreConfig
    readers: Annotated[
        tuple[ReaderConfig, ...], Meta(min_length=1, description="one [[readers]] or more")
    ]
    mqtt: MqttConfig
    zones: Annotated[tuple[ZoneConfig, ...], Meta(description="[[zones]]")] = ()
    storage: StorageConfig = StorageConfig()
    presence: PresenceConfig = PresenceConfig()
    sync: SyncConfig = SyncConfig()

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
    return parse(_text(path), path)


def parse(text: str, path: Path) -> Config:
    """Read the text of the file at `path`, which errors name and relative paths count from."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    if mistakes := [*_mistakes(Config, data, ""), *_clashes(data)]:
        raise ConfigError("\n  ".join([f"{path}: {_counted(len(mistakes))}", *mistakes]))
    config = msgspec.convert(data, Config)
    return _with_absolute_paths(config, path.absolute().parent)


def mqtt_password(config: Config) -> str | None:
    """Read the password from its file; raise ConfigError if it cannot be read or is empty."""
    if config.mqtt.password_file is None:
        return None
    path = Path(config.mqtt.password_file)
    if password := _text(path).strip("\r\n"):
        return password
    raise ConfigError(f"{path}: expected the broker's password, the file is empty")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error


def _with_absolute_paths(config: Config, folder: Path) -> Config:
    storage = StorageConfig(str(folder / config.storage.path))
    mqtt = config.mqtt
    if mqtt.password_file is not None:
        mqtt = msgspec.structs.replace(mqtt, password_file=str(folder / mqtt.password_file))
    return msgspec.structs.replace(config, storage=storage, mqtt=mqtt)


# What is wrong with one value, and in it.


def _mistakes(kind: Kind, value: object, place: str) -> Iterator[str]:
    """Yield each way in which `value` is no `kind`: a struct, a tuple of structs, or a leaf."""
    origin: object = get_origin(kind)
    bare = get_args(kind)[0] if origin is Annotated else kind
    if get_origin(bare) is tuple:
        yield from _mistakes_of_list(kind, get_args(bare)[0], value, place)
    elif isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        yield from _mistakes_of_table(bare, value, place)
    elif kind is ReaderProtocol and value in _LATER_PROTOCOLS:
        allowed = ", ".join(ReaderProtocol)
        yield f"{place}: {_shown(value)} is not available in this version; allowed: {allowed}"
    elif not _fits(value, kind):
        yield f"{place}: expected {_allowed(kind)}, got {_shown(value)}"


def _mistakes_of_table(kind: type[msgspec.Struct], value: object, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: expected a table, got {_shown(value)}"
        return
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    prefix = f"{place}." if place else ""
    for key in [key for key in value if key not in fields]:
        near = difflib.get_close_matches(key, fields, n=1)
        hint = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(fields)}"
        yield f"{prefix}{key}: unknown key; {hint}"
    for name, field in fields.items():
        if name in value:
            yield from _mistakes(field.type, value[name], f"{prefix}{name}")
        elif field.required:
            yield f"{prefix}{name}: missing; expected {_allowed(field.type)}"


def _mistakes_of_list(
    kind: Kind,
    item_kind: type[msgspec.Struct],
    value: object,
    place: str,
) -> Iterator[str]:
    if not isinstance(value, list) or not (value or _fits((), kind)):
        yield f"{place}: expected {_allowed(kind)}, got {_shown(value)}"
        return
    for index, item in enumerate(value):
        yield from _mistakes(item_kind, item, f"{place}[{index}]")


def _fits(value: object, kind: Kind) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _allowed(kind: Kind) -> str:
    """Say in a person's words what a field takes."""
    for meta in _annotations(kind):
        if meta.description:
            return meta.description
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return f"one of {', '.join(kind)}"
    return "a table"


def _annotations(kind: Kind) -> Iterator[Meta]:
    """Yield the Meta of an annotated type, or of the members of a union such as `Text | None`."""
    for part in get_args(kind):
        if isinstance(part, Meta):
            yield part
        elif get_origin(part) is Annotated:
            yield from _annotations(part)


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return (
            f"{'an empty' if not value else 'a'} {'table' if isinstance(value, dict) else 'list'}"
        )
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


# What is wrong between values that are well by themselves.


def _clashes(data: Mapping[str, object]) -> Iterator[str]:
    readers = list(_tables(data, "readers", ""))
    yield from _doubles(readers, ("name",))
    yield from _doubles(readers, ("host", "port"), {"port": 5084})
    for place, reader in readers:
        yield from _doubles(_tables(reader, "antennas", f"{place}."), ("port",))
    yield from _doubles(_tables(data, "zones", ""), ("name",))


def _tables(
    data: Mapping[str, object], key: str, prefix: str
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the tables of a list with their places; what is no table has been complained of."""
    found = data.get(key)
    for index, value in enumerate(found if isinstance(found, list) else []):
        if isinstance(value, dict):
            yield f"{prefix}{key}[{index}]", value


def _doubles(
    tables: Iterable[tuple[str, Mapping[str, object]]],
    keys: tuple[str, ...],
    defaults: Mapping[str, object] | None = None,
) -> Iterator[str]:
    """Yield a mistake for each table that has the same values of `keys` as one before it."""
    taken: dict[str, str] = {}
    for place, table in tables:
        if keys[0] not in table:
            continue
        values = [{**(defaults or {}), **table}.get(key) for key in keys]
        shown = ":".join(_shown(value).strip('"') for value in values)
        first = taken.setdefault(shown, place)
        if first != place:
            yield f"{place}.{keys[0]}: {shown} is taken by {first} already"


def _counted(mistakes: int) -> str:
    return "1 mistake" if mistakes == 1 else f"{mistakes} mistakes"
