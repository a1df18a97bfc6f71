"""All that this program raises on purpose.

GatewayError
├── ConfigError      a person must edit a file        cli prints it and ends
├── ProtocolError    a stream nobody can follow       supervisor closes the link, keeps the bytes
├── ReaderError      one reader, for now              supervisor backs off and opens it anew
│   ├── ReaderRefused    it answered, and said no
│   └── ReaderSilent     it does not answer any more: the link is cut, without a goodbye
├── StorageError     disk or database file            engine accepts nothing, raises the alarm
│   ├── FileBusy         another program has locked it    tried again
│   ├── FileDamaged      its pages are not as they were   agent ends, and begins in a new file
│   └── FileUnsynced     the disk may not have it         agent ends, and reads what is there
├── InputError       what another program or a person has said is told back to it; nothing was done
│   ├── InputConflict    it contradicts what was said before
│   └── NothingSuch      there is no thing of that name
├── BrokerError      the broker cannot be had         sync waits, with the backlog in the file
└── DocumentsError   the document store, for now      bridge tries again; see cloud.documents
    ├── PreconditionFailed   a document was not as it was believed to be: read again, decide anew
    ├── OutcomeUnknown       no answer: the writes may stand or not, a fence must tell
    └── WritesRefused        no database takes this, however often it is tried
"""

from collections.abc import Sequence
from typing import ClassVar


class GatewayError(Exception):
    exit_code: ClassVar[int] = 1


class ConfigError(GatewayError):
    """One or more mistakes in a file that a person wrote; one line a mistake."""

    exit_code = 2  # as for a wrong option


class ProtocolError(GatewayError):
    exit_code = 76  # sysexits.h: remote error in protocol


class ReaderError(GatewayError):
    exit_code = 69  # sysexits.h: a service is unavailable


class ReaderRefused(ReaderError):
    def __init__(
        self, request: str, status: int, reason: str, numbering: str = "LLRP status"
    ) -> None:
        super().__init__(f"reader refused {request}: {reason} ({numbering} {status})")
        self.status = status


class ReaderSilent(ReaderError):
    pass


class StorageError(GatewayError):
    exit_code = 74  # sysexits.h: input/output error


class FileBusy(StorageError):
    pass


class FileDamaged(StorageError):
    pass


class FileUnsynced(StorageError):
    pass


class InputError(GatewayError):
    """Something said to the agent makes no sense; `mistakes` has a line for each place in it."""

    exit_code = 65  # sysexits.h: the data is wrong

    def __init__(self, text: str, mistakes: Sequence[str] = ()) -> None:
        super().__init__("\n  ".join([text, *mistakes]))
        self.mistakes = list(mistakes)


class InputConflict(InputError):
    pass


class NothingSuch(InputError):
    pass


class BrokerError(GatewayError):
    exit_code = 69


class DocumentsError(GatewayError):
    exit_code = 69


class PreconditionFailed(DocumentsError):
    pass


class OutcomeUnknown(DocumentsError):
    pass


class WritesRefused(DocumentsError):
    pass
