"""What all tests share: where a test may not be skipped, a skip is a failure.

Nothing here is timed: a shared machine may take as long as it likes for an example.  Where nothing
may be skipped the examples are the same in every run, so that a failure can be had again.
"""

import os

import hypothesis
import pytest

REQUIRE_ALL = os.environ.get("TAGTALLY_REQUIRE_ALL") == "1"

hypothesis.settings.register_profile(
    "tagtally", deadline=None, print_blob=True, derandomize=REQUIRE_ALL
)
hypothesis.settings.load_profile("tagtally")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if REQUIRE_ALL and skipped:
        terminalreporter.section("tests that must run here were skipped", red=True)
        for report in skipped:
            terminalreporter.line(f"{report.nodeid}: {report.longrepr[2]}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if REQUIRE_ALL and reporter and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
