"""The RF modes of simulated readers, as their UHFC1G2RFModeTable has them (LLRP 1.0.1 §16.3.1.1.2).

Rates are in bit/s, pulse-interval ratios in thousandths, Tari in ns.
"""

import msgspec

from edge.llrp.constants import (
    C1G2DRValue,
    C1G2ForwardLinkModulation,
    C1G2MValue,
    C1G2SpectralMaskIndicator,
)


class Mode(msgspec.Struct, frozen=True):
    identifier: int
    m_value: int
    rate: int
    pie: int
    min_tari: int
    max_tari: int
    step_tari: int = 0
    dr: int = C1G2DRValue.DRV_64_3
    is_hag_conformant: bool = False
    forward_link: int = C1G2ForwardLinkModulation.PR_ASK
    mask: int = C1G2SpectralMaskIndicator.DI


GENERIC_MODES = (
    Mode(0, C1G2MValue.MV_FM0, 640_000, 1500, 6250, 6250),
    Mode(1, C1G2MValue.MV_2, 640_000, 1500, 6250, 6250),
    Mode(2, C1G2MValue.MV_4, 274_000, 2000, 20_000, 20_000),
    Mode(3, C1G2MValue.MV_8, 170_600, 2000, 20_000, 20_000),
)

# identifier, divide ratio, M, forward link, mask, rate, pulse-interval ratio, Tari; 1000 and above
# choose a mode by themselves, and the figures of their rows mean nothing
_R420 = (
    (0, 1, 0, 2, 2, 640000, 1500, 6250),
    (1, 1, 1, 2, 2, 640000, 1500, 6250),
    (2, 1, 2, 0, 3, 274000, 2000, 20000),
    (3, 1, 3, 0, 3, 170600, 2000, 20000),
    (4, 1, 2, 0, 2, 640000, 1500, 7140),
    (1000, 0, 0, 0, 0, 40000, 1500, 6250),
    (1002, 0, 0, 0, 0, 40000, 1500, 6250),
    (1003, 0, 0, 0, 0, 40000, 1500, 6250),
    (1004, 0, 0, 0, 0, 40000, 1500, 6250),
    (1005, 0, 0, 0, 0, 40000, 1500, 6250),
)  # fmt: skip

R420_MODES = tuple(
    Mode(
        identifier,
        m_value,
        rate,
        pie,
        tari,
        tari,
        dr=dr,
        forward_link=forward_link,
        mask=mask,
    )
    for identifier, dr, m_value, forward_link, mask, rate, pie, tari in _R420
)

# identifier, M, rate, pulse-interval ratio, least, greatest and step of Tari; 668 stands for
# "the reader chooses"
_FX9600 = (
    (0, 0, 668, 668, 668, 668, 668),
    (1, 0, 640000, 1500, 6250, 6250, 0),
    (2, 0, 640000, 2000, 6250, 6250, 0),
    (3, 1, 120000, 1500, 25000, 25000, 0),
    (4, 1, 120000, 1500, 12500, 23000, 2100),
    (5, 1, 120000, 2000, 25000, 25000, 0),
    (6, 1, 120000, 2000, 12500, 23000, 2100),
    (7, 1, 128000, 1500, 25000, 25000, 0),
    (8, 1, 128000, 1500, 12500, 23000, 2100),
    (9, 1, 128000, 2000, 25000, 25000, 0),
    (10, 1, 128000, 2000, 12500, 23000, 2100),
    (11, 1, 160000, 1500, 12500, 18800, 2100),
    (12, 1, 160000, 2000, 12500, 18800, 2100),
    (13, 2, 60000, 1500, 25000, 25000, 0),
    (14, 2, 60000, 1500, 12500, 23000, 2100),
    (15, 2, 60000, 2000, 25000, 25000, 0),
    (16, 2, 60000, 2000, 12500, 23000, 2100),
    (17, 2, 64000, 1500, 25000, 25000, 0),
    (18, 2, 64000, 1500, 12500, 23000, 2100),
    (19, 2, 64000, 2000, 25000, 25000, 0),
    (20, 2, 64000, 2000, 12500, 23000, 2100),
    (21, 2, 80000, 1500, 12500, 18800, 2100),
    (22, 2, 80000, 2000, 12500, 18800, 2100),
    (23, 0, 668, 668, 668, 668, 668),
    (24, 0, 320000, 1500, 12500, 18800, 2100),
    (25, 0, 320000, 2000, 12500, 18800, 2100),
    (26, 3, 30000, 1500, 25000, 25000, 0),
    (27, 3, 30000, 1500, 12500, 23000, 2100),
    (28, 3, 30000, 2000, 25000, 25000, 0),
    (29, 3, 30000, 2000, 12500, 23000, 2100),
    (30, 3, 32000, 1500, 25000, 25000, 0),
    (31, 3, 32000, 1500, 12500, 23000, 2100),
    (32, 3, 32000, 2000, 25000, 25000, 0),
    (33, 3, 32000, 2000, 12500, 23000, 2100),
    (34, 3, 40000, 1500, 12500, 18800, 2100),
    (35, 3, 40000, 2000, 12500, 18800, 2100),
)  # fmt: skip

FX9600_MODES = tuple(Mode(*row, is_hag_conformant=True) for row in _FX9600)
