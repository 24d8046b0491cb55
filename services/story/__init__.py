"""One real report, read into claims: the story that a newcomer can load, and that the tests hold the rules to.

`aleppo/registry.ndjson` are the sources, places and ties, `aleppo/claims.ndjson` the claims in the order of the report,
`aleppo/later.ndjson` an invented continuation. The statements are the desk's own paraphrases; of the report itself only
the hash and the places of the quotes are kept. Coordinates are approximate.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Literal

Chapter = Literal["registry", "claims", "later"]


def lines(chapter: Chapter) -> list[bytes]:
    """Return a chapter of the Aleppo story, one JSON object a line, to be recorded in this order."""
    return (files(__name__) / "aleppo" / f"{chapter}.ndjson").read_bytes().splitlines()
