"""The ledger on paper, and the hand-made story that can be loaded into one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from domain.commands import parse_command
from domain.kit.paper import FIRST, PaperLedger
from domain.kit.saying import uuid7

__all__ = ["ALEPPO", "FIRST", "PaperLedger", "loaded", "uuid7"]

ALEPPO = Path(__file__).resolve().parents[3] / "shared" / "data" / "aleppo"
"""The hand-made story, where it lies beside the checkout; a test that needs it skips where it does not."""


def loaded(source: Path | Iterable[str | bytes], ledger: PaperLedger | None = None) -> PaperLedger:
    """A ledger, or this one, with every line of a file, or every one of some lines."""
    lines = source.read_bytes().splitlines() if isinstance(source, Path) else source
    ledger = ledger or PaperLedger()
    ledger.apply(*(parse_command(line) for line in lines if line.strip()))
    return ledger
