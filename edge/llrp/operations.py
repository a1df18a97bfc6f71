"""What a reader may be told to do besides reading tags."""

from typing import Protocol

import msgspec

from edge.llrp.conversation import Ask, Conversation, ask, is_good, reason_of
from edge.llrp.messages import SetReaderConfig
from edge.llrp.parameters_config import GPOWriteData


class Outcome(msgspec.Struct, frozen=True):
    """What has become of an operation; `words` are those read from a tag, if any were."""

    done: bool
    detail: str
    words: tuple[int, ...] = ()


class Operation(Protocol):
    def conversation(self, rospec_id: int) -> Conversation[Outcome]:
        """Do it, while the ROSpec of that number goes on; ReaderRefused is an outcome too."""
        ...


class SetOutput(msgspec.Struct, frozen=True, tag="set_output"):
    """Set one of the reader's output lines (GPO), which are counted from 1."""

    port: int
    is_high: bool

    def conversation(self, rospec_id: int) -> Conversation[Outcome]:  # noqa: ARG002 - no ROSpec's matter
        data = GPOWriteData(gpo_port_number=self.port, gpo_data=self.is_high)
        _, status = yield from ask(Ask(SetReaderConfig(gpo_write_datas=(data,))))
        level = "high" if self.is_high else "low"
        if is_good(status):
            return Outcome(done=True, detail=f"output {self.port} is {level}")
        return Outcome(done=False, detail=f"output {self.port}: {reason_of(status)}")
