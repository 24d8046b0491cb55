"""The ledger on paper, and how lines get into one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from domain.commands import parse_command
from domain.kit.paper import FIRST, PaperLedger
from domain.kit.saying import uuid7

__all__ = ["ARTICLE", "FIRST", "PaperLedger", "loaded", "needs_the_article", "uuid7"]

ARTICLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "aleppo" / "article.txt"
"""The text of the report that the story is made from: its publisher's, and no part of the project."""
needs_the_article = pytest.mark.skipif(not ARTICLE.exists(), reason="the text of the report lies nowhere here")


def loaded(lines: Iterable[str | bytes], ledger: PaperLedger | None = None) -> PaperLedger:
    """A ledger, or this one, with every one of some lines."""
    ledger = ledger or PaperLedger()
    ledger.apply(*(parse_command(line) for line in lines if line.strip()))
    return ledger
