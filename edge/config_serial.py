"""What store.toml says of a reader on a serial line: where it is, and what it is to do.

Which values a protocol can have is checked by `edge.readers.serial_config`.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.config_readers import AntennaPort, Dbm, Word
from edge.options import Region

Device = Annotated[
    str,
    Meta(
        pattern=r"\A/[^\s]{1,300}\Z|\A(socket|rfc2217)://[^\s/@]{1,253}:[0-9]{1,5}\Z",
        description="a path such as /dev/serial/by-id/..., socket://HOST:PORT or rfc2217://HOST:PORT",
    ),
]
Baud = Annotated[int, Meta(ge=1200, le=4_000_000, description="an integer from 1200 to 4000000")]


class SerialAntennaConfig(msgspec.Struct, frozen=True):
    port: AntennaPort
    zone: Word


class SerialReaderConfig(msgspec.Struct, frozen=True, tag_field="protocol"):
    """A class of its own for each protocol."""

    name: Word
    device: Device
    region: Region
    antennas: Annotated[
        tuple[SerialAntennaConfig, ...],
        Meta(min_length=1, description="one [[readers.antennas]] or more"),
    ]
    power_dbm: Dbm | None = None
    gen2_session: Annotated[int, Meta(ge=0, le=3, description="an integer from 0 to 3")] = 1
    q: Annotated[int, Meta(ge=0, le=15, description="an integer from 0 to 15")] | None = None
    read_filter_s: Annotated[float, Meta(ge=0, le=3600, description="a number from 0 to 3600")] = (
        0.0
    )
    bauds: Annotated[
        tuple[Baud, ...], Meta(max_length=16, description="a list of integers from 1200 to 4000000")
    ] = ()  # rates to try, the best guess first; none: the protocol's own list

    @property
    def protocol(self) -> str:
        return str(self.__struct_config__.tag)


class MercuryConfig(SerialReaderConfig, frozen=True, tag="mercury"):
    pass


class R2000Config(SerialReaderConfig, frozen=True, tag="r2000"):
    pass


class UhfReaderConfig(SerialReaderConfig, frozen=True, tag="uhfreader"):
    # The protocol gives RSSI no unit: what byte 0 means, where an integrator knows it of a model.
    rssi_zero_dbm: (
        Annotated[float, Meta(ge=-200, le=0, description="dBm, a number from -200 to 0")] | None
    ) = None


class TslConfig(SerialReaderConfig, frozen=True, tag="tsl"):
    # People carry it about: it covers no zone, and its reads go to count sessions only.
    handheld: Annotated[bool, Meta(description="true or false")] = False


class M100Config(SerialReaderConfig, frozen=True, tag="m100"):
    pass


class AutoConfig(SerialReaderConfig, frozen=True, tag="auto"):
    """Which protocol it speaks is found out when the port is opened."""
