"""All laws here and the codec's, again and again with new examples: `./dev fuzz [--seconds N]`.

What breaks a law is shown as small as it can be made, and is kept in .hypothesis, so that the
ordinary tests meet it again.  With `--atheris N` a search led by coverage takes so many seconds
instead, a quarter for each of its targets (`tests.fuzz.guided`).
"""

import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import click
import hypothesis

hypothesis.settings.register_profile(
    "fuzz",
    deadline=None,
    max_examples=500,
    print_blob=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("fuzz")  # before the laws are defined, which take it over

from tests.fuzz import test_fuzz_llrp  # noqa: E402 - see above
from tests.property import test_llrp_framing, test_llrp_reports, test_llrp_session  # noqa: E402

TARGETS = ("codec", "reports", "session", "reader")
FOUND = Path(".fuzz")  # what earlier searches have come to, and what has broken a law
MODULES = (test_fuzz_llrp, test_llrp_session, test_llrp_framing, test_llrp_reports)


def laws() -> dict[str, Callable[[], None]]:
    return {
        name: law
        for module in MODULES
        for name, law in vars(module).items()
        if name.startswith("test_") and hypothesis.is_hypothesis_test(law)
    }


@click.command()
@click.option("--seconds", default=60, show_default=True, help="How long, at least.")
@click.option("--atheris", "guided_s", type=click.IntRange(1), help="So long, led by coverage.")
def main(seconds: int, guided_s: int | None) -> None:
    """Try the laws of LLRP with new examples until the time is over, or one is broken."""
    if guided_s is not None:
        sys.exit(guided(max(1, guided_s // len(TARGETS))))
    until_s = time.monotonic() + seconds
    for number in count(1):
        for name, law in laws().items():
            law()
            if time.monotonic() >= until_s:
                click.echo(f"no law was broken in {number} rounds, the last one up to {name}")
                return
        click.echo(f"round {number} is over")


def guided(seconds: int) -> int:
    """Search each target for so long; give 1 where a law was broken."""
    broken = []
    for target in TARGETS:
        command = [sys.executable, "-m", "tests.fuzz.guided", target, str(seconds), str(FOUND)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        runs = [line for line in done.stderr.splitlines() if line.startswith("Done ")]
        click.echo(f"{target}: {runs[-1] if runs else done.stdout + done.stderr}")
        broken += [target] if done.returncode else []
    click.echo(f"broken: {', '.join(broken)}; see {FOUND}" if broken else "no law was broken")
    return 1 if broken else 0


if __name__ == "__main__":
    main()
