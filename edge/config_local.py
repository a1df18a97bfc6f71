"""What store.toml says of the store's own machines: tills, deliveries, refilling."""

import ipaddress
from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from edge import toml
from edge.config_readers import Host, TcpPort, Text


class LocalConfig(msgspec.Struct, frozen=True):
    host: Host = "127.0.0.1"
    port: TcpPort | None = None  # without one there is no HTTP
    token_file: Text | None = None
    drop: Text | None = None  # a folder in which tills leave files


class RefillConfig(msgspec.Struct, frozen=True):
    minimum: (
        Annotated[int, Meta(ge=0, le=10_000, description="an integer from 0 to 10000")] | None
    ) = None  # of each SKU on the floor; the floor's profile says it where this does not
    minimums: Text | None = None  # a CSV file: gtin, minimum


def clashes(data: toml.Data) -> Iterator[str]:
    """Yield what is wrong between values that are well by themselves."""
    local = data.get("local")
    if not isinstance(local, dict):
        return
    host = local.get("host", "127.0.0.1")
    if "token_file" not in local and not (isinstance(host, str) and is_own(host)):
        yield (
            f"local.token_file: missing; expected a file with a token, since local.host "
            f"{toml.shown(host)} lets other machines in"
        )


def is_own(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
