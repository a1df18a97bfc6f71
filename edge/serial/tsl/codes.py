"""Words and numbers of the TSL ASCII Protocol (2.5, revision B)."""

# What the lines of an answer say; others are shown by their two letters.
HEADERS: dict[str, str] = {
    "AE": "antenna_error",
    "BA": "bluetooth_address",
    "BC": "barcode",
    "BP": "battery",
    "BV": "bluetooth_version",
    "CH": "charge",
    "CR": "tag_crc",
    "CS": "command",
    "DA": "date",
    "DT": "at",
    "EA": "access_error",
    "EB": "tag_error",
    "EP": "epc",
    "ER": "error",
    "IX": "index",
    "KS": "killed",
    "LS": "locked",
    "ME": "message",
    "MF": "maker",
    "OK": "done",
    "PC": "pc",
    "PR": "parameters",
    "PV": "protocol_version",
    "RB": "radio_bootloader",
    "RD": "data",
    "RF": "radio_firmware",
    "RI": "rssi",
    "RS": "radio_serial",
    "SW": "switch",
    "TD": "tid",
    "TM": "time",
    "UB": "bootloader",
    "UF": "firmware",
    "US": "unit_serial",
    "WW": "words_written",
}

# Lines that belong to the tag of the EP line before them, in any order.
TAG_HEADERS = frozenset({"RI", "PC", "CR", "IX", "TD", "RD", "WW", "EA", "EB", "LS", "KS"})

NO_TRANSPONDER = 5
BATTERY_TOO_LOW = 9
ABORTED = 15

ERRORS: dict[int, str] = {
    1: "syntax",
    2: "the parameter is not supported",
    3: "the action is not enabled",
    4: "the hardware does not support it",
    NO_TRANSPONDER: "no tag answers",
    6: "no barcode",
    7: "the parameters do not go together",
    8: "antenna or radio",
    BATTERY_TOO_LOW: "the battery is too low",
    10: "the scanner is not ready",
    11: "not supported on this interface",
    12: "not from an autorun file",
    13: "write failure",
    14: "the switch is already in use",
    ABORTED: "aborted",
    16: "lock failure",
    17: "bluetooth",
    18: "the licence key is not blank",
    255: "system",
}


def error_text(error: int) -> str:
    """Give the error in words, with its number as the maker writes it."""
    return f"{ERRORS.get(error, 'unknown error')} ({error:03d})"
