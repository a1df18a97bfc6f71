"""Which tags take part in an inventory round: Select commands and the Query's flags.

LLRP 1.0.1 §15.2.1.2 and §16.3.1.2; the flags are those of Class-1 Generation-2.
"""

from collections.abc import Sequence

from edge.llrp.constants import C1G2StateAwareAction as Aware
from edge.llrp.constants import C1G2StateAwareTarget as Target
from edge.llrp.constants import C1G2StateUnawareAction as Unaware
from edge.llrp.parameters_c1g2 import C1G2Filter, C1G2InventoryCommand
from simulators.access_ops import bits_of
from simulators.tag_memory import Tag

# What happens to the flag of a tag that matches, and of one that does not: None leaves it, "not"
# turns it over.
_UNAWARE: dict[int, tuple[bool | None, bool | None]] = {
    Unaware.SELECT_UNSELECT: (True, False),
    Unaware.SELECT_DO_NOTHING: (True, None),
    Unaware.DO_NOTHING_UNSELECT: (None, False),
    Unaware.UNSELECT_DO_NOTHING: (False, None),
    Unaware.UNSELECT_SELECT: (False, True),
    Unaware.DO_NOTHING_SELECT: (None, True),
}
_AWARE: dict[int, tuple[bool | str | None, bool | str | None]] = {
    Aware.ASSERT_SL_OR_A_DEASSERT_SL_OR_B: (True, False),
    Aware.ASSERT_SL_OR_A_NOOP: (True, None),
    Aware.NOOP_DEASSERT_SL_OR_B: (None, False),
    Aware.NEGATE_SL_OR_ABBA_NOOP: ("not", None),
    Aware.DEASSERT_SL_OR_B_ASSERT_SL_OR_A: (False, True),
    Aware.DEASSERT_SL_OR_B_NOOP: (False, None),
    Aware.NOOP_ASSERT_SL_OR_A: (None, True),
    Aware.NOOP_NEGATE_SL_OR_ABBA: (None, "not"),
}


def takes_part(command: C1G2InventoryCommand, tag: Tag) -> bool:
    """Tell whether a tag answers in the rounds that this command orders."""
    if command.tag_inventory_state_aware:
        return _takes_part_aware(command, tag)
    if not command.filters:
        return True
    # Those that only take tags away begin with all of them.
    takes_away = {Unaware.UNSELECT_DO_NOTHING, Unaware.DO_NOTHING_UNSELECT}
    is_selected = _unaware_action(command.filters[0]) in takes_away
    for select in command.filters:
        on_match, otherwise = _UNAWARE[_unaware_action(select)]
        outcome = on_match if _matches(select, tag) else otherwise
        is_selected = is_selected if outcome is None else outcome
    return is_selected


def _takes_part_aware(command: C1G2InventoryCommand, tag: Tag) -> bool:
    flags = {target: target != Target.SL for target in Target}  # SL deasserted, inventoried A
    for select in command.filters:
        action = select.state_aware_filter_action
        if action is None:
            continue
        outcome = _AWARE[action.action][0 if _matches(select, tag) else 1]
        target = Target(action.target)
        if outcome is not None:
            flags[target] = not flags[target] if outcome == "not" else bool(outcome)
    singulation = command.singulation_control
    query = singulation.state_aware_singulation_action if singulation else None
    if singulation is None or query is None:
        return True
    is_inventoried_so = flags[Target(singulation.session + 1)] == (query.i == 0)
    return is_inventoried_so and (query.s_all or flags[Target.SL] == (query.s == 0))


def _unaware_action(select: C1G2Filter) -> int:
    action = select.state_unaware_filter_action
    return action.action if action is not None else Unaware.SELECT_UNSELECT


def _matches(select: C1G2Filter, tag: Tag) -> bool:
    mask = select.tag_inventory_mask
    length = mask.tag_mask.length
    bits = tag.bits(mask.mb)[mask.pointer : mask.pointer + length]
    return bits == bits_of(mask.tag_mask.data, length)


def commands_for(
    port: int, sources: Sequence[dict[int, C1G2InventoryCommand]]
) -> C1G2InventoryCommand | None:
    """Give the first command that is meant for this antenna, or for all (0)."""
    for commands in sources:
        for key in (port, 0):
            if key in commands:
                return commands[key]
    return None
