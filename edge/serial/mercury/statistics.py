"""What streamed status frames tell of the module, by the flags of MercuryAPI's reader statistics.

    flags EBV | flag EBV, length 1, value … | flag EBV, length 1, value … | …

An EBV has 7 bits a byte, the highest first; the top bit says that more follow.
"""

NAMES = {
    0x0001: "rf_on_time",
    0x0040: "noise_floor",
    0x0080: "frequency_khz",
    0x0100: "temperature_c",
    0x0200: "antenna",
    0x0400: "protocol",
    0x0800: "connected_ports",
    0x4000: "dc_voltage",
}
_SIGNED = {"temperature_c"}
_NUMBERS = {"frequency_khz", "temperature_c", "protocol"}


def read_statistics(data: bytes, at: int) -> dict[str, int | bytes]:
    """Give the values by name, from where the flags begin; what cannot be read is left as bytes."""
    told: dict[str, int | bytes] = {}
    _, at = _ebv(data, at)
    while at < len(data):
        begin = at
        flag, at = _ebv(data, at)
        length = data[at] if at < len(data) else 0
        value = data[at + 1 : at + 1 + length]
        if len(value) < length or at >= len(data):
            told["rest"] = data[begin:]
            break
        name = NAMES.get(flag, f"flag_{flag:04x}")
        is_number = name in _NUMBERS
        told[name] = int.from_bytes(value, signed=name in _SIGNED) if is_number else value
        at += 1 + length
    return told


def _ebv(data: bytes, at: int) -> tuple[int, int]:
    """Give the number at `at` and where it ends; what the data's end cuts off is taken as it is."""
    number = 0
    while at < len(data):
        number = number << 7 | data[at] & 0x7F
        at += 1
        if not data[at - 1] & 0x80:
            break
    return number, at
