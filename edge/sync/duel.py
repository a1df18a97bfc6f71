"""How soon a life may begin another term: twins that renew in turn do so ever more seldom."""


class Duel:
    def __init__(self, wait_s: float, wait_max_s: float) -> None:
        self.until_s = float("-inf")  # a fork before it is a twin's doing
        self._first_s, self._max_s = wait_s, wait_max_s
        self._wait_s = wait_s

    def is_on(self, now_s: float) -> bool:
        return now_s < self.until_s

    def next_wait_s(self, now_s: float) -> float:
        """Give how long to wait after this renewal; a quarrel long ago is forgotten."""
        is_quarrel = now_s - self.until_s < self._max_s
        self._wait_s = min(2 * self._wait_s, self._max_s) if is_quarrel else self._first_s
        return self._wait_s
