"""What is usual of an item at rest: by how much other zones fall short of its own, how steadily.

A tag that hangs between two zones is heard by both, now better by one, now by the other, as fading
will have it.  So another zone's lead counts only as far as it is more than usual: its mean and
`doubt` times its spread are taken off.  A tag that is carried off soon leads by far more.  Where
the other zone leads on the long run, the item was put down in the wrong zone from the beginning.
"""

from collections.abc import Mapping

import msgspec


class Lead(msgspec.Struct, gc=False):
    """Of ln(another zone's evidence / its own): sure that it is far behind, until it is heard."""

    mean: float = -4.0
    variance: float = 1.0

    def follow(self, value: float, part: float) -> None:
        off = min(max(value, LEAST), _MOST) - self.mean
        self.mean += off * part
        self.variance = (1 - part) * (self.variance + off * off * part)


LAST_EPOCHS = 60  # with reads: as many are remembered
LEAST, _MOST = -4.0, 4.0  # beyond, a lead is as good as certain
_PRIOR_EPOCHS = 8  # with what is thought beforehand, that it is far behind
_SURE_EPOCHS = 8  # after so many, half of what is known counts
_MISPLACED_EPOCHS = 20
_MISPLACED_LEAD = 0.5


class Usual(msgspec.Struct, gc=False):
    """The leads of other zones since an item has come to its own."""

    _epochs: int = 0
    _leads: dict[str, Lead] = {}

    def discount(self, evidence: dict[str, float], zone: str, doubt: float) -> None:
        """Take from the evidence for other zones what is usual, and take note of it."""
        epochs, leads, own = self._epochs, self._leads, evidence[zone]
        self._epochs = epochs + 1
        part = 1 / min(epochs + _PRIOR_EPOCHS, LAST_EPOCHS)
        known = epochs / (epochs + _SURE_EPOCHS)
        for other, value in evidence.items():
            if other == zone:
                continue
            lead = leads.get(other)
            if lead is None:
                lead = leads[other] = Lead()
            usual = lead.mean + doubt * lead.variance**0.5
            if usual > 0.0:
                evidence[other] = value - usual * known
            lead.follow(value - own, part)
        if len(leads) >= len(evidence):
            for other in leads.keys() - evidence.keys():
                leads[other].follow(LEAST, part)

    def better(self) -> str | None:
        """Give the zone that has led for long, if there is one."""
        if self._epochs < _MISPLACED_EPOCHS:
            return None
        best = max(self._leads, key=lambda other: (self._leads[other].mean, other), default=None)
        if best is None or self._leads[best].mean < _MISPLACED_LEAD:
            return None
        return best

    def leads(self) -> Mapping[str, Lead]:
        return self._leads
