"""cloud.toml to frozen structs.  A wrong file is told all its mistakes at once, with their places.

The structs are the table of what is allowed; the description in a field's `Meta` says it to a
person.  Relative paths count from the file's folder.  FIRESTORE_EMULATOR_HOST, if it is set, takes
the place of the real Firestore: nothing here then reaches a real project.
"""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from edge.errors import ConfigError

EMULATOR = "FIRESTORE_EMULATOR_HOST"
EMULATED_PROJECT = "demo-tagtally"  # `demo-…` names no real project, by Firebase's convention

Text = Annotated[str, Meta(min_length=1, max_length=1000, description="1 to 1000 characters")]
Host = Annotated[str, Meta(pattern=r"\A[^\s/]{1,253}\Z", description="a host name or address")]
TcpPort = Annotated[int, Meta(ge=1, le=65535, description="an integer from 1 to 65535")]
Project = Annotated[
    str,
    Meta(
        pattern=r"\A[a-z][a-z0-9-]{4,28}[a-z0-9]\Z",
        description="a Google Cloud project id: 6 to 30 of a-z, 0-9 and -, the first a letter",
    ),
]


class Kind(StrEnum):
    FIRESTORE = "firestore"
    EMBEDDED = "embedded"


class DocumentsConfig(msgspec.Struct, frozen=True):
    kind: Kind
    project: Project | None = None
    credentials: Text | None = None  # a service account's key file; else the machine's own
    path: Text = "/var/lib/tagtally/documents.db"
    emulator: str | None = None  # host:port, from the environment only


class MqttConfig(msgspec.Struct, frozen=True):
    host: Host
    port: TcpPort = 1883
    username: Text | None = None
    password_file: Text | None = None


class WebConfig(msgspec.Struct, frozen=True):
    host: Host = "127.0.0.1"
    port: TcpPort = 8080


class Config(msgspec.Struct, frozen=True):
    documents: DocumentsConfig
    mqtt: MqttConfig | None = None  # the bridge alone needs it
    web: WebConfig = WebConfig()


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read head office's file; raise ConfigError with every mistake in it."""
    try:
        data = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    emulator = environment.get(EMULATOR)
    mistakes = [*_mistakes(Config, data, ""), *_misplaced(data, emulator)]
    if mistakes:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        raise ConfigError("\n  ".join([f"{path}: {count}", *mistakes]))
    return _placed(msgspec.convert(data, Config), path.absolute().parent, emulator or None)


def mqtt_password(config: MqttConfig) -> str | None:
    """Read the password from its file; raise ConfigError if it cannot be read or is empty."""
    if config.password_file is None:
        return None
    path = Path(config.password_file)
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


def _placed(config: Config, folder: Path, emulator: str | None) -> Config:
    """Make paths absolute, and say which Firestore it is."""
    replace = msgspec.structs.replace
    documents, mqtt = config.documents, config.mqtt
    credentials = documents.credentials and str(folder / documents.credentials)
    path = str(folder / documents.path)
    documents = replace(documents, credentials=credentials, path=path)
    if documents.kind is Kind.FIRESTORE and emulator:
        project = documents.project or EMULATED_PROJECT
        documents = replace(documents, emulator=emulator, project=project)
    if mqtt and mqtt.password_file:
        mqtt = replace(mqtt, password_file=str(folder / mqtt.password_file))
    return replace(config, documents=documents, mqtt=mqtt)


# What is wrong, by places.


def _mistakes(kind: type[msgspec.Struct], table: object, place: str) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"{place}: expected a table, got {table!r:.60}"
        return
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    fields.pop("emulator", None)
    prefix = f"{place}." if place else ""
    for key in table.keys() - fields.keys():
        near = difflib.get_close_matches(key, fields, n=1)
        hint = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(fields)}"
        yield f"{prefix}{key}: unknown key; {hint}"
    for name, field in fields.items():
        inner = next((each for each in _members(field.type) if _is_table(each)), None)
        if name not in table:
            if field.required:
                yield f"{prefix}{name}: missing; expected {_allowed(field.type)}"
        elif inner:
            yield from _mistakes(inner, table[name], f"{prefix}{name}")
        elif not _fits(table[name], field.type):
            yield f"{prefix}{name}: expected {_allowed(field.type)}, got {table[name]!r:.60}"


def _misplaced(data: Mapping[str, Any], emulator: str | None) -> Iterator[str]:
    """Yield what fits its type but not its neighbours."""
    documents = data.get("documents")
    if not isinstance(documents, dict):
        return
    kind = documents.get("kind")
    if kind == Kind.EMBEDDED:
        foreign = {"project", "credentials"}
    elif kind == Kind.FIRESTORE:
        foreign = {"path"}
        if "project" not in documents and not emulator:
            yield f"documents.project: missing; expected {_allowed(Project)} (or set {EMULATOR})"
        if emulator and not emulator.rpartition(":")[2].isdecimal():
            yield f"{EMULATOR}: expected host:port, got {emulator!r:.60}"
    else:
        return
    for key in sorted(foreign & documents.keys()):
        yield f'documents.{key}: has no meaning for kind = "{kind}"'


def _members(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401  (what a field is annotated with)
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _is_table(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _fits(value: object, kind: Any) -> bool:  # noqa: ANN401
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _allowed(kind: Any) -> str:  # noqa: ANN401
    """Say in a person's words what a field takes."""
    for each in _members(kind):
        if get_origin(each) is Annotated:
            described = (meta.description for meta in get_args(each) if isinstance(meta, Meta))
            return next(text for text in described if text)
        if isinstance(each, type) and issubclass(each, StrEnum):
            return f"one of {', '.join(each)}"
    return "a table"
