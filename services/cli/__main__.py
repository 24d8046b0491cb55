"""`python -m services.cli` is the command line."""

from services.cli.app import main

main()
