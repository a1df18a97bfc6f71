"""store.toml: what is read from a right one, and everything that a wrong one is told."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import config
from edge.config_zones import BulkExitConfig
from edge.errors import ConfigError
from edge.model import ZoneKind

PATH = Path("/etc/tagtally/store.toml")
STORE = '[store]\nid = "muc-01"\n'
READER = """
[[readers]]
name = "floor-1"
protocol = "llrp"
host = "10.0.4.21"
"""
ANTENNA = '[[readers.antennas]]\nport = 1\nzone = "floor"\n'
MQTT = '[mqtt]\nhost = "broker.example.org"\n'
SMALLEST = STORE + READER + ANTENNA + MQTT


def mistakes_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        config.parse(text, PATH)
    _, *mistakes = str(raised.value).splitlines()
    return [mistake.strip() for mistake in mistakes]


def test_the_smallest_file_gets_the_documented_defaults() -> None:
    read = config.parse(SMALLEST, PATH)
    (reader,) = read.readers
    assert isinstance(reader, config.ReaderConfig)
    assert reader.port == 5084
    assert (read.mqtt.port, read.mqtt.username, read.mqtt.password_file) == (1883, None, None)
    assert read.storage.path == "/var/lib/tagtally/store.db"
    assert (read.presence.epoch_s, read.presence.absence_s) == (2.0, None)
    assert read.sync.flush_s == 1.0


def test_every_key_of_a_full_file_is_taken() -> None:
    read = config.parse(
        """
        [store]
        id = "muc-01"
        name = "München, Sendlinger Straße"
        [[readers]]
        name = "floor-1"
        protocol = "llrp"
        host = "fe80::1"
        port = 15084
        antennas = [{ port = 1, zone = "floor" }, { port = 2, zone = "back_room" }]
        [[zones]]
        name = "back_room"
        kind = "back_room"
        [mqtt]
        host = "broker.example.org"
        port = 1884
        username = "muc-01"
        password_file = "/run/secrets/mqtt"
        [storage]
        path = "/data/store.db"
        [presence]
        epoch_s = 1
        absence_s = 60.5
        [sync]
        flush_s = 0.5
        """,
        PATH,
    )
    assert read == config.Config(
        store=config.StoreConfig("muc-01", "München, Sendlinger Straße"),
        readers=(
            config.ReaderConfig(
                name="floor-1",
                host="fe80::1",
                port=15084,
                antennas=(
                    config.AntennaConfig(1, "floor"),
                    config.AntennaConfig(2, "back_room"),
                ),
            ),
        ),
        zones=(config.ZoneConfig("back_room", ZoneKind.BACK_ROOM),),
        mqtt=config.MqttConfig("broker.example.org", 1884, "muc-01", "/run/secrets/mqtt"),
        storage=config.StorageConfig("/data/store.db"),
        presence=config.PresenceConfig(1.0, 60.5),
        sync=config.SyncConfig(0.5),
    )


def test_a_zone_that_is_not_described_is_a_sales_floor() -> None:
    described = '[[zones]]\nname = "cellar"\nkind = "back_room"\n'
    read = config.parse(SMALLEST + described, PATH)
    assert read.zone_kinds() == {"cellar": ZoneKind.BACK_ROOM, "floor": ZoneKind.SALES_FLOOR}


def test_relative_paths_count_from_the_folder_of_the_file() -> None:
    text = SMALLEST + 'password_file = "secret"\n[storage]\npath = "../store.db"\n'
    read = config.parse(text, PATH)
    paths = (read.mqtt.password_file, read.storage.path)
    assert paths == ("/etc/tagtally/secret", "/etc/tagtally/../store.db")


def test_zones_have_profiles_of_which_some_values_may_differ() -> None:
    text = (
        SMALLEST
        + """
        [presence]
        calibration = "weights.json"
        company_prefixes = ["0614141", "4012345"]
        track_strays = true
        bulk_exit = { items = 8, within_s = 20 }
        [[zones]]
        name = "vitrine"
        profile = "jewellery"
        override = { missing_max_s = 600, trust = 0.5 }
        [[zones]]
        name = "till"
        kind = "point_of_sale"
        sells = true
        """
    )
    read = config.parse(text, PATH)
    assert read.presence == config.PresenceConfig(
        calibration="/etc/tagtally/weights.json",
        company_prefixes=("0614141", "4012345"),
        track_strays=True,
        bulk_exit=BulkExitConfig(8, 20.0),
    )
    vitrine, till = read.zones
    assert (vitrine.kind, vitrine.profile) == (ZoneKind.SALES_FLOOR, "jewellery")
    assert vitrine.override.set_values() == {"missing_max_s": 600.0, "trust": 0.5}
    assert till.sells


WORD = "1 to 40 of a-z, 0-9, - and _, the first a letter or a digit"
PORT = "an integer from 1 to 65535"
PROTOCOLS = "llrp, mercury, r2000, uhfreader, tsl, m100, auto"
WRONG = {
    "a store id with capitals": (
        SMALLEST.replace("muc-01", "MUC"),
        'store.id: expected 1 to 40 of a-z, 0-9 and -, the first a letter or a digit, got "MUC"',
    ),
    "a store id with a line feed at its end": (
        SMALLEST.replace("muc-01", r"muc\n"),
        (
            "store.id: expected 1 to 40 of a-z, 0-9 and -, the first a letter or a digit, "
            r'got "muc\n"'
        ),
    ),
    "a reader's port in words": (
        STORE + READER + 'port = "abc"\n' + ANTENNA + MQTT,
        f'readers[0].port: expected {PORT}, got "abc"',
    ),
    "a port beyond 16 bits": (SMALLEST + "port = 65536", f"mqtt.port: expected {PORT}, got 65536"),
    "a port that is true": (SMALLEST + "port = true", f"mqtt.port: expected {PORT}, got true"),
    "an antenna without zone, the second of the second reader": (
        SMALLEST
        + READER.replace("floor-1", "floor-2").replace(".21", ".22")
        + ANTENNA
        + "[[readers.antennas]]\nport = 2\n",
        f"readers[1].antennas[1].zone: missing; expected {WORD}",
    ),
    "a zone with a blank": (
        SMALLEST.replace('"floor"', '"sales floor"'),
        f'readers[0].antennas[0].zone: expected {WORD}, got "sales floor"',
    ),
    "an antenna port counted from 0": (
        SMALLEST.replace("port = 1\n", "port = 0\n"),
        "readers[0].antennas[0].port: expected an integer from 1 to 255, got 0",
    ),
    "a host with a port": (
        SMALLEST.replace("10.0.4.21", "10.0.4.21:5084/"),
        'readers[0].host: expected a host name or address, got "10.0.4.21:5084/"',
    ),
    "a protocol that nobody knows": (
        SMALLEST.replace('"llrp"', '"lrp"'),
        f'readers[0].protocol: expected one of {PROTOCOLS}, got "lrp"',
    ),
    "a zone's kind": (
        SMALLEST + '[[zones]]\nname = "floor"\nkind = "shop"\n',
        (
            "zones[0].kind: expected one of sales_floor, back_room, fitting_room, point_of_sale, "
            'exit, dock, got "shop"'
        ),
    ),
    "a zone's profile": (
        SMALLEST + '[[zones]]\nname = "floor"\nprofile = "shoes"\n',
        (
            "zones[0].profile: expected one of apparel, jewellery, dock_door, point_of_sale, "
            'got "shoes"'
        ),
    ),
    "a value of a profile": (
        SMALLEST + '[[zones]]\nname = "floor"\noverride = { change = 1 }\n',
        "zones[0].override.change: expected a chance, a number above 0 up to 0.2, got 1",
    ),
    "a value that no profile has": (
        SMALLEST + '[[zones]]\nname = "floor"\noverride = { missing_mins = 1 }\n',
        "zones[0].override.missing_mins: unknown key; did you mean missing_min_s?",
    ),
    "values of a profile that contradict each other": (
        SMALLEST
        + '[[zones]]\nname = "floor"\noverride = { missing_min_s = 90, missing_max_s = 60 }\n',
        ("zones[0].override.missing_min_s: expected at most missing_max_s, which is 60, got 90"),
    ),
    "a till that sells and is none": (
        SMALLEST + '[[zones]]\nname = "floor"\nsells = true\n',
        'zones[0].sells: has no meaning without kind = "point_of_sale"',
    ),
    "a company prefix": (
        SMALLEST + '[presence]\ncompany_prefixes = ["40-12345"]\n',
        (
            "presence.company_prefixes[0]: expected 4 to 12 digits of a GS1 company prefix, "
            'got "40-12345"'
        ),
    ),
    "a company prefix that is a number": (
        SMALLEST + "[presence]\ncompany_prefixes = [4012345]\n",
        (
            "presence.company_prefixes[0]: expected 4 to 12 digits of a GS1 company prefix, "
            "got 4012345"
        ),
    ),
    "a key that is misspelt": (
        SMALLEST.replace("[mqtt]\n", '[mqtt]\nusernam = "x"\n'),
        "mqtt.usernam: unknown key; did you mean username?",
    ),
    "a certificate without its key": (
        SMALLEST.replace("[mqtt]", '[mqtt]\nca = "ca.pem"\ncert = "a.pem"'),
        "mqtt.cert: has no meaning without key",
    ),
    "a key that is like none": (
        SMALLEST + "[sync]\nqos = 2\n",
        "sync.qos: unknown key; allowed: flush_s, rebuild_s, events",
    ),
    "a table that is misspelt": (
        SMALLEST + "[presense]\n",
        "presense: unknown key; did you mean presence?",
    ),
    "no readers": (
        STORE + MQTT,
        "readers: missing; expected one [[readers]] or more",
    ),
    "an empty list of readers": (
        "readers = []\n" + STORE + MQTT,
        "readers: expected one [[readers]] or more, got an empty list",
    ),
    "one reader in single brackets": (
        STORE + "[readers]\n" + MQTT,
        "readers: expected one [[readers]] or more, got an empty table",
    ),
    "a reader without antennas": (
        STORE + READER + MQTT,
        "readers[0].antennas: missing; expected one [[readers.antennas]] or more",
    ),
    "no broker": (STORE + READER + ANTENNA, "mqtt: missing; expected a table"),
    "a number for a table": (
        "mqtt = 5\n" + STORE + READER + ANTENNA,
        "mqtt: expected a table, got 5",
    ),
    "a date for a number": (
        SMALLEST + "[sync]\nflush_s = 1979-05-27\n",
        "sync.flush_s: expected a number from 0.05 to 3600, got 1979-05-27",
    ),
    "no number": (
        SMALLEST + "[presence]\nepoch_s = nan\n",
        "presence.epoch_s: expected a number from 0.1 to 60, got NaN",
    ),
    "two readers of one name": (
        SMALLEST + READER.replace("10.0.4.21", "10.0.4.22") + ANTENNA,
        "readers[1].name: floor-1 is taken by readers[0] already",
    ),
    "two readers at one address": (
        SMALLEST + READER.replace("floor-1", "floor-2") + "port = 5084\n" + ANTENNA,
        "readers[1].host: 10.0.4.21:5084 is taken by readers[0] already",
    ),
    "an antenna port twice": (
        STORE + READER + ANTENNA + ANTENNA + MQTT,
        "readers[0].antennas[1].port: 1 is taken by readers[0].antennas[0] already",
    ),
    "a zone twice": (
        SMALLEST + '[[zones]]\nname = "floor"\nkind = "dock"\n' * 2,
        "zones[1].name: floor is taken by zones[0] already",
    ),
}


@pytest.mark.parametrize(("text", "mistake"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_with_its_place_and_what_is_allowed(text: str, mistake: str) -> None:
    assert mistakes_of(text) == [mistake]


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = """
        colour = "red"
        [[readers]]
        name = "floor 1"
        protocol = "llrp"
        host = ""
        port = -1
        antennas = [{ port = 1, zone = "floor" }, { port = 1 }, 5]
        [mqtt]
        port = 1883
    """
    assert [mistake.partition(":")[0] for mistake in mistakes_of(text)] == [
        "colour",
        "store",
        "readers[0].name",
        "readers[0].host",
        "readers[0].antennas[1].zone",
        "readers[0].antennas[2]",
        "readers[0].port",
        "mqtt.host",
        "readers[0].antennas[1].port",
    ]


def test_the_first_line_names_the_file_and_counts_its_mistakes() -> None:
    with pytest.raises(ConfigError, match=r"\A/etc/tagtally/store\.toml: 1 mistake\n  mqtt: "):
        config.parse(STORE + READER + ANTENNA, PATH)


def test_a_syntax_error_is_told_with_line_and_column() -> None:
    with pytest.raises(ConfigError, match=r"not TOML: .*\(at line 3, column 5\)"):
        config.parse(STORE + "x = München\n", PATH)


def test_a_long_value_is_shown_shortened() -> None:
    (mistake,) = mistakes_of(SMALLEST.replace("muc-01", "x" * 500))
    assert mistake.endswith("xxx...")
    assert len(mistake) < 150


def test_a_file_that_is_not_there_is_told_with_its_cause(tmp_path: Path) -> None:
    path = tmp_path / "store.toml"
    with pytest.raises(ConfigError, match=r"store\.toml: cannot be read: No such file"):
        config.load(path)


def test_a_file_that_is_not_utf_8_is_told_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "store.toml"
    path.write_bytes(b'[store]\nid = "m\xfcc"\n')
    with pytest.raises(ConfigError, match=r"store\.toml: not UTF-8 at byte 15"):
        config.load(path)


PASSWORDS = {
    "with a line feed": ("s3cret\n", "s3cret"),
    "without one": ("s3cret", "s3cret"),
    "with blanks that belong to it": (" s3 cret \r\n", " s3 cret "),
}


@pytest.mark.parametrize(("content", "password"), PASSWORDS.values(), ids=PASSWORDS)
def test_the_password_is_the_line_in_its_file(tmp_path: Path, content: str, password: str) -> None:
    (tmp_path / "secret").write_bytes(content.encode())
    read = config.parse(SMALLEST + 'password_file = "secret"', tmp_path / "store.toml")
    assert config.mqtt_password(read) == password


def test_an_empty_password_file_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    read = config.parse(SMALLEST + 'password_file = "secret"', tmp_path / "store.toml")
    with pytest.raises(ConfigError, match=r"secret: expected the broker's password"):
        config.mqtt_password(read)


def test_without_a_password_file_there_is_no_password() -> None:
    assert config.mqtt_password(config.parse(SMALLEST, PATH)) is None


VALUES = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.floats(), st.dates(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


def as_toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            kept = string.ascii_letters + string.digits
            return '"' + "".join(one for one in value if one in kept) + '"'
        case list():
            return "[" + ", ".join(map(as_toml, value)) + "]"
    return str(value)


@given(
    key=st.sampled_from(["id", "name", "host", "port", "zone", "antennas", "readers", "mqtt"]),
    value=VALUES,
)
def test_whatever_stands_in_a_file_it_is_read_or_it_is_told(key: str, value: object) -> None:
    for table in ("", STORE, STORE + READER, STORE + READER + ANTENNA, SMALLEST):
        text = f"{table}\n{key} = {as_toml(value)}\n"
        try:
            assert config.parse(text, PATH)
        except ConfigError as error:
            assert str(PATH) in str(error)  # noqa: PT017 both ends are allowed
