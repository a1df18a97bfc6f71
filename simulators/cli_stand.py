"""What the commands of tagtally-sim have in common: what the reader is, and where it is found."""

import functools
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.errors import ConfigError
from simulators.play import Stand
from simulators.profile import GENERIC, PROFILES

if TYPE_CHECKING:
    from simulators.tls import ReaderTls

LLRP_PORT = 5084  # IANA's for LLRP without TLS
LLRP_TLS_PORT = 5085

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_OPTIONS = (
    click.option(
        "--host", default="127.0.0.1", show_default=True, help="The address to listen on."
    ),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        help="The port to listen on; 0 is a free one, which is printed.  "
        f"[default: {LLRP_PORT}, with TLS {LLRP_TLS_PORT}]",
    ),
    click.option(
        "--profile",
        type=click.Choice(list(PROFILES)),
        default=GENERIC.name,
        show_default=True,
        help="What the reader is: its capabilities, its limits and its quirks.",
    ),
    click.option("--tls", is_flag=True, help="Speak TLS, by a certificate made for it if need be."),
    click.option("--cert", type=_file, metavar="FILE.pem", help="Its certificate."),
    click.option("--key", type=_file, metavar="FILE.pem", help="The certificate's key."),
    click.option(
        "--client-ca",
        type=_file,
        metavar="FILE.pem",
        help="Clients must show a certificate that this authority has signed.",
    ),
    click.option(
        "--tls-folder",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Where to write ca.pem, client.pem and what else is made for TLS.  "
        "[default: a folder that goes with the program]",
    ),
    click.option(
        "--dial",
        metavar="HOST:PORT",
        help="Connect to a client that listens there, instead of listening.",
    ),
)


def stand_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options, and call it with the `stand` that they describe."""

    @functools.wraps(command)
    def wrapped(  # noqa: PLR0913 - one parameter an option
        *,
        host: str,
        port: int | None,
        profile: str,
        tls: bool,
        cert: Path | None,
        key: Path | None,
        client_ca: Path | None,
        tls_folder: Path | None,
        dial: str | None,
        **others: object,
    ) -> None:
        if not tls and (cert or key or client_ca or tls_folder):
            raise ConfigError("--cert, --key, --client-ca and --tls-folder need --tls")
        if (cert is None) != (key is None):
            raise ConfigError("--cert and --key belong together")
        if port is None:
            port = LLRP_TLS_PORT if tls else LLRP_PORT
        if dial is not None:
            host, port = _address(dial)
        reader_tls = _tls(tls_folder, cert, key, client_ca) if tls else None
        command(stand=Stand(host, port, profile, reader_tls, dial is not None), **others)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def announce(stand: Stand, address: tuple[str, int]) -> None:
    host, port = address
    if stand.tls is not None:
        click.echo(f"certificates in {stand.tls.folder}")
    click.echo(f"{'dialling' if stand.dials else 'listening on'} {host}:{port}")


def _address(dial: str) -> tuple[str, int]:
    match = re.fullmatch(r"\[?([^\s\]]+?)\]?:(\d{1,5})", dial)
    if match is None or not 0 < int(match[2]) < 1 << 16:
        raise ConfigError(f"--dial {dial!r}, needed is HOST:PORT")
    return match[1], int(match[2])


def _tls(
    folder: Path | None, certificate: Path | None, key: Path | None, client_ca: Path | None
) -> "ReaderTls":
    try:
        from simulators.tls import ReaderTls, TlsFiles  # noqa: PLC0415 - it needs cryptography
    except ImportError as error:
        raise ConfigError("--tls needs a package: pip install 'tagtally[sim]'") from error
    if folder is None:
        made = tempfile.TemporaryDirectory(prefix="tagtally-sim-")
        folder = Path(click.get_current_context().with_resource(made))
    if certificate is None or key is None:
        return ReaderTls(folder, client_ca=client_ca)
    return ReaderTls(folder, TlsFiles(certificate, key), client_ca)
