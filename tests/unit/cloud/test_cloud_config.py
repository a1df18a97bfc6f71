"""cloud.toml: what is read, and what is told of a file that is wrong."""

from pathlib import Path

import pytest

from cloud.config import (
    BridgeConfig,
    Config,
    DocumentsConfig,
    Kind,
    MqttConfig,
    WebConfig,
    load,
    mqtt_password,
)
from edge.errors import ConfigError

EMBEDDED = '[documents]\nkind = "embedded"\n'
FIRESTORE = '[documents]\nkind = "firestore"\nproject = "my-project"\n'
FULL = """
[documents]
kind = "firestore"
project = "my-project"
credentials = "key.json"
[mqtt]
host = "broker.example.org"
port = 8883
username = "bridge"
password_file = "secrets/mqtt"
[bridge]
metrics_port = 9464
[web]
host = "0.0.0.0"
port = 80
"""
EMULATOR = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:8080"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cloud.toml"


def read(path: Path, text: str, environment: dict[str, str] | None = None) -> Config:
    path.write_text(text, encoding="utf-8")
    return load(path, environment or {})


def test_a_full_file_is_read_with_paths_that_count_from_its_folder(path: Path) -> None:
    assert read(path, FULL) == Config(
        DocumentsConfig(
            kind=Kind.FIRESTORE,
            project="my-project",
            credentials=str(path.parent / "key.json"),
            path="/var/lib/tagtally/documents.db",
            limits=True,
        ),
        MqttConfig("broker.example.org", 8883, "bridge", str(path.parent / "secrets" / "mqtt")),
        BridgeConfig("127.0.0.1", 9464),
        WebConfig("0.0.0.0", 80),  # noqa: S104 - a container listens so
    )


def test_the_shortest_file_listens_on_this_machine_only(path: Path) -> None:
    config = read(path, EMBEDDED)
    assert config.web == WebConfig("127.0.0.1", 8080)
    assert config.mqtt is None
    assert config.documents.path == "/var/lib/tagtally/documents.db"


LIMITS = {
    "a real Firestore has them": (FIRESTORE, {}, True),
    "the emulator has none": (FIRESTORE, EMULATOR, False),
    "a file has none": (EMBEDDED, {}, False),
    "the emulator can be held to them": (FIRESTORE + "limits = true\n", EMULATOR, True),
    "a real Firestore can be let go": (FIRESTORE + "limits = false\n", {}, False),
}


@pytest.mark.parametrize(("text", "environment", "limits"), LIMITS.values(), ids=LIMITS)
def test_firestores_limits_are_kept_where_there_are_some(
    path: Path,
    text: str,
    environment: dict[str, str],
    limits: bool,  # noqa: FBT001  (a table's)
) -> None:
    assert read(path, text, environment).documents.limits is limits


def test_tls_files_count_from_the_files_folder(path: Path) -> None:
    files = 'ca = "ca.pem"\ncert = "bridge.pem"\nkey = "/etc/ssl/bridge.key"\n'
    mqtt = read(path, EMBEDDED + '[mqtt]\nhost = "b"\n' + files).mqtt
    assert mqtt is not None
    folder = path.parent
    assert (mqtt.ca, mqtt.cert) == (str(folder / "ca.pem"), str(folder / "bridge.pem"))
    assert mqtt.key == "/etc/ssl/bridge.key"


def test_a_path_of_documents_counts_from_the_files_folder(path: Path) -> None:
    config = read(path, f'{EMBEDDED}path = "documents.db"\n')
    assert config.documents.path == str(path.parent / "documents.db")


def test_the_emulator_takes_the_place_of_firestore(path: Path) -> None:
    documents = read(path, FIRESTORE, EMULATOR).documents
    assert (documents.emulator, documents.project) == ("127.0.0.1:8080", "my-project")


def test_the_emulator_needs_no_project(path: Path) -> None:
    documents = read(path, '[documents]\nkind = "firestore"\n', EMULATOR).documents
    assert documents.project == "demo-tagtally"


def test_an_embedded_database_does_not_care_for_the_emulator(path: Path) -> None:
    assert read(path, EMBEDDED, EMULATOR).documents.emulator is None


WRONG: dict[str, tuple[str, list[str]]] = {
    "nothing": ("", ["documents: missing; expected a table"]),
    "no kind": (
        "[documents]\n",
        ["documents.kind: missing; expected one of firestore, embedded"],
    ),
    "another kind": (
        '[documents]\nkind = "mongo"\n',
        ['documents.kind: expected one of firestore, embedded, got "mongo"'],
    ),
    "Firestore without a project and without the emulator": (
        '[documents]\nkind = "firestore"\n',
        [
            "documents.project: missing; expected a Google Cloud project id",
            "(or set FIRESTORE_EMULATOR_HOST)",
        ],
    ),
    "a project that is none": (
        '[documents]\nkind = "firestore"\nproject = "My Project"\n',
        ["documents.project: expected a Google Cloud project id: 6 to 30", 'got "My Project"'],
    ),
    "a project of an embedded database": (
        f'{EMBEDDED}project = "my-project"\n',
        ['documents.project: has no meaning for kind = "embedded"'],
    ),
    "a path of Firestore": (
        f'{FIRESTORE}path = "x"\n',
        ['documents.path: has no meaning for kind = "firestore"'],
    ),
    "a key that is mistyped": (
        f"{EMBEDDED}[web]\nprot = 80\n",
        ["web.prot: unknown key; did you mean port?"],
    ),
    "a table that is unknown": (
        f"{EMBEDDED}[firebase]\n",
        ["firebase: unknown key; allowed: documents, mqtt, bridge, web"],
    ),
    "the emulator in the file": (
        f'{FIRESTORE}emulator = "127.0.0.1:1"\n',
        ["documents.emulator: unknown key; allowed:"],
    ),
    "a port that is text": (
        f'{EMBEDDED}[web]\nport = "80"\n',
        ['web.port: expected an integer from 1 to 65535, got "80"'],
    ),
    "a port that is none": (
        f"{EMBEDDED}[web]\nport = 65536\n",
        ["web.port: expected an integer from 1 to 65535, got 65536"],
    ),
    "a broker without a host": (
        f"{EMBEDDED}[mqtt]\nport = 1883\n",
        ["mqtt.host: missing; expected a host name or address"],
    ),
    "a URL as a host": (
        f'{EMBEDDED}[mqtt]\nhost = "mqtt://broker"\n',
        ['mqtt.host: expected a host name or address, got "mqtt://broker"'],
    ),
    "a value where a table belongs": (
        f"web = 8080\n{EMBEDDED}",
        ["web: expected a table, got 8080"],
    ),
    "several at once, each with its place": (
        '[documents]\nkind = "embedded"\nproject = "my-project"\n[web]\nport = 0\nhosst = "a"\n',
        ["3 mistakes", "\n  web.hosst: ", "\n  web.port: ", "\n  documents.project: "],
    ),
    "no TOML": ("[documents\n", ["not TOML", "line 1"]),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_told_by_place_and_by_what_is_allowed(
    path: Path, text: str, told: list[str]
) -> None:
    with pytest.raises(ConfigError) as raised:
        read(path, text)
    assert str(raised.value).startswith(f"{path}: ")
    for part in told:
        assert part in str(raised.value)


def test_an_emulator_that_is_no_address_is_told(path: Path) -> None:
    with pytest.raises(ConfigError, match="FIRESTORE_EMULATOR_HOST: expected host:port"):
        read(path, FIRESTORE, {"FIRESTORE_EMULATOR_HOST": "http://localhost"})


def test_a_file_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load(path, {})


def test_a_file_that_is_no_text_is_told(path: Path) -> None:
    path.write_bytes(b"[documents]\n# \xff\n")
    with pytest.raises(ConfigError, match="not UTF-8 at byte 14"):
        load(path, {})


def test_a_password_is_the_files_first_line(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret with a blank \n")
    assert mqtt_password(MqttConfig("broker", password_file=str(file))) == "s3cret with a blank "


def test_no_password_file_is_no_password() -> None:
    assert mqtt_password(MqttConfig("broker")) is None


@pytest.mark.parametrize("content", [None, "\n"], ids=["not there", "empty"])
def test_a_password_file_without_a_password_is_told(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError, match=str(file)):
        mqtt_password(MqttConfig("broker", password_file=str(file)))
