"""TLS to a reader of the test's own: who is let in, who is turned away, and what is told."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from edge.errors import ConfigError, ReaderError
from edge.readers.links import TcpLink
from edge.readers.tls import TlsSettings, answering, client_context, securing
from tests.support.certificates import Certificate, self_signed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def of_reader(folder: Path) -> Certificate:
    return self_signed(folder, "reader")


@pytest.fixture(scope="module")
def of_agent(folder: Path) -> Certificate:
    return self_signed(folder, "agent")


class Reader:
    """Greets whoever comes over TLS, and echoes one word."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(5)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            client.settimeout(5)
            with self._context.wrap_socket(client, server_side=True) as secured:
                secured.sendall(b"hello " + secured.recv(100))
                secured.recv(100)

    def close(self) -> None:
        self._listener.close()
        self._thread.join(10)


MakeReader = Callable[..., Reader]


@pytest.fixture
def make_reader(of_reader: Certificate) -> Iterator[MakeReader]:
    made: list[Reader] = []

    def make(client_ca: Certificate | None = None, newest: ssl.TLSVersion | None = None) -> Reader:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(of_reader.path, of_reader.key)
        if client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client_ca.path)
        if newest is not None:
            context.maximum_version = newest
        made.append(Reader(context))
        return made[-1]

    yield make
    for one in made:
        one.close()


def greeting(port: int, settings: TlsSettings) -> bytes:
    link = TcpLink("127.0.0.1", port, securing(settings, "127.0.0.1"))
    try:
        assert link.open(0)
        link.write(b"agent")
        return link.read(5)
    finally:
        link.abort()


def test_a_reader_is_known_by_who_has_signed_for_it(
    make_reader: MakeReader, of_reader: Certificate
) -> None:
    settings = TlsSettings(ca_file=str(of_reader.path))
    assert greeting(make_reader().port, settings) == b"hello agent"


def test_a_reader_may_have_another_name_in_its_certificate(
    make_reader: MakeReader, of_reader: Certificate
) -> None:
    settings = TlsSettings(ca_file=str(of_reader.path), server_name="reader.example")
    assert greeting(make_reader().port, settings) == b"hello agent"


@pytest.mark.parametrize("colons", [False, True], ids=["plain", "with colons"])
def test_a_reader_is_known_by_its_fingerprint(
    make_reader: MakeReader,
    of_reader: Certificate,
    colons: bool,  # noqa: FBT001 - a case's value
) -> None:
    digits = of_reader.fingerprint
    if colons:
        digits = ":".join(digits[at : at + 2] for at in range(0, 64, 2)).upper()
    assert greeting(make_reader().port, TlsSettings(fingerprint=digits)) == b"hello agent"


def test_another_certificate_is_refused_and_its_fingerprint_told(
    make_reader: MakeReader, of_reader: Certificate, of_agent: Certificate
) -> None:
    with pytest.raises(ReaderError, match=f"another one: its SHA-256 is {of_reader.fingerprint}"):
        greeting(make_reader().port, TlsSettings(fingerprint=of_agent.fingerprint))


def test_a_reader_that_nobody_known_has_signed_for_is_refused(
    make_reader: MakeReader, of_agent: Certificate
) -> None:
    with pytest.raises(ReaderError, match=r"cannot connect: .*self-signed certificate"):
        greeting(make_reader().port, TlsSettings(ca_file=str(of_agent.path)))


def test_a_certificate_in_anothers_name_is_refused(
    make_reader: MakeReader, of_reader: Certificate
) -> None:
    settings = TlsSettings(ca_file=str(of_reader.path), server_name="other.example")
    with pytest.raises(ReaderError, match=r"cannot connect: .*other\.example"):
        greeting(make_reader().port, settings)


def test_a_reader_that_wants_a_certificate_gets_ours(
    make_reader: MakeReader, of_reader: Certificate, of_agent: Certificate
) -> None:
    settings = TlsSettings(
        ca_file=str(of_reader.path), certificate=str(of_agent.path), key=str(of_agent.key)
    )
    assert greeting(make_reader(client_ca=of_agent).port, settings) == b"hello agent"


def test_without_our_certificate_such_a_reader_ends_the_link(
    make_reader: MakeReader, of_reader: Certificate, of_agent: Certificate
) -> None:
    with pytest.raises(ReaderError):
        greeting(make_reader(client_ca=of_agent).port, TlsSettings(ca_file=str(of_reader.path)))


def test_a_reader_that_knows_old_versions_only_is_refused_unless_they_are_allowed(
    make_reader: MakeReader, of_reader: Certificate
) -> None:
    settings = TlsSettings(fingerprint=of_reader.fingerprint, minimum_version="1.3")
    with pytest.raises(ReaderError, match="cannot connect"):
        greeting(make_reader(newest=ssl.TLSVersion.TLSv1_2).port, settings)
    settings = TlsSettings(fingerprint=of_reader.fingerprint, minimum_version="1.2")
    assert greeting(make_reader(newest=ssl.TLSVersion.TLSv1_2).port, settings) == b"hello agent"


def test_a_silent_reader_gives_no_bytes_and_no_error(
    make_reader: MakeReader, of_reader: Certificate
) -> None:
    settings = TlsSettings(fingerprint=of_reader.fingerprint)
    link = TcpLink("127.0.0.1", make_reader().port, securing(settings, "127.0.0.1"))
    link.open(0)
    assert link.read(0.01) == b""
    link.close()


def test_a_reader_without_tls_is_an_error_with_its_cause() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        secure = securing(TlsSettings(fingerprint="00" * 32), "127.0.0.1")
        link = TcpLink("127.0.0.1", port, secure)

        def answer() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(100)
                client.sendall(bytes.fromhex("043f000000200ab288c9"))
                client.recv(1000)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ReaderError, match=f"{port}: cannot connect: "):
            link.open(0)
        link.abort()
        thread.join(10)


def called(mine: Certificate, settings: TlsSettings, of_caller: Certificate | None) -> bytes:
    """Have a reader with this certificate call us; give what it says."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        caller = threading.Thread(target=call, args=(listener.getsockname()[1], of_caller))
        caller.start()
        connected, _ = listener.accept()
        connected.settimeout(5)
        settings = msgspec.structs.replace(settings, certificate=str(mine.path), key=str(mine.key))
        with connected:
            try:
                with answering(settings)(connected) as secured:
                    return secured.recv(100)
            finally:
                connected.close()
                caller.join(10)


def call(port: int, own: Certificate | None) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if own is not None:
        context.load_cert_chain(own.path, own.key)
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain) as secured,
    ):
        secured.sendall(b"hello")
        secured.recv(100)


def test_a_reader_that_calls_is_known_by_its_own_certificate_and_its_fingerprint(
    of_reader: Certificate, of_agent: Certificate
) -> None:
    settings = TlsSettings(ca_file=str(of_reader.path), fingerprint=of_reader.fingerprint)
    assert called(of_agent, settings, of_reader) == b"hello"


def test_a_reader_that_calls_with_another_fingerprint_or_certificate_or_none_is_refused(
    of_reader: Certificate, of_agent: Certificate
) -> None:
    pinned = TlsSettings(ca_file=str(of_reader.path), fingerprint=of_agent.fingerprint)
    with pytest.raises(ReaderError, match=f"another one: its SHA-256 is {of_reader.fingerprint}"):
        called(of_agent, pinned, of_reader)
    with pytest.raises(ssl.SSLError, match="self-signed certificate"):
        called(of_agent, TlsSettings(ca_file=str(of_reader.path)), of_agent)
    with pytest.raises(ssl.SSLError, match="did not return a certificate"):
        called(of_agent, TlsSettings(ca_file=str(of_reader.path)), None)


USELESS = {
    "no authority": (TlsSettings(ca_file="/nowhere/ca.pem"), "/nowhere/ca.pem: no certificates"),
    "no certificate": (
        TlsSettings(fingerprint="00" * 32, certificate="/nowhere/own.pem"),
        "/nowhere/own.pem: No such file",
    ),
    "no cipher": (TlsSettings(fingerprint="00" * 32, ciphers="NONSENSE"), "ciphers 'NONSENSE'"),
}


@pytest.mark.parametrize(("settings", "text"), USELESS.values(), ids=USELESS)
def test_files_that_are_of_no_use_are_told_before_any_connection(
    settings: TlsSettings, text: str
) -> None:
    with pytest.raises(ConfigError, match=text):
        client_context(settings)


def test_old_versions_and_ciphers_can_be_chosen() -> None:
    settings = TlsSettings(
        fingerprint="00" * 32, minimum_version="1.0", ciphers="AES128-SHA:@SECLEVEL=0"
    )
    context = client_context(settings)
    assert "AES128-SHA" in {cipher["name"] for cipher in context.get_ciphers()}
