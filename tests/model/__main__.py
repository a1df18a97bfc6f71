"""Check the model in all its worlds, and that no rule can be left out; a line each."""

import sys
import tempfile
from pathlib import Path

from tests.model.spin import RULES, WORLDS, check, lacking


def main() -> int:
    if program := lacking():
        sys.stderr.write(f"{program} is missing\n")
        return 1
    cases = [
        *((world, None) for world in WORLDS),
        *((world, rule) for rule, world in RULES.items()),
    ]
    wrong = 0
    for world, rule in cases:
        with tempfile.TemporaryDirectory() as folder:
            verdict = check(world, Path(folder), without=rule)
        is_right = (verdict.errors > 0) == (rule is not None) and (
            bool(rule) or verdict.is_complete
        )
        wrong += not is_right
        end = "violated" if verdict.errors else "holds"
        name = f"{world}, {rule}" if rule else world
        line = f"{name:<28} {verdict.states:>9,} states  {end:<9} {'ok' if is_right else 'WRONG'}"
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
