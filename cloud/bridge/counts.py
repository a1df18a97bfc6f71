"""What the bridge's threads have counted since the start, under one lock."""

import threading
from collections import Counter


class Counts:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()

    def add(self, name: str, count: int = 1) -> None:
        if count:
            with self._lock:
                self._counted[name] += count

    def so_far(self) -> Counter[str]:
        with self._lock:
            return self._counted.copy()

    def __getitem__(self, name: str) -> int:
        return self._counted[name]
