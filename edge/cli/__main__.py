"""python -m edge.cli: what the command tagtally-edge runs."""

from edge.cli import main

main()
