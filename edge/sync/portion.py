"""How much of a kind is sent at once: halved until it can be taken, doubled while it is."""


class Portion:
    def __init__(self, most: int) -> None:
        self.limit = self._most = most

    def halve(self, count: int) -> None:
        """Learn that `count` at once were too much, or that one of them was bad."""
        self.limit = max(1, count // 2)

    def grow(self) -> None:
        self.limit = min(self._most, 2 * self.limit)
