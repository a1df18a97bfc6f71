"""What a bad line does to the frames of a reader, as its faults say."""

import random

from simulators.faults import Faults, Values

_BEGINNINGS = b"\xff\xa0\xbb\x05\x2e\x00"  # what frames of one or another protocol begin with


class Damage:
    def __init__(self, faults: Faults, chance: random.Random) -> None:
        self._faults, self._random = faults, chance

    def of(self, frame: bytes) -> bytes:
        """Give what leaves the reader for a frame."""
        if self._happens(self._faults.get("lost-byte")):
            at = self._random.randrange(len(frame))
            frame = frame[:at] + frame[at + 1 :]
        if self._happens(self._faults.get("bit-flip")) and frame:
            at, bit = self._random.randrange(len(frame)), self._random.randrange(8)
            frame = frame[:at] + bytes((frame[at] ^ 1 << bit,)) + frame[at + 1 :]
        noise = self._faults.get("noise")
        if noise and self._happens(noise):
            begin = bytes((self._random.choice(_BEGINNINGS),))
            frame = begin + self._random.randbytes(noise.whole("bytes") - 1) + frame
        return frame

    def _happens(self, values: Values | None) -> bool:
        return values is not None and self._random.randrange(values.whole("every")) == 0
