"""Import and export need as much memory for millions of lines as for thousands: `./onrecord bench flat --size 5000000`.

What is measured is the service's part alone: no view is carried forward meanwhile, since that has rows of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.child import CommandFailed, peak
from bench.ledgers import Sent, ledger
from bench.measuring import Bench, Row
from services.bootstrap import Newsroom, open_newsroom
from services.imports import import_lines
from services.parquet import NoParquet, arrow, write_parquet
from services.store.embedded import Addresses
from support.database import open_folder

SMALL = 10_000
"""Claims of the smaller ledger, or a fifth of the larger one if that is not so large."""
REGISTRY = frozenset({"source", "location", "location_link", "affiliation", "lean", "aspect", "story", "rating"})
"""What both ledgers have all of: who and what there is lies in memory, and 5,000,000 claims speak of 11,000 places."""
FLAT = 1.25
"""The ratio up to which memory counts as flat."""


def measure(bench: Bench) -> Iterator[Row]:
    """Yield a row for each way in or out; both sizes once, since a peak is no matter of luck."""
    sizes = (min(SMALL, bench.size // 5), bench.size)
    small, large = (_peaks(bench, claims, sizes[1]) for claims in sizes)
    for what, most in large.items():
        yield Row("flat", f"memory of {what}, {sizes[1]:,} claims", f"{sizes[0]:,} claims", most / small[what],
                  bar=FLAT, aim=1.1, at_most=True, ours=most, theirs=small[what], unit="MiB")  # fmt: skip


def _peaks(bench: Bench, claims: int, of: int) -> dict[str, float]:
    """Return the peak of each process in MiB, with what it did, for the first claims of a ledger of so many."""
    found: dict[str, float] = {}
    with bench.database() as addresses, open_folder() as folder:
        file = folder / "lines.ndjson"
        with file.open("wb") as lines:
            lines.writelines(one.line() + b"\n" for one in _begun(claims, of))
        for what, path in (("import", file), ("export", folder / "out.ndjson"), ("parquet", folder / "out")):
            if what == "parquet" and not _has_parquet():
                continue
            began = time.monotonic()
            found[what] = _run(addresses, what, path)
            bench.told(f"{what} of {claims:,} claims: {found[what]:,.0f} MiB in {time.monotonic() - began:.0f} s")
    return found


def _begun(claims: int, of: int) -> Iterator[Sent]:
    """Yield all that a ledger of so many claims registers, and everything else up to some of them."""
    said = 0
    for one in ledger(of):
        said += one.type == "claim"
        if said <= claims or one.type in REGISTRY:
            yield one


def _has_parquet() -> bool:
    try:
        arrow()
    except NoParquet:
        return False
    return True


def _run(addresses: Addresses, what: str, path: Path) -> float:
    words = [sys.executable, "-m", "bench.flat", what, str(path), addresses.owner, addresses.service]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise CommandFailed(f"{what}: {ran.stderr[-2_000:]}")
    return float(json.loads(ran.stdout))


def _import(room: Newsroom, path: Path) -> None:
    with path.open("rb") as lines:
        *_, done = import_lines(room.ledger, lines)
    if done["refused"]:
        raise CommandFailed(f"{done['refused']} lines were refused")


def _export(room: Newsroom, path: Path) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(f"{line}\n" for line in room.feed.export())


def _parquet(room: Newsroom, path: Path) -> None:
    for _ in write_parquet(room.feed, room.feed.pages(0, None), path):
        pass


_WAYS: dict[str, Callable[[Newsroom, Path], None]] = {"import": _import, "export": _export, "parquet": _parquet}


if __name__ == "__main__":
    way, where, owner, service = sys.argv[1:]
    with open_newsroom(Addresses(owner=owner, service=service), following=False) as newsroom:
        _WAYS[way](newsroom, Path(where))
    sys.stdout.write(json.dumps(peak()))
