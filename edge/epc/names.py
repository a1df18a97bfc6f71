"""The ways in which machines write down which item they mean, as text.

| as | example |
| -- | ------- |
| EPC in hex | 3074257BF7194E4000001A85 |
| EPC URI (TDS 2.3 §6.3.1) | urn:epc:id:sgtin:0614141.812345.6789 |
| GS1 element string (GenSpecs §3.2), as people or scanners write it | (01)80614141123458(21)6789 |
| GS1 Digital Link | https://id.gs1.org/01/80614141123458/21/6789 |
"""

import re
from urllib.parse import unquote

from edge.epc.decoder import decode
from edge.epc.sgtin import IN_URI, check_digit
from edge.epc.stray import Stray
from edge.model import Sgtin

NAMES = "an EPC in hex, urn:epc:id:sgtin:..., (01)...(21)... or .../01/.../21/..."
_HEX = re.compile(r"(?:[0-9A-Fa-f]{4}){2,31}")
_URI = re.compile(r"urn:epc:id:sgtin:(\d{6,12})\.(\d{1,7})\.([^.\s]{1,60})")
_LINK = re.compile(r"https?://[^\s?#]+/01/(\d{8,14})/21/([^/?#\s]{1,60})(?:[?#].*)?")
_BRACKETED = re.compile(r"\((\d{2,4})\)((?:(?!\(\d{2,4}\)).)+)")
_SCANNED = re.compile(r"(?:\][A-Za-z]\d)?\x1d?(01\d{14}.*)", re.DOTALL)
_FIXED = {"01": 14, "11": 6, "13": 6, "15": 6, "17": 6}  # GenSpecs §7.8.5, what items carry
_SEPARATOR = "\x1d"  # FNC1 behind an element without a fixed length
_MAX_SERIAL = 20


def read_name(text: str) -> Sgtin | Stray:
    """Give the item that is meant; raise ValueError where it is no name at all."""
    if _HEX.fullmatch(text):
        return decode(bytes.fromhex(text))
    if uri := _URI.fullmatch(text):
        return _of_uri(*uri.groups())
    if link := _LINK.fullmatch(text):
        return item(link[1], unquote(link[2]))
    elements = _bracketed(text) if text.startswith("(") else _scanned(text)
    if "01" not in elements or "21" not in elements:
        raise ValueError(f"expected {NAMES}")
    return item(elements["01"], elements["21"])


def item(gtin: str, serial: str) -> Sgtin:
    """Give the key of an item whose serial is written as on its label; raise ValueError."""
    if not 1 <= len(serial) <= _MAX_SERIAL:
        raise ValueError(f"a serial has 1 to {_MAX_SERIAL} characters")
    try:
        return Sgtin(gtin14(gtin), "".join(IN_URI[ord(character)] for character in serial))
    except KeyError:
        raise ValueError("the serial has characters that GS1 does not allow") from None


def gtin14(text: str) -> str:
    """Give a GTIN of 8, 12, 13 or 14 digits as 14; raise ValueError for what is none."""
    if len(text) not in {8, 12, 13, 14} or not (text.isascii() and text.isdigit()):
        raise ValueError("a GTIN has 8, 12, 13 or 14 digits")
    if text[-1] != check_digit(text[:-1]):
        raise ValueError(f"the GTIN's last digit should be {check_digit(text[:-1])}")
    return text.rjust(14, "0")


def _of_uri(company: str, reference: str, serial: str) -> Sgtin:
    if len(company) + len(reference) != 13:
        raise ValueError("company prefix and item reference have 13 digits together")
    digits = reference[0] + company + reference[1:]
    return item(digits + check_digit(digits), unquote(serial))


def _bracketed(text: str) -> dict[str, str]:
    if "".join(f"({ai}){value}" for ai, value in _BRACKETED.findall(text)) != text:
        raise ValueError(f"expected {NAMES}")
    return dict(_BRACKETED.findall(text))


def _scanned(text: str) -> dict[str, str]:
    """Take an element string as a scanner gives it, without brackets."""
    if not (found := _SCANNED.fullmatch(text)):
        raise ValueError(f"expected {NAMES}")
    rest, elements = found[1], dict[str, str]()
    while rest:
        identifier, rest = rest[:2], rest[2:]
        if length := _FIXED.get(identifier):
            elements[identifier], rest = rest[:length], rest[length:].removeprefix(_SEPARATOR)
        elif identifier in {"10", "21"}:
            elements[identifier], _, rest = rest.partition(_SEPARATOR)
        else:
            raise ValueError(f"element ({identifier}) is none of 01, 10, 11, 13, 15, 17, 21")
    return elements
