"""The memory of a tag and what guards it (EPC Class-1 Generation-2, 1.2.0 §6.3.2.1 and §6.3.2.11).

| bank        | words                                             | guarded as                 |
| ----------- | ------------------------------------------------- | -------------------------- |
| 0, reserved | kill password (2), access password (2)            | kill, access: also reading |
| 1, EPC      | CRC, PC, then the EPC: as many words as PC says   | EPC                        |
| 2, TID      | E280 1170, and a number of the chip's own         | TID, never writable        |
| 3, user     | 32                                                | user, and eight blocks     |

A block of user memory, four words, can be locked for good (§6.3.2.11.3.9).
"""

import binascii
import zlib
from collections.abc import Sequence
from enum import IntEnum, StrEnum

from edge.llrp.constants import C1G2LockDataField as Field
from edge.llrp.constants import C1G2LockPrivilege as Privilege


class Bank(IntEnum):
    RESERVED = 0
    EPC = 1
    TID = 2
    USER = 3


class Trouble(StrEnum):
    """Why a tag does not do what it is asked."""

    OVERRUN = "there is no such memory"
    LOCKED = "the memory is locked"
    NO_BLOCKS = "the bank has no blocks that could be locked"
    PASSWORD = "the password is wrong"  # noqa: S105 - no password
    ZERO_KILL_PASSWORD = "a tag with kill password 0 cannot be killed"  # noqa: S105 - as above


class TagError(Exception):
    def __init__(self, trouble: Trouble, words_written: int = 0) -> None:
        super().__init__(trouble)
        self.trouble, self.words_written = trouble, words_written


_USER_WORDS = 32
_BLOCK_WORDS, _MASK_BITS = 4, 16
_LEAST_EPC_WORDS = 8
_TID = (0xE280, 0x1170)
_PC = 1  # the word of the EPC bank that says how long the EPC is
_GUARDED_BANKS = {
    Bank.EPC: Field.EPC_MEMORY,
    Bank.TID: Field.TID_MEMORY,
    Bank.USER: Field.USER_MEMORY,
}
_KILL_WORDS = 2  # the first of the reserved bank


class Tag:
    """A chip fresh from the factory, but for its EPC: no passwords, and only the TID locked."""

    def __init__(self, epc: bytes) -> None:
        words = _words(epc)
        room = [0] * max(0, _LEAST_EPC_WORDS - len(words))
        chip = zlib.crc32(epc)
        self._banks: dict[int, list[int]] = {
            Bank.RESERVED: [0, 0, 0, 0],
            Bank.EPC: [0, len(words) << 11, *words, *room],
            Bank.TID: [*_TID, 0x2000, 0, chip >> 16, chip & 0xFFFF],
            Bank.USER: [0] * _USER_WORDS,
        }
        self._locks = dict.fromkeys(Field, Privilege.UNLOCK)
        self._locks[Field.TID_MEMORY] = Privilege.PERMA_LOCK
        self._locked_blocks: set[int] = set()
        self._renew_crc()
        self.known_as = self.epc  # by the world
        self.is_killed = False

    @property
    def epc(self) -> bytes:
        """Give what the tag backscatters now."""
        bank = self._banks[Bank.EPC]
        return _bytes(bank[2 : 2 + (bank[_PC] >> 11)])

    @property
    def tid(self) -> tuple[int, ...]:
        return tuple(self._banks[Bank.TID])

    def bits(self, bank: int) -> str:
        """Give a bank as bits, as a Select command sees it."""
        return "".join(f"{word:016b}" for word in self._banks[bank])

    def read(self, bank: int, first: int, count: int, password: int) -> tuple[int, ...]:
        """Give `count` words, or all to the bank's end for 0.  Raises TagError."""
        is_secured = self._is_secured(password)
        words = self._banks[bank]
        end = first + count if count else len(words)
        if not 0 <= first < len(words) or end > len(words):
            raise TagError(Trouble.OVERRUN)
        if bank == Bank.RESERVED:
            for index in range(first, end):
                self._check_guard(_reserved_field(index), is_secured=is_secured)
        return tuple(words[first:end])

    def write(self, bank: int, first: int, data: Sequence[int], password: int) -> None:
        """Write word after word; what was written before an error stays.  Raises TagError."""
        is_secured = self._is_secured(password)
        words = self._banks[bank]
        for done, word in enumerate(data):
            index = first + done
            if index >= len(words):
                raise TagError(Trouble.OVERRUN, done)
            field = _reserved_field(index) if bank == Bank.RESERVED else _GUARDED_BANKS[Bank(bank)]
            try:
                self._check_guard(field, is_secured=is_secured)
            except TagError as error:
                raise TagError(error.trouble, done) from None
            if bank == Bank.EPC and index < _PC:
                raise TagError(Trouble.LOCKED, done)  # the tag computes its CRC itself
            if bank == Bank.USER and index // _BLOCK_WORDS in self._locked_blocks:
                raise TagError(Trouble.LOCKED, done)
            words[index] = word
            self._renew_crc()

    def lock(self, payloads: Sequence[tuple[int, int]], password: int) -> None:
        """Set (privilege, field) pairs, all or none.  Raises TagError."""
        if not self._is_secured(password):
            raise TagError(Trouble.PASSWORD)
        permanent = {Privilege.PERMA_LOCK, Privilege.PERMA_UNLOCK}
        for privilege, field in payloads:
            now = self._locks[Field(field)]
            if now in permanent and privilege != now:
                raise TagError(Trouble.LOCKED)
        for privilege, field in payloads:
            self._locks[Field(field)] = Privilege(privilege)

    def lock_blocks(self, bank: int, first: int, mask: Sequence[int], password: int) -> None:
        """Lock the blocks for good whose bits are set, sixteen to a word.  Raises TagError."""
        blocks = self._blocks(bank, first, len(mask), password)
        bits = "".join(f"{word:016b}" for word in mask)
        there = range(_USER_WORDS // _BLOCK_WORDS)
        self._locked_blocks |= {
            block for block, bit in zip(blocks, bits, strict=True) if bit == "1" and block in there
        }

    def locked_blocks(self, bank: int, first: int, count: int, password: int) -> tuple[int, ...]:
        """Give a bit for each block, sixteen to a word; 1 is locked.  Raises TagError."""
        blocks = self._blocks(bank, first, count, password)
        bits = "".join("1" if block in self._locked_blocks else "0" for block in blocks)
        return tuple(int(bits[at : at + _MASK_BITS], 2) for at in range(0, len(bits), _MASK_BITS))

    def _blocks(self, bank: int, first: int, count: int, password: int) -> range:
        """Give the blocks meant, `first` and `count` being in units of sixteen of them."""
        if not self._is_secured(password):
            raise TagError(Trouble.PASSWORD)
        if bank != Bank.USER:
            raise TagError(Trouble.NO_BLOCKS)
        units = -(-_USER_WORDS // (_BLOCK_WORDS * _MASK_BITS))
        if not count or first + count > units:
            raise TagError(Trouble.OVERRUN)
        return range(first * _MASK_BITS, (first + count) * _MASK_BITS)

    def kill(self, password: int) -> None:
        kill_password = _number(self._banks[Bank.RESERVED][:_KILL_WORDS])
        if kill_password == 0:
            raise TagError(Trouble.ZERO_KILL_PASSWORD)
        if password != kill_password:
            raise TagError(Trouble.PASSWORD)
        self.is_killed = True

    def _is_secured(self, password: int) -> bool:
        """Tell whether the tag is in its secured state once the password was given; 0 is none."""
        own = _number(self._banks[Bank.RESERVED][_KILL_WORDS:])
        if password not in {0, own}:
            raise TagError(Trouble.PASSWORD)
        return password == own

    def _check_guard(self, field: Field, *, is_secured: bool) -> None:
        privilege = self._locks[field]
        if privilege == Privilege.PERMA_LOCK:
            raise TagError(Trouble.LOCKED)
        if privilege == Privilege.READ_WRITE and not is_secured:
            raise TagError(Trouble.LOCKED)

    def _renew_crc(self) -> None:
        bank = self._banks[Bank.EPC]
        stored = _bytes(bank[_PC : 2 + (bank[_PC] >> 11)])
        bank[0] = binascii.crc_hqx(stored, 0xFFFF) ^ 0xFFFF


def _reserved_field(index: int) -> Field:
    return Field.KILL_PASSWORD if index < _KILL_WORDS else Field.ACCESS_PASSWORD


def _words(data: bytes) -> list[int]:
    even = data + b"\0" * (len(data) % 2)
    return [int.from_bytes(even[at : at + 2]) for at in range(0, len(even), 2)]


def _bytes(words: Sequence[int]) -> bytes:
    return b"".join(word.to_bytes(2) for word in words)


def _number(words: Sequence[int]) -> int:
    return int.from_bytes(_bytes(words))
