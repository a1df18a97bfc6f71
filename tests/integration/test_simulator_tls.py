"""Simulated readers with TLS, and readers that dial out; real sockets, certificates made here."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.llrp import messages as m
from simulators.certificates import Authority
from simulators.running import SimulatedReader
from simulators.tls import ReaderTls, TlsFiles
from tests.support.sim_process import LlrpPeer, accept_peer, simulator
from tests.support.waiting import wait_until


@pytest.fixture
def tls(tmp_path: Path) -> ReaderTls:
    return ReaderTls(tmp_path / "tls")


@pytest.fixture
def reader(tls: ReaderTls) -> Iterator[SimulatedReader]:
    with SimulatedReader("demo", duration_s=0, tls=tls) as running:
        yield running


def trusting(tls: ReaderTls, *, with_certificate: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(tls.folder / "ca.pem"))
    if with_certificate:
        context.load_cert_chain(tls.folder / "client.pem", tls.folder / "client.key")
    return context


def ask(peer: LlrpPeer) -> None:
    with peer:
        peer.ask(m.GetReaderCapabilities(requested_data=0), m.GetReaderCapabilitiesResponse)


def test_a_client_that_trusts_the_authority_talks_over_tls(
    reader: SimulatedReader, tls: ReaderTls
) -> None:
    ask(LlrpPeer(reader.port, tls=trusting(tls)))
    ask(LlrpPeer(reader.port, tls=trusting(tls)))


def test_reads_over_tls_count_as_delivered(reader: SimulatedReader, tls: ReaderTls) -> None:
    with LlrpPeer(reader.port, tls=trusting(tls)) as peer:
        reader.fault("foreign-rospec", state="active")
        wait_until(lambda: int(str(reader.state()["delivered_reads"])) > 100)
        assert isinstance(next(peer.messages()), m.ReaderEventNotification)


def test_a_client_without_tls_gets_nothing_and_does_not_keep_others_away(
    reader: SimulatedReader, tls: ReaderTls
) -> None:
    with socket.create_connection((reader.host, reader.port), 5) as silent:
        ask(LlrpPeer(reader.port, tls=trusting(tls)))
        silent.sendall(b"\x04\x1a\x00\x00\x00\x0a\x00\x00\x00\x01")
        wait_until(lambda: reader.state()["tls_failures"] != [])


FLAWS = {
    "expired": "certificate has expired",
    "unknown-ca": "self-signed certificate in certificate chain|unable to get local issuer",
    "wrong-name": "Hostname mismatch",
}


@pytest.mark.parametrize(("kind", "complaint"), FLAWS.items(), ids=FLAWS)
def test_a_flawed_certificate_is_what_a_careful_client_complains_of(
    reader: SimulatedReader, tls: ReaderTls, kind: str, complaint: str
) -> None:
    reader.fault("tls-certificate", kind=kind)
    with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
        LlrpPeer(reader.port, tls=trusting(tls))
    reader.clear()
    ask(LlrpPeer(reader.port, tls=trusting(tls)))


def test_a_client_certificate_is_asked_for_when_it_is_required(
    reader: SimulatedReader, tls: ReaderTls
) -> None:
    reader.fault("tls-client-required")
    with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
        ask(LlrpPeer(reader.port, tls=trusting(tls)))
    ask(LlrpPeer(reader.port, tls=trusting(tls, with_certificate=True)))
    assert len(list(reader.state()["tls_failures"])) == 1  # type: ignore[call-overload] # a list


def test_a_certificate_of_ones_own_is_shown(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "own")
    pair = authority.reader()
    tls = ReaderTls(tmp_path / "tls", TlsFiles(pair.certificate, pair.key), authority.ca)
    client = authority.client()
    context = ssl.create_default_context(cafile=str(authority.ca))
    context.load_cert_chain(client.certificate, client.key)
    with SimulatedReader("demo", tls=tls) as reader:
        ask(LlrpPeer(reader.port, tls=context))


def test_files_that_are_no_certificate_are_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("nothing")
    with pytest.raises(ConfigError, match=r"wrong\.pem and .*wrong\.pem: no certificate"):
        ReaderTls(tmp_path / "tls", TlsFiles(wrong, wrong))
    with pytest.raises(ConfigError, match=r"wrong\.pem: no certificates"):
        ReaderTls(tmp_path / "tls", None, wrong)


def test_the_command_serves_tls_and_says_where_the_certificates_are(tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    with simulator(tmp_path, "run", "demo", "--tls", "--tls-folder", str(folder)) as sim:
        context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        ask(LlrpPeer(sim.port, tls=context))
        assert f"certificates in {folder}" in sim.output()


# ------------------------------------------------------------------------------ readers that dial


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_a_reader_that_dials_comes_by_itself_and_comes_again(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with SimulatedReader("demo", port=port, dials=True):
        for _ in range(2):
            peer = accept_peer(listener)
            assert isinstance(next(peer.messages()), m.ReaderEventNotification)
            ask(peer)


def test_a_reader_dials_until_somebody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        SimulatedReader("demo", port=port, dials=True),
        socket.create_server(("127.0.0.1", port)) as listening,
    ):
        ask(accept_peer(listening))


def test_a_reader_that_dials_brings_its_certificate(
    listener: socket.socket, tls: ReaderTls
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.folder / "reader.pem", tls.folder / "reader.key")
    with SimulatedReader("demo", port=listener.getsockname()[1], dials=True, tls=tls):
        ask(accept_peer(listener, context))


def test_the_command_dials(listener: socket.socket, tmp_path: Path) -> None:
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    with simulator(tmp_path, "run", "demo", "--dial", address):
        ask(accept_peer(listener))
