"""What a client and a simulated reader agree on anew with every connection."""

from simulators.body import Body
from simulators.extensions import Extensions
from simulators.versions import Versions


class Agreed:
    def __init__(self, body: Body) -> None:
        self.versions = Versions(body.profile, body.faults)
        self.extensions = Extensions(body.profile)

    def reset(self) -> None:
        """Begin a connection."""
        self.versions.reset()
        self.extensions.reset()
