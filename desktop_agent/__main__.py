"""`python -m desktop_agent`."""

from .cli import main

main(prog_name="python -m desktop_agent")
