"""Which press of the trigger an answer belongs to.

    SW: single  ──  answers, as long as the trigger is held  ──  SW: off

Where the handheld tells its switch, a press is what lies between; a short one is over before its
only answer comes.  Where it does not, each answer is a press of its own.
"""

from edge.serial.tsl.responses import Response

_PRESSED = frozenset({"single", "double"})


class Presses:
    """A press is known by when it began, in UTC microseconds: no two have the same."""

    def __init__(self) -> None:
        self._at_us = 0
        self._held: str | None = None  # the switch, while it is pressed
        self._has_answer = True
        self._is_cut = False  # the latest answer has not ended

    def switch(self, position: str, at_us: int) -> None:
        """Take what the handheld tells of its switch.

        The same press told again is another one, whose begin or end was lost between.
        """
        position = position.lower()
        if position not in _PRESSED:
            self._held = None
            return
        if self._held in {None, position}:
            self._begin(at_us)
        self._held = position

    def answer(self, response: Response) -> int:
        """Give when the press began that this answer to the trigger belongs to."""
        is_rest = response.is_rest or (response.command is None and self._is_cut)
        if self._has_answer and self._held is None and not is_rest:
            self._begin(response.began_at_us)
        self._has_answer, self._is_cut = True, not response.has_ended
        return self._at_us

    def _begin(self, at_us: int) -> None:
        self._at_us = max(at_us, self._at_us + 1)
        self._has_answer = False
