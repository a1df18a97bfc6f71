"""A tag that is no item of a store, and why."""

from enum import StrEnum

import msgspec


class StrayReason(StrEnum):
    UNPROGRAMMED = "unprogrammed"  # header 00: nobody has written this tag yet
    TID = "tid"  # the chip's own number stands where the EPC should: as it came from the factory
    UNKNOWN_HEADER = "unknown_header"  # not GS1's: another numbering, text, noise
    WRONG_LENGTH = "wrong_length"  # the header is GS1's, but the scheme has another length
    NOT_AN_ITEM = "not_an_item"  # GS1's, but a carton, a place, an asset …
    ISO = "iso"  # the tag says that its number is ISO's, not GS1's
    FOREIGN = "foreign"  # an item of a company that is not this store's
    PARTITION = "partition"  # partition 7 is not defined
    OUT_OF_RANGE = "out_of_range"  # more than the digits of its field can say
    SERIAL = "serial"  # empty, or characters that GS1 does not allow


class Stray(msgspec.Struct, frozen=True, gc=False):
    reason: StrayReason
