"""What a service says to systemd (sd_notify(3)): one datagram, if systemd listens."""

import contextlib
import os
import socket
from collections.abc import Mapping


def notify(state: str, environment: Mapping[str, str] = os.environ) -> None:
    """Say READY=1, WATCHDOG=1 or STOPPING=1; without systemd nothing happens."""
    address = environment.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # Linux's abstract namespace
        address = f"\0{address[1:]}"
    with (
        contextlib.suppress(OSError),  # a supervisor that hears nothing acts by itself
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender,
    ):
        sender.settimeout(1)
        sender.sendto(state.encode(), address)
