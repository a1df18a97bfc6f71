"""cloud.toml to frozen structs.  A wrong file is told all its mistakes at once, with their places.

The structs are the table of what is allowed (`edge.toml`).  Relative paths count from the file's
folder.  FIRESTORE_EMULATOR_HOST, if it is set, takes the place of the real Firestore: nothing here
then reaches a real project.
"""

import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from edge import toml

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


class DocumentsTable(msgspec.Struct, frozen=True):
    kind: Kind
    project: Project | None = None
    credentials: Text | None = None  # a service account's key file; else the machine's own
    path: Text = "/var/lib/tagtally/documents.db"
    # Firestore's own: 500 writes a second at first, a cursor once a second.  Not given: kept for a
    # real Firestore, and not for the emulator or a file, which have none.
    limits: bool | None = None


class DocumentsConfig(DocumentsTable, frozen=True):
    emulator: str | None = None  # host:port, from the environment only


class MqttConfig(msgspec.Struct, frozen=True):
    host: Host
    port: TcpPort = 1883
    username: Text | None = None
    password_file: Text | None = None
    ca: Text | None = None  # with it the link is encrypted; brokers listen for that at 8883
    cert: Text | None = None  # the bridge's own certificate
    key: Text | None = None


class BridgeConfig(msgspec.Struct, frozen=True):
    metrics_host: Host = "127.0.0.1"
    metrics_port: TcpPort | None = None  # not given: no metrics are served


class WebConfig(msgspec.Struct, frozen=True):
    host: Host = "127.0.0.1"
    port: TcpPort = 8080


class _File(msgspec.Struct, frozen=True):
    documents: DocumentsTable
    mqtt: MqttConfig | None = None
    bridge: BridgeConfig = BridgeConfig()
    web: WebConfig = WebConfig()


class Config(msgspec.Struct, frozen=True):
    documents: DocumentsConfig
    mqtt: MqttConfig | None  # the bridge alone needs it
    bridge: BridgeConfig
    web: WebConfig


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read head office's file; raise ConfigError with every mistake in it."""
    emulator = environment.get(EMULATOR) or None
    clashes = partial(_misplaced, emulator=emulator)
    file = toml.parse(toml.read_text(path), path, _File, clashes)
    return _placed(file, path.absolute().parent, emulator)


def mqtt_password(config: MqttConfig) -> str | None:
    """Read the password from its file; raise ConfigError if it cannot be read or is empty."""
    if config.password_file is None:
        return None
    return toml.read_secret(Path(config.password_file), "the broker's password")


def _placed(file: _File, folder: Path, emulator: str | None) -> Config:
    """Make paths absolute, and say which Firestore it is."""
    documents, mqtt = file.documents, file.mqtt
    is_emulated = documents.kind is Kind.FIRESTORE and emulator is not None
    is_real = documents.kind is Kind.FIRESTORE and not is_emulated
    placed = DocumentsConfig(
        kind=documents.kind,
        project=documents.project or (EMULATED_PROJECT if is_emulated else None),
        credentials=documents.credentials and str(folder / documents.credentials),
        path=str(folder / documents.path),
        limits=is_real if documents.limits is None else documents.limits,
        emulator=emulator if is_emulated else None,
    )
    for name in ("password_file", "ca", "cert", "key"):
        if mqtt and (path := getattr(mqtt, name)):
            mqtt = msgspec.structs.replace(mqtt, **{name: str(folder / path)})
    return Config(placed, mqtt, file.bridge, file.web)


def _misplaced(data: toml.Data, emulator: str | None) -> Iterator[str]:
    """Yield what fits its type but not its neighbours."""
    yield from toml.incomplete(data, "mqtt", {"cert": ("key", "ca"), "key": ("cert", "ca")})
    documents = data.get("documents")
    if not isinstance(documents, dict):
        return
    kind = documents.get("kind")
    if kind == Kind.EMBEDDED:
        foreign = {"project", "credentials"}
    elif kind == Kind.FIRESTORE:
        foreign = {"path"}
        if "project" not in documents and not emulator:
            wanted = f"{toml.allowed(Project)} (or set {EMULATOR})"
            yield f"documents.project: missing; expected {wanted}"
        if emulator and not emulator.rpartition(":")[2].isdecimal():
            yield f"{EMULATOR}: expected host:port, got {emulator!r:.60}"
    else:
        return
    for key in sorted(foreign & documents.keys()):
        yield f'documents.{key}: has no meaning for kind = "{kind}"'
