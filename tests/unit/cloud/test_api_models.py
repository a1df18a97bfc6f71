"""In which state a store is, by what it said and how long ago head office heard it."""

import pytest

from cloud.api.models import STALE_AFTER_US, State, Store
from cloud.documents.shapes import StoreDoc

NOW_US = 1_800_000_000_000_000
LONG_AGO = NOW_US - STALE_AFTER_US - 1
JUST_IN_TIME = NOW_US - STALE_AFTER_US

# called online, status heard at, delta heard at: state, heard at
STATES: dict[str, tuple[bool, int | None, int | None, State, int | None]] = {
    "known to head office only": (False, None, None, "never", None),
    "a moment ago": (True, NOW_US, None, "online", NOW_US),
    "just in time": (True, JUST_IN_TIME, None, "online", JUST_IN_TIME),
    "too long ago": (True, LONG_AGO, None, "stale", LONG_AGO),
    "no status for long, but counts": (True, LONG_AGO, NOW_US, "online", NOW_US),
    "no counts for long, but a status": (True, NOW_US, LONG_AGO, "online", NOW_US),
    "said goodbye": (False, NOW_US, NOW_US, "offline", NOW_US),
    "said goodbye long ago": (False, LONG_AGO, None, "offline", LONG_AGO),
    "head office's clocks differ": (True, NOW_US + 5, None, "online", NOW_US + 5),
}


@pytest.mark.parametrize(
    ("online", "status_at_us", "applied_at_us", "state", "heard_at_us"), STATES.values(), ids=STATES
)
def test_a_store_is_online_only_while_it_is_heard_of(
    online: bool,  # noqa: FBT001  (a case of five)
    status_at_us: int | None,
    applied_at_us: int | None,
    state: State,
    heard_at_us: int | None,
) -> None:
    document = StoreDoc(
        "muc-01", online=online, status_at_us=status_at_us, applied_at_us=applied_at_us
    )
    store = Store.of(document, NOW_US)
    assert (store.state, store.heard_at_us) == (state, heard_at_us)
    assert store.status_at_us == status_at_us


def test_a_store_without_a_name_is_called_by_its_id() -> None:
    assert Store.of(StoreDoc("muc-01"), NOW_US).name == "muc-01"
