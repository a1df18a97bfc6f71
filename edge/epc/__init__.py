"""Pure: the bits of an EPC to GTIN-14 and serial, or a Stray with the reason; and back again."""

from edge.epc.decoder import EpcDecoder, decode, scheme_name
from edge.epc.sgtin import check_digit, encode_sgtin96
from edge.epc.stray import Stray, StrayReason

__all__ = [
    "EpcDecoder",
    "Stray",
    "StrayReason",
    "check_digit",
    "decode",
    "encode_sgtin96",
    "scheme_name",
]
