"""Data that lies beside a developer's checkout and never in it.

Tests that use it carry `@pytest.mark.shared_data`.  Where it is absent they are skipped with the
reason, unless the environment says that nothing may be left out (TAGTALLY_REQUIRE_ALL=1).
"""

import os
from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


def shared_data(relative: str) -> Path:
    """Give the path of a shared file or folder; skip or fail the running test where it is absent.

    It works in the body of a test module too, where it skips the whole module.
    """
    path = SHARED_DATA.resolve() / relative
    if path.exists():
        return path
    reason = f"the shared data {relative} is not beside this checkout"
    if os.environ.get("TAGTALLY_REQUIRE_ALL") == "1":
        pytest.fail(f"{reason}, and TAGTALLY_REQUIRE_ALL is 1", pytrace=False)
    pytest.skip(reason, allow_module_level=True)
