"""Whose turn it is among a reader's antennas, those left out that do not work."""

RETRY_S = 10.0  # before an antenna that has failed is tried again


class Turns:
    def __init__(self, ports: tuple[int, ...]) -> None:
        self._ports = ports
        self._turn = 0
        self._failed_s: dict[int, float] = {}

    @property
    def port(self) -> int:
        return self._ports[self._turn]

    def fail(self, now_s: float) -> bool:
        """Leave out the antenna whose turn it is; tell whether it worked before."""
        worked = self.port not in self._failed_s
        self._failed_s[self.port] = now_s
        return worked

    def work(self) -> bool:
        """Note that the antenna works whose turn it is; tell whether it had failed."""
        return self._failed_s.pop(self.port, None) is not None

    def go_on(self, now_s: float) -> bool:
        """Give the turn to the next that works or is to be tried again; False if there is none."""
        count = len(self._ports)
        for step in range(1, count + 1):
            turn = (self._turn + step) % count
            if now_s - self._failed_s.get(self._ports[turn], float("-inf")) >= RETRY_S:
                self._turn = turn
                return True
        return False
