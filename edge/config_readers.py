"""What store.toml says of a reader: where it is, what it is to do, and how it is spoken to."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from edge import toml
from edge.options import AccessRight, ClockPolicy, Dial, LlrpVersion, ROSpecPolicy, SearchMode

_WORD = "1 to 40 of a-z, 0-9, - and _, the first a letter or a digit"
LLRP_PORT, LLRP_TLS_PORT = 5084, 5085  # as registered with IANA

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
Dbm = Annotated[float, Meta(ge=-10, le=40, description="dBm, a number from -10 to 40")]
Fingerprint = Annotated[
    str,
    Meta(
        pattern=r"\A([0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}\Z",
        description="a certificate's SHA-256, 64 hexadecimal digits, with colons or without",
    ),
]
Milliseconds = Annotated[
    int, Meta(ge=10, le=60_000, description="milliseconds, an integer from 10 to 60000")
]
RfMode = Annotated[int, Meta(ge=0, le=65535, description="an integer from 0 to 65535")]


class TlsVersion(StrEnum):
    V1_0 = "1.0"
    V1_1 = "1.1"
    V1_2 = "1.2"
    V1_3 = "1.3"


class AntennaConfig(msgspec.Struct, frozen=True):
    port: AntennaPort
    zone: Word
    power_dbm: Dbm | None = None  # the reader's, where none is given


class TlsConfig(msgspec.Struct, frozen=True):
    """Readers sign their certificates themselves: one is known by who signed it, or by itself."""

    ca_file: Text | None = None
    fingerprint: Fingerprint | None = None
    server_name: Text | None = None  # in the certificate, where it is not the host
    certificate: Text | None = None  # ours, for readers that want one
    key: Text | None = None
    minimum_version: TlsVersion = TlsVersion.V1_2
    ciphers: Text | None = None  # OpenSSL's notation, for readers that know old ones only


class LowDutyCycleConfig(msgspec.Struct, frozen=True):
    empty_field_ms: Milliseconds
    ping_ms: Milliseconds


class ImpinjConfig(msgspec.Struct, frozen=True):
    search_mode: SearchMode | None = None
    low_latency: Annotated[bool, Meta(description="true or false")] = True
    low_duty_cycle: LowDutyCycleConfig | None = None
    phase: Annotated[bool, Meta(description="true or false")] = False
    serialized_tid: Annotated[bool, Meta(description="true or false")] = False


class ReaderConfig(msgspec.Struct, frozen=True, tag_field="protocol", tag="llrp"):
    name: Word
    host: Host
    antennas: Annotated[
        tuple[AntennaConfig, ...],
        Meta(min_length=1, description="one [[readers.antennas]] or more"),
    ]
    port: TcpPort = 0  # 0 until the file is read: then LLRP's, with TLS or without
    mode: Dial = Dial.CONNECT
    bind: Host = "0.0.0.0"  # noqa: S104 - where readers call; a store chooses its own
    tls: TlsConfig | None = None
    version: LlrpVersion = LlrpVersion.AUTO
    clock: ClockPolicy = ClockPolicy.CORRECT
    power_dbm: Dbm | None = None
    gen2_session: Annotated[int, Meta(ge=0, le=3, description="an integer from 0 to 3")] = 1
    tag_population: Annotated[
        int, Meta(ge=1, le=65535, description="an integer from 1 to 65535")
    ] = 32
    rf_mode: RfMode | None = None  # as the reader's maker numbers its modes
    report_tags: Annotated[int, Meta(ge=1, le=65535, description="an integer from 1 to 65535")] = 1
    report_period_ms: Milliseconds | None = None
    pc_bits: Annotated[bool, Meta(description="true or false")] = False
    rospecs: ROSpecPolicy = ROSpecPolicy.PRESERVE
    factory_reset: Annotated[bool, Meta(description="true or false")] = False
    keepalive_s: Annotated[float, Meta(ge=1, le=600, description="a number from 1 to 600")] = 10.0
    antenna_silence_s: Annotated[
        float, Meta(ge=0, le=86_400, description="a number from 0 (never told) to 86400")
    ] = 600.0
    impinj: ImpinjConfig = ImpinjConfig()


class AccessConfig(msgspec.Struct, frozen=True):
    """What commands may do to tags; nothing unless it is said."""

    allow: Annotated[
        frozenset[AccessRight],
        Meta(description=f"a list of {', '.join(AccessRight)}"),
    ] = frozenset()


def settled(reader: ReaderConfig, folder: Path) -> ReaderConfig:
    """Give a reader its port, and its files' paths from the folder of the configuration."""
    tls = reader.tls
    if tls is not None:
        paths = {"ca_file": tls.ca_file, "certificate": tls.certificate, "key": tls.key}
        absolute = {name: str(folder / path) for name, path in paths.items() if path is not None}
        tls = msgspec.structs.replace(tls, **absolute)
    port = reader.port or (LLRP_TLS_PORT if tls else LLRP_PORT)
    return msgspec.structs.replace(reader, tls=tls, port=port)


def clashes(data: toml.Data) -> Iterator[str]:
    """Yield what is wrong between values of readers that are well by themselves."""
    readers = list(toml.tables(data, "readers"))
    yield from toml.doubles(readers, ("name",))
    yield from toml.doubles(readers, ("host", "port"), {"port": LLRP_PORT})
    yield from toml.doubles(readers, ("device",))
    for place, reader in readers:
        yield from toml.doubles(toml.tables(reader, "antennas", f"{place}."), ("port",))
        if isinstance(tls := reader.get("tls"), dict):
            is_called = reader.get("mode") == Dial.ACCEPT
            yield from _clashes_of_tls(f"{place}.tls", tls, is_called=is_called)


def _clashes_of_tls(place: str, tls: toml.Data, *, is_called: bool) -> Iterator[str]:
    if is_called:
        if "certificate" not in tls:
            yield f"{place}: expected a certificate, which a reader that calls is shown"
        if "fingerprint" in tls and "ca_file" not in tls:
            needed = "for a reader that calls: its own certificate, or its authority's"
            yield f"{place}.fingerprint: expected ca_file beside it, {needed}"
    elif not {"ca_file", "fingerprint"} & tls.keys():
        yield f"{place}: expected ca_file or fingerprint, by which the reader is known"
    if "key" in tls and "certificate" not in tls:
        yield f"{place}.key: expected a certificate beside it"
