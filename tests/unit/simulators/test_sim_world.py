"""Items, flows and what is heard of them, in time that the test passes in."""

from collections import Counter

import pytest
from epcpy.epc_schemes.sgtin import SGTIN
from hypothesis import given
from hypothesis import strategies as st

from edge.epc import decode
from edge.model import Sgtin, TagRead
from simulators.radio import VISIT_US, Antenna, Radio
from simulators.world import OUTSIDE, Flow, Product, World, WorldAir

PRODUCTS = [
    Product("09506000100104", "T-shirt, white, S", 7),
    Product("80614141123458", "the standard's own example", 7),
]
FLOOR, BACK = "floor", "back"
NO_SPREAD = {"rssi_dbm": -50.0, "spread_db": 0.0}


def world_of(*flows: Flow, seed: int = 1) -> World:
    return World(PRODUCTS, [FLOOR, BACK], flows, seed)


def air_of(world: World, reads_per_s: float = 400, probability: float = 1.0) -> WorldAir:
    antennas = [
        Antenna(port, zone, probability, **NO_SPREAD) for port, zone in ((1, FLOOR), (2, BACK))
    ]
    return WorldAir(world, Radio(antennas, reads_per_s, seed=1))


def hear_all(air: WorldAir, seconds: float, ports: tuple[int, ...] = (1, 2)) -> list[TagRead]:
    """Listen in steps of 10 ms, as a reader does."""
    reads: list[TagRead] = []
    for until_us in range(0, round(seconds * 1_000_000), 10_000):
        reads += air.hear(ports, until_us - 10_000, until_us, 10_000)
    return reads


def test_an_item_has_the_epc_that_another_library_makes_of_it() -> None:
    (move,) = world_of(Flow(OUTSIDE, FLOOR, 1, at_s=0)).advance(0)
    epc, key = move.item.epc, move.item.sgtin
    assert SGTIN.from_hex(epc.hex()).gs1_element_string() == f"(01){key.gtin}(21){key.serial}"
    assert decode(epc) == key


FLOWS: dict[str, tuple[Flow, list[float]]] = {
    "at once": (Flow(OUTSIDE, FLOOR, 3, at_s=2), [2, 2, 2]),
    "one after the other": (Flow(OUTSIDE, FLOOR, 4, at_s=1, over_s=2), [1, 1.5, 2, 2.5]),
    "again and again": (
        Flow(OUTSIDE, FLOOR, 2, at_s=1, over_s=1, every_s=4),
        [1, 1.5, 5, 5.5, 9, 9.5],
    ),
}


@pytest.mark.parametrize(("flow", "times"), FLOWS.values(), ids=FLOWS)
def test_items_move_when_their_flow_says(flow: Flow, times: list[float]) -> None:
    moves = world_of(flow).advance(10)
    assert [move.at_s for move in moves] == times


@pytest.mark.parametrize("steps", [1, 7, 200])
def test_the_world_does_not_depend_on_how_its_time_is_cut(steps: int) -> None:
    flows = [
        Flow(OUTSIDE, BACK, 40, at_s=0, over_s=6),
        Flow(BACK, FLOOR, 10, at_s=3, over_s=4, every_s=5),
        Flow(FLOOR, OUTSIDE, 3, at_s=8, every_s=2),
    ]
    at_once, in_steps = world_of(*flows), world_of(*flows)
    expected = at_once.advance(20)
    moves = [move for step in range(1, steps + 1) for move in in_steps.advance(20 * step / steps)]
    assert moves == expected
    assert in_steps.stock() == at_once.stock()


def test_another_seed_makes_another_world() -> None:
    flow = Flow(OUTSIDE, FLOOR, 20, at_s=0)
    assert world_of(flow, seed=1).advance(0) == world_of(flow, seed=1).advance(0)
    assert world_of(flow, seed=1).advance(0) != world_of(flow, seed=2).advance(0)


def test_an_empty_zone_gives_nothing() -> None:
    world = world_of(Flow(BACK, FLOOR, 5, at_s=0))
    assert world.advance(1) == []
    assert world.present == 0


ZONES = st.sampled_from([FLOOR, BACK, OUTSIDE])
ANY_FLOW = st.builds(
    Flow,
    from_zone=ZONES,
    to_zone=ZONES,
    items=st.integers(1, 12),
    at_s=st.floats(0, 10),
    over_s=st.floats(0, 5),
    every_s=st.none() | st.floats(1, 10),
).filter(lambda flow: flow.from_zone != flow.to_zone)


@given(flows=st.lists(ANY_FLOW, max_size=5), seed=st.integers(0, 9))
def test_stock_is_what_came_less_what_went(flows: list[Flow], seed: int) -> None:
    world = world_of(*flows, seed=seed)
    expected: Counter[tuple[str, str]] = Counter()
    seen: set[Sgtin] = set()
    for move in world.advance(15):
        expected[move.item.sgtin.gtin, move.to_zone] += 1
        expected[move.item.sgtin.gtin, move.from_zone] -= 1
        assert (move.from_zone == OUTSIDE) == (move.item.sgtin not in seen)
        seen.add(move.item.sgtin)
    inside = {key: n for key, n in expected.items() if n and key[1] != OUTSIDE}
    stock = {(gtin, zone): n for gtin, zones in world.stock().items() for zone, n in zones.items()}
    assert stock == inside
    assert world.present == sum(stock.values())


# ------------------------------------------------------------------------------- what is heard


def test_every_tag_is_heard_by_the_antenna_of_its_zone_and_by_no_other() -> None:
    world = world_of(Flow(OUTSIDE, FLOOR, 30, at_s=0), Flow(OUTSIDE, BACK, 20, at_s=0))
    world.advance(0)
    heard = {(read.epc, read.antenna_port) for read in hear_all(air_of(world), 2)}
    there = {(epc, 1) for epc in world.epcs_in(FLOOR)} | {(epc, 2) for epc in world.epcs_in(BACK)}
    assert heard == there


def test_a_reader_hears_no_more_than_its_rate_and_no_tag_more_than_five_times_a_second() -> None:
    world = world_of(Flow(OUTSIDE, FLOOR, 500, at_s=0))
    world.advance(0)
    crowd = hear_all(air_of(world, reads_per_s=300), 4, ports=(1,))
    assert 0.9 * 1200 < len(crowd) <= 1.1 * 1200
    few = world_of(Flow(OUTSIDE, FLOOR, 3, at_s=0))
    few.advance(0)
    counts = Counter(read.epc for read in hear_all(air_of(few, reads_per_s=300), 4, ports=(1,)))
    assert all(count <= 21 for count in counts.values())


def test_all_tags_of_a_crowd_get_their_turn() -> None:
    world = world_of(Flow(OUTSIDE, FLOOR, 500, at_s=0))
    world.advance(0)
    counts = Counter(read.epc for read in hear_all(air_of(world, reads_per_s=300), 10, ports=(1,)))
    assert len(counts) == 500
    assert max(counts.values()) - min(counts.values()) <= 2


@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_a_tag_answers_as_often_as_the_antenna_lets_it(probability: float) -> None:
    world = world_of(Flow(OUTSIDE, FLOOR, 50, at_s=0))
    world.advance(0)
    visits = 4 * 1_000_000 / VISIT_US
    heard = len(hear_all(air_of(world, 10_000, probability), 4, ports=(1,)))
    assert heard / (50 * visits) == pytest.approx(probability, abs=0.05)


def test_reads_come_in_the_order_of_their_stamps_and_never_from_the_future() -> None:
    world = world_of(Flow(OUTSIDE, FLOOR, 100, at_s=0), Flow(OUTSIDE, BACK, 100, at_s=0))
    world.advance(0)
    air = air_of(world)
    last_us = -1
    for until_us in range(0, 2_000_000, 7_000):
        for read in air.hear((1, 2), until_us - 7_000, until_us, 10_000):
            assert last_us <= read.at_us <= until_us
            last_us = read.at_us


def test_an_item_that_has_left_is_heard_no_more() -> None:
    world = world_of(Flow(OUTSIDE, FLOOR, 50, at_s=0), Flow(FLOOR, OUTSIDE, 50, at_s=0.1))
    world.advance(0)
    air = air_of(world)
    assert air.hear((1,), 0, 100_000, 1000)
    world.advance(0.1)
    assert air.hear((1,), 100_000, 1_000_000, 1000) == []


def test_what_is_beyond_the_limit_comes_with_the_next_call() -> None:
    world = world_of(Flow(OUTSIDE, FLOOR, 40, at_s=0))
    world.advance(0)
    air, whole = air_of(world), air_of(world)
    pieces = [read for _ in range(6) for read in air.hear((1,), 0, 199_999, 7)]
    assert pieces == whole.hear((1,), 0, 199_999, 1000)
    assert len(pieces) == 40


def test_a_reader_that_could_not_read_has_missed_what_was_there() -> None:
    world = world_of(Flow(OUTSIDE, FLOOR, 40, at_s=0))
    world.advance(0)
    air = air_of(world)
    air.hear((1,), 0, 100_000, 1000)
    late = air.hear((1,), 100_000, 60_000_000, 100_000)
    assert min(read.at_us for read in late) >= 59_000_000


def test_rssi_stays_where_readers_hear() -> None:
    antenna = Antenna(1, FLOOR, 1.0, rssi_dbm=-85, spread_db=30)
    radio = Radio([antenna], 10_000, seed=1)
    epcs = [bytes([n]) * 12 for n in range(200)]
    rssis = [read.rssi_dbm for read in radio.visit(1, epcs, 0)]
    assert min(rssis) == -90
    assert max(rssis) < -45
    assert all(rssi == int(rssi) for rssi in rssis)
