"""What a simulated reader consists of between two boots."""

from simulators.agreed import Agreed
from simulators.body import Body
from simulators.catalogue import Catalogue
from simulators.inventory import Inventory
from simulators.requests import Requests
from simulators.settings import Settings
from simulators.telling import Telling


class Parts:
    """`kept` has the ROSpecs and AccessSpecs that outlived the boot."""

    def __init__(self, body: Body, kept: "Parts | None" = None) -> None:
        self.settings = Settings(body.profile, body.device)
        self.agreed = Agreed(body)
        self.telling = Telling(body, self.agreed.versions)
        self.inventory = Inventory(body, self.settings, self.telling)
        if kept is not None:
            self.inventory.rospecs = kept.inventory.rospecs
            self.inventory.access_specs = kept.inventory.access_specs
        catalogue = Catalogue(body.profile, self.agreed.extensions, body.stamps)
        self.requests = Requests(body, self.settings, self.inventory, catalogue, self.agreed)

    def begin_connection(self) -> None:
        self.agreed.reset()
        self.telling.begin()
