"""What vendors' readers add to the report of each tag.

Phase, Doppler and fine RSSI are invented from the tag and the moment, in the range that the maker
states; the TID is the tag's own.
"""

import zlib
from collections.abc import Callable

from edge.llrp import encode_parameter
from edge.llrp.fields import Custom
from edge.llrp.impinj import (
    ImpinjPeakRSSI,
    ImpinjRFDopplerFrequency,
    ImpinjRFPhaseAngle,
    ImpinjSerializedTID,
    ImpinjTagReportContentSelector,
)
from edge.llrp.parameters_rospec import ROReportSpec
from edge.llrp.zebra import BrandIDCheckStatus, MotoTagPhase
from edge.model import TagRead
from simulators.profile import Profile
from simulators.reports import Tail
from simulators.tags import Tags

_Maker = Callable[[TagRead], Custom]
_PHASES = 4096  # of a turn
_ON = 1


def vendor_tail(profile: Profile, spec: ROReportSpec, tags: Tags) -> Tail | None:
    """Give what makes the vendor's parameters of a read; None where there are none."""
    if profile.quirks.reports_zebra:
        return _zebra_tail
    for custom in spec.custom:
        if isinstance(custom, ImpinjTagReportContentSelector):
            return _impinj_tail(custom, tags)
    return None


def _zebra_tail(read: TagRead) -> bytes:
    phase = MotoTagPhase(phase=_phase(read) - _PHASES // 2)
    return encode_parameter(phase) + encode_parameter(BrandIDCheckStatus(brand_id=0))


def _impinj_tail(selector: ImpinjTagReportContentSelector, tags: Tags) -> Tail | None:
    tid, phase = selector.impinj_enable_serialized_tid, selector.impinj_enable_rf_phase_angle
    rssi, doppler = selector.impinj_enable_peak_rssi, selector.impinj_enable_rf_doppler_frequency
    makers: list[_Maker] = []
    if tid and tid.serialized_tid_mode == _ON:
        makers.append(lambda read: ImpinjSerializedTID(tid=tags.meet(read.epc).tid))
    if phase and phase.rf_phase_angle_mode == _ON:
        makers.append(lambda read: ImpinjRFPhaseAngle(phase_angle=_phase(read)))
    if rssi and rssi.peak_rssi_mode == _ON:
        makers.append(
            lambda read: ImpinjPeakRSSI(rssi=round(100 * read.rssi_dbm) + read.at_us % 50)
        )
    if doppler and doppler.rf_doppler_frequency_mode == _ON:
        makers.append(
            lambda read: ImpinjRFDopplerFrequency(doppler_frequency=_phase(read) % 65 - 32)
        )
    if not makers:
        return None
    return lambda read: b"".join(encode_parameter(make(read)) for make in makers)


def _phase(read: TagRead) -> int:
    return (zlib.crc32(read.epc) + read.at_us // 1000 * 37) % _PHASES
