"""How simulated serial readers misbehave; each protocol adds its own to these."""

from collections.abc import Mapping

from simulators.fault_table import Effect, FaultKind, number, whole

LINE_FAULTS: Mapping[str, FaultKind] = {
    "bit-flip": FaultKind(
        "Of so many frames one has a bit turned over.",
        Effect.LASTING,
        (whole("every", 25, 1, 100_000),),
    ),
    "lost-byte": FaultKind(
        "Of so many frames one lacks a byte, as with poor USB adapters.",
        Effect.LASTING,
        (whole("every", 25, 1, 100_000),),
    ),
    "noise": FaultKind(
        "Before one of so many frames come bytes that are no frame; some begin as one would.",
        Effect.LASTING,
        (whole("every", 25, 1, 100_000), whole("bytes", 8, 1, 256)),
    ),
    "bursts": FaultKind(
        "What the reader sends arrives only every so many milliseconds, as through USB adapters.",
        Effect.LASTING,
        (whole("ms", 16, 1, 1000),),
    ),
    "rate": FaultKind(
        "The reader speaks at another rate; at any but the host's both hear noise.",
        Effect.LASTING,
        (whole("baud", 9600, 1200, 4_000_000),),
    ),
    "deaf": FaultKind("The reader neither hears nor says anything.", Effect.LASTING),
    "unplug": FaultKind(
        "The reader loses its port and its power, and comes back after down_s seconds under "
        "another name behind the same link.",
        Effect.ONCE,
        (number("down_s", 2, 0, 3600),),
    ),
    "power-dip": FaultKind(
        "The reader starts anew and has lost its settings; the port stays.", Effect.ONCE
    ),
}
