"""What is wished of a reader's radio, in the numbers of its own tables."""

import json

import pytest

from edge.errors import ReaderRefused
from edge.llrp.capabilities import Capabilities, PowerLevel, RfMode
from edge.llrp.parameters_rospec import RFTransmitter
from edge.llrp.settings import LlrpSettings
from edge.llrp.wishes import Granted, grant
from tests.support.shared import shared_data

# Impinj R420 for the United States: 10 to 32.5 dBm by quarters, hopping by table 1.
R420 = Capabilities(
    antennas=4,
    power_levels=tuple(PowerLevel(1 + step, 10 + step / 4) for step in range(91)),
    hops=True,
    hop_tables=(1,),
    modes=tuple(RfMode(number, "4", 0, (0, 0)) for number in (0, 1, 2, 3, 4, 1000, 1002)),
)
# Zebra's FX table begins at index 0.
FX = Capabilities(
    antennas=4,
    power_levels=tuple(PowerLevel(step, 10 + step / 10) for step in range(201)),
    channels_khz=(865_700, 866_300, 866_900, 867_500),
)


def transmitter(power: int, hop_table: int = 1, channel: int = 0) -> RFTransmitter:
    return RFTransmitter(hop_table_id=hop_table, channel_index=channel, transmit_power=power)


def test_without_wishes_the_reader_stays_as_it_is() -> None:
    assert grant(LlrpSettings(), R420) == Granted()


LEVELS = {
    "in the table": (R420, 30.0, 81),
    "between two levels, the one below": (R420, 20.2, 41),
    "the lowest": (R420, 10.0, 1),
    "a table that begins at 0": (FX, 10.0, 0),
    "by tenths": (FX, 27.5, 175),
}


@pytest.mark.parametrize(("reader", "dbm", "index"), LEVELS.values(), ids=LEVELS)
def test_power_is_found_in_the_readers_table(reader: Capabilities, dbm: float, index: int) -> None:
    granted = grant(LlrpSettings(power_dbm=dbm), reader)
    assert granted.transmitters[0].transmit_power == index
    assert granted.warnings == ()


def test_more_than_the_reader_can_becomes_the_most_it_can_and_is_told() -> None:
    granted = grant(LlrpSettings(power_dbm=36), R420)
    assert granted.transmitters[0].transmit_power == 91
    assert granted.warnings == ("36 dBm are wished, it can do 10 to 32.5 dBm: set to 32.5 dBm",)


def test_a_reader_that_could_only_be_louder_than_is_wished_is_refused() -> None:
    with pytest.raises(ReaderRefused, match="5 dBm are wished, and it cannot go below 10 dBm"):
        grant(LlrpSettings(power_dbm=5), R420)


def test_a_wish_just_below_the_table_is_its_lowest_level_and_is_told() -> None:
    granted = grant(LlrpSettings(power_dbm=9.5), R420)
    assert granted.transmitters[0].transmit_power == 1
    assert "set to 10 dBm" in granted.warnings[0]


def test_a_reader_without_a_table_is_not_guessed_at() -> None:
    with pytest.raises(ReaderRefused, match="it tells no table of its power"):
        grant(LlrpSettings(power_dbm=20), Capabilities())


def test_an_antennas_own_power_goes_before_the_readers() -> None:
    settings = LlrpSettings(antenna_ports=(1, 2, 4), power_dbm=30.0, antenna_power_dbm={2: 15.0})
    granted = grant(settings, R420)
    powers = {port: one.transmit_power for port, one in granted.transmitters.items()}
    assert powers == {1: 81, 2: 21, 4: 81}


def test_an_antenna_without_a_wish_stays_as_it_is() -> None:
    settings = LlrpSettings(antenna_ports=(1, 2), antenna_power_dbm={2: 15.0})
    assert [*grant(settings, R420).transmitters] == [2]


FREQUENCIES = {
    "it hops, by its first table": (R420, (1, 0)),
    "it has fixed channels": (FX, (0, 1)),
}


@pytest.mark.parametrize(("reader", "expected"), FREQUENCIES.values(), ids=FREQUENCIES)
def test_where_to_send_is_from_the_readers_capabilities(
    reader: Capabilities, expected: tuple[int, int]
) -> None:
    one = grant(LlrpSettings(power_dbm=20), reader).transmitters[0]
    assert (one.hop_table_id, one.channel_index) == expected


def test_where_an_antenna_is_set_to_send_it_goes_on_sending() -> None:
    configured = {1: transmitter(5, 0, 3), 2: transmitter(5, 0, 4)}
    settings = LlrpSettings(antenna_ports=(1, 2), antenna_power_dbm={1: 20.0, 2: 20.0})
    granted = grant(settings, R420, configured)
    assert [one.channel_index for one in granted.transmitters.values()] == [3, 4]


def test_a_mode_of_the_reader_is_taken() -> None:
    assert grant(LlrpSettings(rf_mode=1002), R420).rf_mode == 1002


def test_another_mode_is_told_with_those_it_has_and_left_to_the_reader() -> None:
    granted = grant(LlrpSettings(rf_mode=5), R420)
    assert granted.rf_mode is None
    assert granted.warnings == (
        "RF mode 5 is not one of this reader's (0, 1, 2, 3, 4, 1000, 1002): it takes its own",
    )


@pytest.mark.shared_data
def test_a_real_r420_grants_what_its_own_table_says() -> None:
    told = json.loads(shared_data("llrp/profiles/SpeedwayR-12-34-FF.json").read_text("utf-8"))
    band = told["ReaderCapabilities"]["RegulatoryCapabilities"]["UHFBandCapabilities"]
    table = {
        level["Index"]: level["TransmitPowerValue"] / 100 for level in band["TransmitPowerLevels"]
    }
    reader = Capabilities(power_levels=tuple(PowerLevel(*level) for level in table.items()))
    for dbm in (10, 20.25, 31.9, max(table.values())):
        granted = grant(LlrpSettings(power_dbm=dbm), reader).transmitters[0]
        assert table[granted.transmit_power] == max(at for at in table.values() if at <= dbm)
