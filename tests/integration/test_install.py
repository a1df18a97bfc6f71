"""What a store's device installs and loads: the agent, and nothing of the cloud."""

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PYTHON = sys.executable
CLOUD = ("firebase", "google", "grpc", "fastapi", "starlette", "uvicorn", "rich")


def run(*arguments: str) -> str:
    done = subprocess.run(
        [PYTHON, *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=REPOSITORY,
        check=True,
    )
    return done.stdout


def test_the_edge_extra_installs_no_cloud_package() -> None:
    report = json.loads(
        run(
            *("-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"),
            *("--disable-pip-version-check", "--report", "-", ".[edge]"),
        )
    )
    names = {package["metadata"]["name"].lower() for package in report["install"]}
    assert {"tagtally", "paho-mqtt", "sqlite-utils", "pyserial", "tenacity"} <= names
    assert [name for name in names if name.startswith(CLOUD)] == []
    assert len(names) <= 16


def test_the_agent_loads_no_module_of_the_cloud() -> None:
    loaded = run("-c", "import sys, edge.agent, edge.cli; print(*sys.modules)").split()
    roots = {name.partition(".")[0] for name in loaded}
    assert roots & {"cloud", "simulators", *CLOUD, "firebase_admin"} == set()


def test_imports_point_one_way() -> None:
    linter = Path(PYTHON).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=REPOSITORY,
        check=False,
    )
    assert done.returncode == 0, done.stdout
