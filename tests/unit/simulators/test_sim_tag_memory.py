"""A tag's memory: what may be read, written, locked and killed, and by whom."""

from collections.abc import Callable

import pytest

from edge.llrp.constants import C1G2LockDataField as Field
from edge.llrp.constants import C1G2LockPrivilege as Privilege
from simulators.tag_memory import Bank, Tag, TagError, Trouble
from simulators.tags import MOST_TAGS, Tags

EPC = bytes.fromhex("3036443340000000000000a1")
PASSWORD, KILL = 0x1234_5678, 0xDEAD_BEEF


@pytest.fixture
def tag() -> Tag:
    return Tag(EPC)


@pytest.fixture
def guarded(tag: Tag) -> Tag:
    """Give the tag an access password and a kill password."""
    tag.write(Bank.RESERVED, 0, [0xDEAD, 0xBEEF, 0x1234, 0x5678], 0)
    return tag


def test_a_fresh_tag_has_its_epc_its_length_and_its_crc(tag: Tag) -> None:
    crc, pc, *epc = tag.read(Bank.EPC, 0, 8, 0)
    assert pc == 0x3000
    assert b"".join(word.to_bytes(2) for word in epc) == EPC
    assert crc == crc16(bytes.fromhex("3000") + EPC)


def crc16(data: bytes) -> int:
    """Bit by bit, as ISO/IEC 18000-63 annex F draws the shift register."""
    register = 0xFFFF
    for bit in "".join(f"{byte:08b}" for byte in data):
        feedback = (register >> 15) ^ int(bit)
        register = (register << 1 & 0xFFFF) ^ (0x1021 if feedback else 0)
    return register ^ 0xFFFF


def test_the_tid_says_whose_chip_it_is_and_differs_from_tag_to_tag(tag: Tag) -> None:
    other = Tag(EPC[:-1] + b"\xa2")
    assert tag.tid[:2] == other.tid[:2] == (0xE280, 0x1170)
    assert tag.tid != other.tid


def test_words_that_were_written_are_read(tag: Tag) -> None:
    tag.write(Bank.USER, 3, [1, 2, 3], 0)
    assert tag.read(Bank.USER, 2, 5, 0) == (0, 1, 2, 3, 0)
    assert len(tag.read(Bank.USER, 30, 0, 0)) == 2


def test_a_new_epc_is_what_the_tag_answers_from_then_on(tag: Tag) -> None:
    tag.write(Bank.EPC, 2, [0xABCD], 0)
    assert tag.epc == bytes.fromhex("abcd") + EPC[2:]
    tag.write(Bank.EPC, 1, [0x1000], 0)
    assert tag.epc == bytes.fromhex("abcd") + EPC[2:4]


FAILS: dict[str, tuple[Callable[[Tag], object], Trouble]] = {
    "read beyond the end": (lambda tag: tag.read(Bank.TID, 4, 3, 0), Trouble.OVERRUN),
    "read from beyond": (lambda tag: tag.read(Bank.USER, 32, 0, 0), Trouble.OVERRUN),
    "write beyond the end": (lambda tag: tag.write(Bank.USER, 32, [1], 0), Trouble.OVERRUN),
    "write the TID": (lambda tag: tag.write(Bank.TID, 0, [1], 0), Trouble.LOCKED),
    "write the CRC": (lambda tag: tag.write(Bank.EPC, 0, [1], 0), Trouble.LOCKED),
    "read with a wrong password": (lambda tag: tag.read(Bank.EPC, 0, 1, 1), Trouble.PASSWORD),
    "write with a wrong password": (lambda tag: tag.write(Bank.EPC, 2, [1], 1), Trouble.PASSWORD),
    "lock without the password": (
        lambda tag: tag.lock([(Privilege.READ_WRITE, Field.EPC_MEMORY)], 0),
        Trouble.PASSWORD,
    ),
    "kill with a wrong password": (lambda tag: tag.kill(1), Trouble.PASSWORD),
}


@pytest.mark.parametrize(("act", "trouble"), FAILS.values(), ids=FAILS)
def test_what_a_tag_does_not_do(
    guarded: Tag, act: Callable[[Tag], object], trouble: Trouble
) -> None:
    with pytest.raises(TagError) as caught:
        act(guarded)
    assert caught.value.trouble == trouble
    assert guarded.epc == EPC


def test_a_write_tells_how_far_it_came(tag: Tag) -> None:
    with pytest.raises(TagError) as caught:
        tag.write(Bank.USER, 30, [7, 8, 9], 0)
    assert caught.value.words_written == 2
    assert tag.read(Bank.USER, 30, 2, 0) == (7, 8)


# privilege: whether it can be written without the password, and with it
GUARDS = {
    Privilege.UNLOCK: (True, True),
    Privilege.READ_WRITE: (False, True),
    Privilege.PERMA_LOCK: (False, False),
    Privilege.PERMA_UNLOCK: (True, True),
}
PLACES = {Field.EPC_MEMORY: (Bank.EPC, 2), Field.USER_MEMORY: (Bank.USER, 0)}


@pytest.mark.parametrize("privilege", Privilege)
@pytest.mark.parametrize("field", PLACES)
def test_a_locked_bank_is_written_by_whom_the_lock_allows(
    guarded: Tag, privilege: Privilege, field: Field
) -> None:
    guarded.lock([(privilege, field)], PASSWORD)
    bank, word = PLACES[field]
    without = can(lambda: guarded.write(bank, word, [5], 0))
    assert (without, can(lambda: guarded.write(bank, word, [5], PASSWORD))) == GUARDS[privilege]
    assert can(lambda: guarded.read(bank, word, 1, 0))


@pytest.mark.parametrize("privilege", Privilege)
@pytest.mark.parametrize(("field", "word"), [(Field.KILL_PASSWORD, 0), (Field.ACCESS_PASSWORD, 2)])
def test_a_locked_password_cannot_be_read_either(
    guarded: Tag, privilege: Privilege, field: Field, word: int
) -> None:
    guarded.lock([(privilege, field)], PASSWORD)
    without = can(lambda: guarded.read(Bank.RESERVED, word, 2, 0))
    assert (without, can(lambda: guarded.read(Bank.RESERVED, word, 2, PASSWORD))) == (
        GUARDS[privilege]
    )


def can(act: Callable[[], object]) -> bool:
    try:
        act()
    except TagError:
        return False
    return True


@pytest.mark.parametrize("privilege", [Privilege.PERMA_LOCK, Privilege.PERMA_UNLOCK])
def test_what_is_permanent_stays(guarded: Tag, privilege: Privilege) -> None:
    guarded.lock([(privilege, Field.USER_MEMORY)], PASSWORD)
    guarded.lock([(privilege, Field.USER_MEMORY)], PASSWORD)
    with pytest.raises(TagError, match="locked"):
        guarded.lock([(Privilege.UNLOCK, Field.USER_MEMORY)], PASSWORD)


def test_a_lock_of_several_is_done_as_a_whole_or_not_at_all(guarded: Tag) -> None:
    guarded.lock([(Privilege.PERMA_UNLOCK, Field.USER_MEMORY)], PASSWORD)
    both = [(Privilege.READ_WRITE, Field.EPC_MEMORY), (Privilege.UNLOCK, Field.USER_MEMORY)]
    with pytest.raises(TagError, match="locked"):
        guarded.lock(both, PASSWORD)
    assert can(lambda: guarded.write(Bank.EPC, 2, [1], 0))


def test_a_tag_dies_by_its_kill_password_alone(guarded: Tag, tag: Tag) -> None:
    guarded.kill(KILL)
    assert guarded.is_killed
    with pytest.raises(TagError, match="kill password 0"):
        Tag(EPC).kill(0)
    assert tag is guarded


def test_a_tag_is_met_as_it_was_left() -> None:
    tags = Tags()
    tags.meet(EPC).write(Bank.USER, 0, [9], 0)
    assert tags.meet(EPC).read(Bank.USER, 0, 1, 0) == (9,)


def test_only_so_many_tags_are_remembered() -> None:
    tags = Tags()
    tags.meet(EPC).write(Bank.USER, 0, [9], 0)
    for number in range(MOST_TAGS):
        tags.meet(number.to_bytes(12))
    assert tags.meet(EPC).read(Bank.USER, 0, 1, 0) == (0,)


class Room:
    """Where tags are, as a world has it."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, bytes | None]] = []

    def rename(self, old: bytes, new: bytes) -> None:
        self.heard.append((old, new))

    def take(self, epc: bytes) -> bool:
        self.heard.append((epc, None))
        return True


def test_the_world_hears_of_recoded_and_killed_tags_and_of_no_others() -> None:
    room = Room()
    tags = Tags(room)
    odd = b"\x01\x02\x03"  # a tag's memory has whole words
    tags.meet(odd)
    tags.settle(odd)
    tags.meet(EPC).write(Bank.EPC, 2, [0xABCD], 0)
    tags.settle(EPC)
    recoded = tags.meet(bytes.fromhex("abcd") + EPC[2:])
    recoded.write(Bank.RESERVED, 0, [0, 1], 0)
    recoded.kill(1)
    tags.settle(recoded.epc)
    assert room.heard == [(EPC, recoded.epc), (recoded.epc, None)]
