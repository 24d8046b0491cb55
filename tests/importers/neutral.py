"""A neutral statement is read whole or not at all, and what it names is registered once, before it is first used."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Line = dict[str, Any]
"""A line of an import: one of the ledger's wire forms."""
Statement = dict[str, Any]
READ = (
    "id",
    "source",
    "via",
    "location",
    "question",
    "value",
    "stance",
    "event_time",
    "stated_at",
    "quote",
    "url",
    "x",
)
"""The members that an importer may see. `gold` is the answer that a ledger is measured by: it is dropped here."""


def statements(path: Path) -> Iterator[Statement]:
    """Yield the statements of a file of JSON lines, packed or not, in its order."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        for line in lines:
            members = json.loads(line)
            if members["stance"] != "affirm":
                raise SystemExit(
                    f"{members['id']}: this set has no stance {members['stance']!r}, so nobody has read one"
                )
            yield {name: members.get(name) for name in READ}


def slug(name: str) -> str:
    """Return a foreign name as a slug: `gn-adm2:UA.05.1414` becomes `gn-adm2-ua-05-1414`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def claim_id(key: str, stated: str) -> str:
    """Return a UUIDv7 that is the same on every run: the milliseconds of `stated`, then bits of the key's SHA-256."""
    moment = datetime.fromisoformat(stated)
    milliseconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) * 1000
    bits = int.from_bytes(hashlib.sha256(key.encode()).digest()[:10], "big")
    number = milliseconds << 80 | 0x7 << 76 | (bits >> 68 & 0xFFF) << 64 | 0b10 << 62 | bits & (1 << 62) - 1
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def link(source: str, role: str, mode: str, naming: str = "named") -> Line:
    """Return one link of a claim's chain."""
    return {"source": source, "role": role, "mode": mode, "naming": naming}


def place_lines(location: Statement) -> Iterator[Line]:
    """Yield the town (a point, if it has one), the units that it lies in, smallest first, and what is part of what."""
    town = {"type": "location", "slug": slug(location["id"]), "names": [location["name"]]}
    if location["lat"] is None:
        yield {**town, "precision": "unspecified"}
    else:
        point = {"type": "Point", "coordinates": [location["lon"], location["lat"]]}
        yield {**town, "precision": "locality", "geometry": point}
    for unit in location["parents"]:
        yield {"type": "location", "slug": slug(unit["id"]), "names": [unit["name"]], "precision": "region"}
    rising = [slug(one["id"]) for one in (location, *location["parents"])]
    for part, whole in zip(rising, rising[1:], strict=False):
        yield {"type": "location_link", "from": part, "relation": "part_of", "to": whole}


def first_seen(lines: Iterable[Line]) -> Iterator[Line]:
    """Leave out what was said already, and a town that is known: a set may give it other coordinates each time."""
    seen: set[str] = set()
    for line in lines:
        name = f"location {line['slug']}" if line["type"] == "location" else json.dumps(line, sort_keys=True)
        if name not in seen:
            seen.add(name)
            yield line


def main(read: Callable[[Iterator[Statement]], Iterator[Line]]) -> None:
    """Write the lines for the file that the command line names."""
    if len(sys.argv) != 2:
        raise SystemExit(f"usage: python {sys.argv[0]} SOURCE.ndjson.gz > lines.ndjson")
    for line in first_seen(read(statements(Path(sys.argv[1])))):
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
