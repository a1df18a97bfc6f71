"""The tags that a simulated reader meets, each with its memory, by the EPC under which it is heard.

A tag begins to have a memory when somebody first looks at it.  What a client does to it is told to
the world, if there is one: a tag that was recoded is heard under its new EPC, a killed one never.
"""

from typing import Protocol

from simulators.tag_memory import Tag

MOST_TAGS = 100_000  # with a memory; beyond it, those not met for longest begin anew


class Surroundings(Protocol):
    """Where the tags are."""

    def rename(self, old: bytes, new: bytes) -> None: ...
    def take(self, epc: bytes) -> bool: ...


class Tags:
    def __init__(self, surroundings: Surroundings | None = None) -> None:
        self._surroundings = surroundings
        self._tags: dict[bytes, Tag] = {}

    def meet(self, heard_as: bytes) -> Tag:
        tag = self._tags.pop(heard_as, None) or Tag(heard_as)
        self._tags[heard_as] = tag
        if len(self._tags) > MOST_TAGS:
            del self._tags[next(iter(self._tags))]
        return tag

    def settle(self, heard_as: bytes) -> None:
        """Tell the world what has become of a tag."""
        tag = self._tags[heard_as]
        if self._surroundings is None:
            return
        if tag.is_killed:
            self._surroundings.take(heard_as)
            del self._tags[heard_as]
        elif tag.epc != tag.known_as:
            self._surroundings.rename(heard_as, tag.epc)
            tag.known_as = tag.epc
            self._tags[tag.epc] = self._tags.pop(heard_as)
