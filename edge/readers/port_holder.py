"""Who has a serial port open, by what the kernel tells of other processes (proc(5))."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Holder:
    pid: int
    program: str

    def __str__(self) -> str:
        return f"{self.program} (pid {self.pid})"


def holders(device: str) -> list[Holder]:
    """Give the other processes that have the device open, as far as this user may see them."""
    target = str(Path(device).resolve())
    return [
        Holder(pid, _program(pid))
        for pid in _pids()
        if pid != os.getpid() and target in _open_files(pid)
    ]


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _open_files(pid: int) -> set[str]:
    try:
        return {str(entry.readlink()) for entry in (PROC / str(pid) / "fd").iterdir()}
    except OSError:  # it has ended, or belongs to somebody else
        return set()


def _program(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text("utf-8", "replace").strip()
    except OSError:
        return "a program that has just ended"
