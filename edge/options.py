"""The words in which a configuration says how a reader is to be used."""

from enum import StrEnum


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
