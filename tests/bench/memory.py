"""Import, export and replay need the same memory for a ledger of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from bench import child
from bench.ledgers import ledger
from bench.loading import load, ready_made
from bench.measuring import Bench, Row
from services.bootstrap import open_newsroom
from services.store.embedded import Addresses
from services.store.event_log import EventLog
from support.database import open_folder

TIMES = 5
"""How many times as large the larger ledger is."""
FLAT = 1.25
"""The ratio up to which memory counts as flat: a cache that was not yet full is no growth."""
MOST = 1024
"""MiB that none of them may need."""


def measure(bench: Bench) -> Iterator[Row]:
    """Yield the rows of memory; each process runs once, since its peak is no matter of luck."""
    sizes = (bench.size, bench.size * TIMES)
    for what, peak in (("import", _import), ("export", _export), ("replay of claims", _replay)):
        small, large = (_peak(bench, peak, claims) for claims in sizes)
        yield Row("memory", f"memory of {what}, {sizes[1]:,} claims", f"{sizes[0]:,} claims", large / small,
                  bar=FLAT, aim=1.1, at_most=True, ours=large, theirs=small, unit="MiB",
                  note="" if large < MOST else f"more than {MOST} MiB")  # fmt: skip


def _peak(bench: Bench, run: Callable[[Addresses, int, Path], child.Ran], claims: int) -> float:
    with bench.database() as addresses, open_folder() as folder:
        ran = run(addresses, claims, folder)
    bench.told(f"{run.__name__[1:]} of {claims:,} claims: {ran.peak:,.0f} MiB in {ran.seconds:.1f} s")
    return ran.peak


def _import(addresses: Addresses, claims: int, folder: Path) -> child.Ran:
    file = folder / "lines.ndjson"
    with file.open("wb") as lines:
        lines.writelines(one.line() + b"\n" for one in ledger(claims))
    return child.run(addresses.service, "import", str(file))


def _export(addresses: Addresses, claims: int, folder: Path) -> child.Ran:
    _load(addresses, claims)
    return child.run(addresses.service, "export", "--output", str(folder / "lines.ndjson"))


def _replay(addresses: Addresses, claims: int, folder: Path) -> child.Ran:
    _load(addresses, claims)
    return child.run(addresses.service, "replay", "claims")


def _load(addresses: Addresses, claims: int) -> None:
    with EventLog(addresses.service) as log:
        load(log, ready_made(ledger(claims)))
    # Whoever opens the newsroom for the first time makes the list of views.
    with open_newsroom(addresses, following=False):
        pass
