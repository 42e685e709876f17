"""`python -m assistant` is the command `rohnamo`."""

from assistant.cli import main

main()
