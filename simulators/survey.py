"""RF surveys: a reader listens to its channels instead of asking tags (LLRP 1.1 §10.2.3, §14.2.2).

The levels are invented: the same for a channel at any time, as in a store where nobody else sends.
"""

from edge.llrp.constants import RFSurveySpecStopTriggerType as Stop
from edge.llrp.constants import StatusCode
from edge.llrp.parameters_common import ROSpecID, SpecIndex, Timestamp
from edge.llrp.parameters_report import FrequencyRSSILevelEntry, RFSurveyReportData
from edge.llrp.parameters_rospec import RFSurveySpec, RFSurveySpecStopTrigger
from simulators.antenna_check import unknown_antenna
from simulators.profile import Profile
from simulators.refusal import wrong_parameter

_LOOK_US = 50_000  # at one channel
_BANDWIDTH_KHZ = 200
_QUIET_DBM, _PEAK_DB = -85, 7


def check_survey(spec: RFSurveySpec, profile: Profile) -> None:
    """Raise Refused where the reader cannot do the survey, or it would survey nothing."""
    if not profile.does_rf_survey:
        why = "the reader does no RF surveys"
        raise wrong_parameter(RFSurveySpec, why, code=StatusCode.P_UNSUPPORTED_PARAMETER)
    if spec.antenna_id not in profile.antenna_ports:
        raise wrong_parameter(RFSurveySpec, unknown_antenna(spec.antenna_id, profile), 0)
    if not _channels(spec, profile):
        lowest, highest = min(profile.channels_khz), max(profile.channels_khz)
        why = f"no channel is within the range, there are some from {lowest} to {highest} kHz"
        raise wrong_parameter(RFSurveySpec, why, 1)
    trigger = spec.stop_trigger
    if trigger.stop_trigger_type not in Stop.__members__.values():
        why = f"StopTriggerType {trigger.stop_trigger_type}, allowed are 0 to 2"
        raise wrong_parameter(RFSurveySpecStopTrigger, why, 0)
    if trigger.stop_trigger_type == Stop.DURATION and not trigger.duration_period:
        raise wrong_parameter(RFSurveySpecStopTrigger, "a duration of 0 ms", 1)
    if trigger.stop_trigger_type == Stop.N_ITERATIONS_THROUGH_FREQUENCY_RANGE and not trigger.n:
        raise wrong_parameter(RFSurveySpecStopTrigger, "0 iterations", 2)


def duration_us(spec: RFSurveySpec, profile: Profile) -> int:
    """Give how long the survey takes; 0 is without end."""
    trigger = spec.stop_trigger
    if trigger.stop_trigger_type == Stop.DURATION:
        return 1000 * trigger.duration_period
    if trigger.stop_trigger_type == Stop.N_ITERATIONS_THROUGH_FREQUENCY_RANGE:
        return trigger.n * len(_channels(spec, profile)) * _LOOK_US
    return 0


def survey_report(
    rospec_id: int, spec_index: int, spec: RFSurveySpec, profile: Profile, stamp: Timestamp
) -> RFSurveyReportData:
    """Tell what was heard at each channel of the range."""
    return RFSurveyReportData(
        rospec_id=ROSpecID(rospec_id=rospec_id),
        spec_index=SpecIndex(spec_index=spec_index),
        frequency_rssi_level_entries=tuple(
            FrequencyRSSILevelEntry(
                frequency=khz,
                bandwidth=_BANDWIDTH_KHZ,
                average_rssi=_QUIET_DBM + khz // 100 % 5,
                peak_rssi=_QUIET_DBM + khz // 100 % 5 + _PEAK_DB,
                timestamp=stamp,
            )
            for khz in _channels(spec, profile)
        ),
    )


def _channels(spec: RFSurveySpec, profile: Profile) -> list[int]:
    return [
        khz
        for khz in sorted(profile.channels_khz)
        if spec.start_frequency <= khz <= spec.end_frequency
    ]
