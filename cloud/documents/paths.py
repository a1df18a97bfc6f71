"""Where each document lives; nobody else spells a path.

| path                           | what                                         | written by |
| ------------------------------ | -------------------------------------------- | ---------- |
| `stores/{store}`               | a store's status and totals                  | bridge     |
| `stores/{store}/sync/cursor`   | the fence: what the cloud has applied        | bridge     |
| `stores/{store}/stock/{gtin}`  | counts of one GTIN by zone                   | bridge     |
| `stores/{store}/changes/{id}`  | one applied delta, for live views; expires   | bridge     |
| `stores/{store}/events/{id}`   | one item event; expires                      | bridge     |
| `stores/{store}/counts/{id}`   | one count session; expires                   | bridge     |
| `…/counts/{id}/lines/{part}`   | its lines, some hundred a document; expires  | bridge     |
| `products/{gtin}`              | what a GTIN is called                        | provision  |
| `deadletters/{id}`             | what nobody could take, and why; expires     | bridge     |

Ids come from other machines, so each is checked against the pattern that makes it safe in a path;
another one raises ProtocolError.
"""

import re

from edge.errors import ProtocolError
from edge.wire_counts import COUNT_ID

STORES = "stores"
STOCK = "stock"  # as a group: where in the chain is this GTIN
CHANGES = "changes"
EVENTS = "events"
COUNTS = "counts"
COUNT_LINES = "lines"
PRODUCTS = "products"
DEAD_LETTERS = "deadletters"

_STORE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_GTIN = re.compile(r"[0-9]{14}")
_CHANGE_ID = re.compile(r"[A-Za-z0-9]{16,40}")
_COUNT_ID = re.compile(COUNT_ID)
_LETTER_ID = re.compile(r"[a-z0-9-]{8,100}")


def store(store_id: str) -> str:
    return f"{STORES}/{_checked('store id', _STORE_ID, store_id)}"


def cursor(store_id: str) -> str:
    return f"{store(store_id)}/sync/cursor"


def stock(store_id: str) -> str:
    """Give the collection of a store's stock documents."""
    return f"{store(store_id)}/{STOCK}"


def stock_line(store_id: str, gtin: str) -> str:
    return f"{stock(store_id)}/{_checked('GTIN', _GTIN, gtin)}"


def changes(store_id: str) -> str:
    """Give the collection of a store's change documents."""
    return f"{store(store_id)}/{CHANGES}"


def change(store_id: str, change_id: str) -> str:
    """Give the path of one change; its id must be random: ids that grow make a hot spot."""
    return f"{changes(store_id)}/{_checked('change id', _CHANGE_ID, change_id)}"


def events(store_id: str) -> str:
    """Give the collection of a store's item events."""
    return f"{store(store_id)}/{EVENTS}"


def event(store_id: str, event_id: str) -> str:
    return f"{events(store_id)}/{_checked('event id', _CHANGE_ID, event_id)}"


def counts(store_id: str) -> str:
    """Give the collection of a store's count sessions."""
    return f"{store(store_id)}/{COUNTS}"


def count(store_id: str, count_id: str) -> str:
    return f"{counts(store_id)}/{_checked('count id', _COUNT_ID, count_id)}"


def count_lines(store_id: str, count_id: str) -> str:
    """Give the collection of a count session's lines."""
    return f"{count(store_id, count_id)}/{COUNT_LINES}"


def count_part(store_id: str, count_id: str, part: int) -> str:
    return f"{count_lines(store_id, count_id)}/{part:04d}"


def dead_letter(letter_id: str) -> str:
    return f"{DEAD_LETTERS}/{_checked('dead letter id', _LETTER_ID, letter_id)}"


def product(gtin: str) -> str:
    return f"{PRODUCTS}/{_checked('GTIN', _GTIN, gtin)}"


def _checked(what: str, pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ProtocolError(f"{what} {text!r} is not of the form {pattern.pattern}")
    return text
