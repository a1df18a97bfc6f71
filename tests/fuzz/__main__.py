"""All laws here and the codec's, again and again with new examples: `./dev fuzz [--seconds N]`.

What breaks a law is shown as small as it can be made, and is kept in .hypothesis, so that the
ordinary tests meet it again.
"""

import time
from collections.abc import Callable
from itertools import count

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
def main(seconds: int) -> None:
    """Try the laws of LLRP with new examples until the time is over, or one is broken."""
    until_s = time.monotonic() + seconds
    for number in count(1):
        for name, law in laws().items():
            law()
            if time.monotonic() >= until_s:
                click.echo(f"no law was broken in {number} rounds, the last one up to {name}")
                return
        click.echo(f"round {number} is over")


if __name__ == "__main__":
    main()
