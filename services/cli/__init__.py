"""The command line of OnRecord."""

from __future__ import annotations


def main() -> None:
    """Run the command that the arguments name, and end the process."""
    # Late, so that others can use what lies here without the terminal's libraries.
    from services.cli.app import main as run

    run()
