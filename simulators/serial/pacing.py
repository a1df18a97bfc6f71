"""A serial line's two directions, each as fast as its rate and no faster; pure, time comes in.

At 8N1 a byte takes ten bits: 115200 baud carry 11520 bytes in a second.
"""

from collections import deque

BITS_PER_BYTE = 10
CAPACITY = 4096  # bytes that wait in the sender; a reader with more to say waits


class PacedLine:
    """put() at one end, take() at the other what has arrived by now."""

    def __init__(self, baud: int) -> None:
        self.baud = baud
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._free_s = 0.0  # when the line has carried all that was taken

    @property
    def room(self) -> int:
        """How many bytes may be put before the sender has to wait."""
        return max(0, CAPACITY - self._size)

    @property
    def is_empty(self) -> bool:
        return not self._size

    def put(self, data: bytes, now_s: float) -> None:
        if not data:
            return
        if not self._size:
            self._free_s = max(self._free_s, now_s)
        self._waiting.append(data)
        self._size += len(data)

    def take(self, now_s: float) -> bytes:
        """Give the bytes whose last bit has passed by `now_s`."""
        byte_s = BITS_PER_BYTE / self.baud
        due = min(self._size, int((now_s - self._free_s) / byte_s + 1e-6))
        if due <= 0:
            return b""
        self._free_s += due * byte_s
        self._size -= due
        taken = bytearray()
        while len(taken) < due:
            first = self._waiting.popleft()
            missing = due - len(taken)
            taken += first[:missing]
            if len(first) > missing:
                self._waiting.appendleft(first[missing:])
        return bytes(taken)

    def clear(self) -> None:
        self._waiting.clear()
        self._size = 0
