"""Text for a terminal."""

import pytest

from edge.terminal import age, table


def test_columns_stand_under_each_other_and_numbers_to_the_right() -> None:
    assert table(["NAME", "COUNT"], [["floor", 7], ["back room", 1200]]) == (
        "NAME       COUNT\n"  # the widest cell decides
        "floor          7\n"
        "back room   1200"
    )


def test_a_table_without_rows_is_its_head() -> None:
    assert table(["NAME", "COUNT"], []) == "NAME  COUNT"


AGES = {
    -5: "now",  # a clock was set back
    0.9: "now",
    1: "1 s ago",
    59.9: "59 s ago",
    60: "1 min ago",
    3599: "59 min ago",
    3600: "1 h ago",
    86_400 * 400: "400 d ago",
}


@pytest.mark.parametrize(("seconds", "text"), AGES.items())
def test_an_age_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert age(seconds) == text
