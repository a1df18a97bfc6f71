"""Tag reports to reads, fast: the body of an RO_ACCESS_REPORT in, `TagRead`s out.

Reports of one reader look alike.  What the first TagReportData of a kind says about its own shape,
its type and length octets, becomes a layout: a `struct.Struct` that cuts the wanted fields out, and
a mask over the octets that must be there again.  One comparison of two long integers then proves
that all records of a message have that layout, and the Struct reads them in one go; the length
alone would prove nothing, since different parameters can add up to the same.  Records of several
layouts are proved one by one, and what has no layout is walked through parameter by parameter.
"""

import msgspec

from edge.llrp.codec import Fault
from edge.llrp.layout import BrokenElement, FaultCause
from edge.llrp.report_layout import ReportLayout, Walked, walk
from edge.model import TagRead

UNKNOWN_DBM = -128.0  # of a reader that tells no signal strength: the lowest that it could tell
UNKNOWN_PORT = 0  # of a reader that tells no antenna; ports count from 1

_TAG_REPORT_DATA = (240).to_bytes(2)
_WHERE = "ROAccessReport/TagReportData"
_HEAD = 4  # octets of type and length
_MAX_LAYOUTS = 256  # EPC lengths times parameters left out; a reader needs a few
_MAX_PROOFS = 32
_MAX_RUN = 512  # records that are proved in one go


class ReportDecoder:
    """Reads the reports of one connection, and knows what came last.

    A reader may leave out what has not changed since its last report (LLRP 1.1 §14.2.3), so a
    field that is not there has the value that it had last.  `reset` forgets it all; it is due at a
    connect and whenever the ROSpec has changed.
    """

    def __init__(self) -> None:
        self._by_length: dict[int, list[ReportLayout]] = {}
        self._count = 0  # of layouts
        self._latest: ReportLayout | None = None
        self._proofs: dict[tuple[ReportLayout, int], tuple[int, int]] = {}
        self._offsets = (0, 0, 0)  # by what a stamp counts from
        self.lost = 0  # records that gave no read
        self.cut_by = set[int]()  # types of TV parameters behind which nothing can be found
        self.reset()

    def correct(self, *, utc_us: int, uptime_us: int) -> None:
        """Add so much to stamps from now on: those in UTC, those that count from a start."""
        self._offsets = (0, utc_us, uptime_us)

    def reset(self) -> None:
        """Begin anew, with the same corrections."""
        self._held = TagRead(b"", UNKNOWN_PORT, UNKNOWN_DBM, 0)
        self._now_us = 0
        self._knows_time = False
        self._forget_layouts()

    def decode(self, body: bytes, now_us: int, faults: list[Fault]) -> list[TagRead]:
        """Read the tags of one RO_ACCESS_REPORT; add what could not be read to `faults`.

        `now_us` is the corrected time of a read whose report has none.
        """
        self._now_us = now_us
        if not self._knows_time:
            self._held = msgspec.structs.replace(self._held, at_us=now_us)
        if (layout := self._latest) is not None:
            count, rest = divmod(len(body), layout.length)
            if not rest and self._are_proved(layout, body, count):
                reads = layout.reads(body, self._held, self._offsets[layout.stamp])
                self._held = reads[-1]
                return reads
        return self._one_by_one(body, faults)

    def _are_proved(self, layout: ReportLayout, records: bytes, count: int) -> bool:
        if not 0 < count <= _MAX_RUN:
            return False
        proof = self._proofs.get((layout, count))
        if proof is None:
            if len(self._proofs) >= _MAX_PROOFS:
                self._proofs.clear()
            proof = self._proofs[layout, count] = layout.proof(count)
        return int.from_bytes(records) & proof[0] == proof[1]

    def _one_by_one(self, body: bytes, faults: list[Fault]) -> list[TagRead]:
        reads: list[TagRead] = []
        by_length, offsets = self._by_length, self._offsets
        at, last = 0, len(body) - _HEAD
        while at <= last:
            length = body[at + 2] << 8 | body[at + 3]
            record = body[at : at + length]
            whole = int.from_bytes(record)
            for layout in by_length.get(length, ()):
                if whole & layout.mask == layout.wanted:
                    self._held = layout.read(record, self._held, offsets[layout.stamp])
                    self._latest = layout
                    reads.append(self._held)
                    break
            else:
                if not _HEAD <= length <= len(body) - at:
                    break
                if record[:2] == _TAG_REPORT_DATA:
                    reads += self._walk(record, faults)
            at += length
        if at < len(body):
            detail = f"no parameter in the last {len(body) - at} bytes"
            self.lost += 1
            faults.append(Fault(FaultCause.BAD_LENGTH, "ROAccessReport", detail))
        return reads

    def _walk(self, record: bytes, faults: list[Fault]) -> list[TagRead]:
        """Read a record of a shape not met before, and learn it."""
        shape: list[tuple[int, int]] = []
        try:
            walked = walk(record, shape)
        except BrokenElement as broken:
            self.lost += 1
            faults.append(Fault(broken.cause, _WHERE, broken.detail))
            return []
        if walked.cut_by:
            return [self._read_in_part(record, walked, faults)]
        self._held = walked.read(record, self._held, self._offsets[walked.stamp])
        self._knows_time |= walked.time_at > 0
        if walked.epc_bits % 8 == 0:
            self._learn(ReportLayout(record, walked, shape))
        return [self._held]

    def _read_in_part(self, record: bytes, walked: Walked, faults: list[Fault]) -> TagRead:
        """Read what stands before a TV parameter of unknown type.

        What is not found may stand behind, so that nobody can say that it is as it was.
        """
        self.cut_by.add(walked.cut_by)
        faults.append(Fault(FaultCause.UNKNOWN_PARAMETER, _WHERE, f"TV type {walked.cut_by}"))
        offset_us = self._offsets[walked.stamp]
        self._held = walked.read(record, self._held, offset_us)
        self._knows_time |= walked.time_at > 0
        unknown = TagRead(b"", UNKNOWN_PORT, UNKNOWN_DBM, self._now_us)
        return walked.read(record, unknown, offset_us)

    def _learn(self, layout: ReportLayout) -> None:
        """Keep a layout; where there are too many, begin anew with it."""
        if self._count >= _MAX_LAYOUTS:
            self._forget_layouts()
        self._by_length.setdefault(layout.length, []).append(layout)
        self._latest = layout
        self._count += 1

    def _forget_layouts(self) -> None:
        self._by_length.clear()
        self._proofs.clear()
        self._latest, self._count = None, 0
