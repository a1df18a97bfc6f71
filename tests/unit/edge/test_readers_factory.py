"""What store.toml says of a reader, and what the driver gets of it."""

from pathlib import Path

import pytest

from edge import config
from edge.clock import SystemClock
from edge.config_readers import ReaderConfig
from edge.errors import ConfigError
from edge.llrp.settings import ImpinjSettings, LlrpSettings, LowDutyCycle
from edge.options import AccessRight, ClockPolicy, Dial, LlrpVersion, ROSpecPolicy, SearchMode
from edge.readers.accept import Receptions
from edge.readers.factory import DriverFactory, llrp_settings, tls_settings
from edge.readers.tls import TlsSettings

PATH = Path("/etc/tagtally/store.toml")
FINGERPRINT = "AB:" * 31 + "CD"
STORE = """
store.id = "muc-01"
mqtt.host = "broker.example.org"
[[readers]]
name = "floor-1"
protocol = "llrp"
host = "10.0.4.21"
"""
ANTENNA = '[[readers.antennas]]\nport = 1\nzone = "floor"\n'


def reader(lines: str = "", after: str = "") -> ReaderConfig:
    (one,) = config.parse(f"{STORE}{lines}\n{ANTENNA}{after}", PATH).readers
    assert isinstance(one, ReaderConfig)
    return one


def mistakes_of(lines: str, after: str = "") -> list[str]:
    with pytest.raises(ConfigError) as raised:
        reader(lines, after)
    return [line.strip() for line in str(raised.value).splitlines()[1:]]


def test_a_reader_of_which_nothing_is_said_is_used_as_documented() -> None:
    assert llrp_settings(reader()) == LlrpSettings(antenna_ports=(1,))
    assert (reader().port, reader().mode, reader().tls) == (5084, Dial.CONNECT, None)


def test_all_that_is_said_of_a_reader_reaches_its_driver() -> None:
    said = reader(
        """
        version = "1.1"
        clock = "trust"
        power_dbm = 27.5
        gen2_session = 0
        tag_population = 500
        rf_mode = 1002
        report_tags = 10
        report_period_ms = 500
        pc_bits = true
        rospecs = "replace"
        factory_reset = true
        keepalive_s = 15
        [readers.impinj]
        search_mode = "tag_focus"
        low_latency = false
        low_duty_cycle = { empty_field_ms = 500, ping_ms = 200 }
        phase = true
        serialized_tid = true
        """,
        after="power_dbm = 20",
    )
    assert llrp_settings(said) == LlrpSettings(
        antenna_ports=(1,),
        version=LlrpVersion.V1_1,
        clock=ClockPolicy.TRUST,
        power_dbm=27.5,
        antenna_power_dbm={1: 20.0},
        gen2_session=0,
        tag_population=500,
        rf_mode=1002,
        report_tags=10,
        report_period_ms=500,
        pc_bits=True,
        rospecs=ROSpecPolicy.REPLACE,
        factory_reset=True,
        keepalive_s=15.0,
        impinj=ImpinjSettings(
            search_mode=SearchMode.TAG_FOCUS,
            low_latency=False,
            low_duty_cycle=LowDutyCycle(500, 200),
            phase=True,
            serialized_tid=True,
        ),
    )


def test_tls_takes_its_own_port_and_files_beside_the_configuration() -> None:
    said = reader(
        f"""
        [readers.tls]
        ca_file = "ca.pem"
        fingerprint = "{FINGERPRINT}"
        server_name = "reader.example"
        certificate = "/keys/own.pem"
        key = "own.key"
        minimum_version = "1.0"
        ciphers = "AES128-SHA:@SECLEVEL=0"
        """
    )
    assert said.port == 5085
    assert said.tls is not None
    assert tls_settings(said.tls) == TlsSettings(
        ca_file="/etc/tagtally/ca.pem",
        fingerprint=FINGERPRINT,
        server_name="reader.example",
        certificate="/keys/own.pem",
        key="/etc/tagtally/own.key",
        minimum_version="1.0",
        ciphers="AES128-SHA:@SECLEVEL=0",
    )


def test_a_port_that_is_said_is_taken_with_tls_or_without() -> None:
    tls = f'[readers.tls]\nfingerprint = "{FINGERPRINT}"'
    assert reader("port = 15085").port == 15085
    assert reader(f"port = 15085\n{tls}").port == 15085


def test_what_may_be_done_to_tags_is_nothing_unless_it_is_said() -> None:
    def allowed(text: str) -> frozenset[AccessRight]:
        return config.parse(f"{STORE}{ANTENNA}{text}", PATH).access.allow

    assert allowed("") == frozenset()
    assert allowed('[access]\nallow = ["kill", "read"]') == {AccessRight.READ, AccessRight.KILL}


MILLISECONDS = "milliseconds, an integer from 10 to 60000"
SHA_256 = "a certificate's SHA-256, 64 hexadecimal digits, with colons or without"
WRONG = {
    "another clock": (
        'clock = "ntp"',
        'readers[0].clock: expected one of correct, trust, got "ntp"',
    ),
    "power of a broadcaster": (
        "power_dbm = 60",
        "readers[0].power_dbm: expected dBm, a number from -10 to 40, got 60",
    ),
    "a session beyond the fourth": (
        "gen2_session = 4",
        "readers[0].gen2_session: expected an integer from 0 to 3, got 4",
    ),
    "a policy": (
        'rospecs = "delete"',
        'readers[0].rospecs: expected one of preserve, replace, got "delete"',
    ),
    "a search mode": (
        'impinj.search_mode = "fast"',
        f'readers[0].impinj.search_mode: expected one of {", ".join(SearchMode)}, got "fast"',
    ),
    "half a duty cycle": (
        "impinj.low_duty_cycle = { ping_ms = 200 }",
        f"readers[0].impinj.low_duty_cycle.empty_field_ms: missing; expected {MILLISECONDS}",
    ),
    "a short fingerprint": (
        'tls.fingerprint = "abcd"',
        f'readers[0].tls.fingerprint: expected {SHA_256}, got "abcd"',
    ),
    "TLS with anybody": (
        "tls = {}",
        "readers[0].tls: expected ca_file or fingerprint, by which the reader is known",
    ),
    "a key without its certificate": (
        f'tls = {{ fingerprint = "{FINGERPRINT}", key = "own.key" }}',
        "readers[0].tls.key: expected a certificate beside it",
    ),
    "a reader that calls, and nothing to show it": (
        'mode = "accept"\ntls.ca_file = "ca.pem"',
        "readers[0].tls: expected a certificate, which a reader that calls is shown",
    ),
    "a reader that calls, by its fingerprint": (
        f'mode = "accept"\ntls = {{ fingerprint = "{FINGERPRINT}", certificate = "own.pem" }}',
        (
            "readers[0].tls.fingerprint: expected ca_file beside it, "
            "for a reader that calls: its own certificate, or its authority's"
        ),
    ),
    "a mode": ('mode = "listen"', 'readers[0].mode: expected one of connect, accept, got "listen"'),
}


@pytest.mark.parametrize(("lines", "mistake"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_told_with_its_place_and_what_is_allowed(lines: str, mistake: str) -> None:
    assert mistakes_of(lines) == [mistake]


def test_a_wrong_right_is_told_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"access\.allow: expected a list of read, write, lock"):
        config.parse(f'{STORE}{ANTENNA}[access]\nallow = ["erase"]', PATH)


def test_a_file_for_tls_that_is_not_there_is_told_before_the_first_connection() -> None:
    said = reader('tls.ca_file = "/nowhere/ca.pem"')
    with pytest.raises(ConfigError, match=r"/nowhere/ca\.pem: no certificates"):
        DriverFactory(said, SystemClock(), Receptions())
