"""What a field of a message may hold; `edge.wire` has the messages.

Ids become parts of topics and of document paths, and zones names of fields: whatever is accepted
here is safe in either.  Structs check them when they are read, not when they are made.
"""

from typing import Annotated

from msgspec import Meta

from edge.digest import SHARDS

MAX_NUMBER = 2**53 - 1  # a browser's whole numbers end here
STORE_ID = r"[a-z0-9][a-z0-9-]{0,39}"
StoreId = Annotated[str, Meta(pattern=rf"\A{STORE_ID}\Z")]
Boot = Annotated[str, Meta(max_length=64)]
Gtin = Annotated[str, Meta(pattern=r"\A[0-9]{14}\Z")]
Zone = Annotated[str, Meta(pattern=r"\A(?!__)[^\x00-\x1f\x7f]{1,50}\Z")]
Text = Annotated[str, Meta(max_length=200)]
Number = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
Ver = Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
Term = Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
Shard = Annotated[int, Meta(ge=0, lt=SHARDS)]
# Twenty characters, each escaped as in the EPC URI (TDS 1.13 annex A).
Serial = Annotated[str, Meta(min_length=1, max_length=60)]
