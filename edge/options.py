"""The words in which a configuration says how a reader is to be used."""

from enum import StrEnum


class LlrpVersion(StrEnum):
    AUTO = "auto"  # the newest that both know
    V1_0_1 = "1.0.1"
    V1_1 = "1.1"


class ROSpecPolicy(StrEnum):
    """What becomes of ROSpecs that other programs have left in a reader."""

    PRESERVE = "preserve"
    REPLACE = "replace"


class ClockPolicy(StrEnum):
    """Which stamps a reader's reads get."""

    CORRECT = "correct"  # by this machine's clock: the reader's own, moved by what it is wrong
    TRUST = "trust"  # the reader's own, as they are


class SearchMode(StrEnum):
    """How often a reader lets a tag answer again (Impinj's inventory search mode)."""

    READER_SELECTED = "reader_selected"
    SINGLE_TARGET = "single_target"
    DUAL_TARGET = "dual_target"
    TAG_FOCUS = "tag_focus"  # single target with suppression


class Dial(StrEnum):
    """Who opens the connection."""

    CONNECT = "connect"  # the agent calls the reader
    ACCEPT = "accept"  # the reader calls the agent


class AccessRight(StrEnum):
    """What may be done to tags."""

    READ = "read"
    WRITE = "write"
    LOCK = "lock"
    KILL = "kill"
