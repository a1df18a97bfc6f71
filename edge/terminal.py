"""Text for a terminal: columns that stand under each other, and times as ages."""

from collections.abc import Sequence

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def table(head: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """Lay out rows of cells; columns of numbers stand to the right, with their heads."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    numeric = [
        bool(rows) and all(isinstance(row[index], int) for row in rows)
        for index in range(len(head))
    ]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in cells
    )


def age(seconds: float) -> str:
    """Say how long ago something was, in its largest unit."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "now"
