"""The words in which a configuration says how readers and zones are to be used."""

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


class ProfileName(StrEnum):
    """For what hangs or happens in a zone (`edge.engine.profiles` has what each says)."""

    APPAREL = "apparel"
    JEWELLERY = "jewellery"
    DOCK_DOOR = "dock_door"
    POINT_OF_SALE = "point_of_sale"


class Region(StrEnum):
    """Whose radio rules apply where the reader stands."""

    EU = "eu"  # ETSI EN 302 208, 865 to 868 MHz
    US = "us"  # FCC part 15, 902 to 928 MHz; Canada, Mexico
    CHINA = "china"  # 920 to 925 MHz
    KOREA = "korea"
    INDIA = "india"
    AUSTRALIA = "australia"
    NEW_ZEALAND = "new_zealand"
    MALAYSIA = "malaysia"
    INDONESIA = "indonesia"
    PHILIPPINES = "philippines"
    TAIWAN = "taiwan"
    MACAO = "macao"
    RUSSIA = "russia"
    SINGAPORE = "singapore"
    VIETNAM = "vietnam"
    THAILAND = "thailand"
    ARGENTINA = "argentina"
    HONG_KONG = "hong_kong"
    BANGLADESH = "bangladesh"
