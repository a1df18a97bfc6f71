"""Item events to stock changes: what is present is counted by zone, what is missing without."""

from edge.model import ItemEvent, ItemState, StockChange


def stock_changes(
    event: ItemEvent, before: ItemState | None, after: ItemState
) -> list[StockChange]:
    """Give what the event does to the counts, at most one change for each zone that it touches."""
    here = int(after is ItemState.PRESENT)
    missing = int(after is ItemState.MISSING) - int(before is ItemState.MISSING)
    left = []
    if before is ItemState.PRESENT:
        from_zone = event.from_zone or event.zone
        if from_zone == event.zone:
            here -= 1
        else:
            left.append(StockChange(event.gtin, from_zone, -1))
    if here or missing:
        left.append(StockChange(event.gtin, event.zone, here, missing))
    return left
