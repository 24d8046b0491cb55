"""The map of many places is measured as an editor meets it: until it is drawn, a step of its slider, and its memory."""

from __future__ import annotations

import gzip
import time
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page

from bench.places import lines
from services.bootstrap import Newsroom, open_newsroom
from services.imports import import_lines
from services.store.embedded import EmbeddedPostgres
from services.store.migrate import migrate
from support.browser import open_window
from support.serving import Served

STEPS = 40
ROUNDS = 5
AXES = {
    "along valid time": "axis=valid",
    "as the ledger grew": "axis=recorded&valid_at=2016-11-20T00:00:00Z",
}
# From the hand on the slider until the frame is there that shows it.
_STEP = """async (steps) => {
    const slider = document.querySelector('input[type=range]');
    const taken = [];
    for (let step = 0; step < steps; step++) {
        const begun = performance.now();
        slider.value = String(Math.floor(((step * 7) % steps) / steps * Number(slider.max)));
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        taken.push(performance.now() - begun);
    }
    return taken;
}"""
Told = Callable[[str], None]


def measure(home: Path, places: int, told: Told) -> dict[str, dict[str, float]]:
    """Return, for each axis, milliseconds, bytes and MiB; the ledger in this home is told if it is empty."""
    with EmbeddedPostgres(home) as server:
        addresses = server.start()
        migrate(addresses.owner)
        with open_newsroom(addresses) as newsroom:
            _fill(newsroom, places, told)
            with _serving(newsroom) as served, open_window() as window, window.in_use() as browser:
                return {name: _of_axis(served, browser, query, places) for name, query in AXES.items()}


def _fill(newsroom: Newsroom, places: int, told: Told) -> None:
    if newsroom.feed.head() == 0:
        told(f"{places:,} places are told")
        for _ in import_lines(newsroom.ledger, lines(places)):
            pass
    head = newsroom.feed.head()
    told(f"the picture is painted up to position {head:,}")
    while newsroom.projector.caught_up_to(head, 60.0, ("picture",)) < head:
        pass


@contextmanager
def _serving(newsroom: Newsroom) -> Generator[Served]:
    served = Served(newsroom)
    served.start()
    try:
        yield served
    finally:
        served.stop()


def _of_axis(served: Served, browser: Browser, query: str, places: int) -> dict[str, float]:
    taken: list[float] = []
    plain = b""
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        with urllib.request.urlopen(f"{served.url}/v1/beliefs/history?{query}&limit={places}") as answer:
            plain = answer.read()
        taken.append((time.perf_counter() - begun) * 1000)
    found: dict[str, float] = {
        "answer, ms": median(taken),
        "plain, KiB": len(plain) / 1024,
        "gzip, KiB": len(gzip.compress(plain, 5)) / 1024,
    }
    page = browser.new_page(base_url=served.url, viewport={"width": 1280, "height": 900})
    try:
        return {**found, **_of_page(page, browser, f"/map?{query}")}
    finally:
        page.close()


def _of_page(page: Page, browser: Browser, address: str) -> dict[str, float]:
    begun = time.perf_counter()
    page.goto(address)
    page.locator("[data-drawn]").wait_for(timeout=120_000)
    page.locator('main[aria-busy="false"]').wait_for()
    ready = (time.perf_counter() - begun) * 1000
    steps: list[float] = page.evaluate(_STEP, STEPS)
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics: dict[str, float] = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return {
        "page ready, ms": ready,
        "slider step, ms": median(steps),
        "slowest of 40, ms": max(steps),
        "JavaScript's memory, MiB": metrics["JSHeapUsedSize"] / 2**20,
        "the tab's process, MiB": _largest(browser),
    }


def _largest(browser: Browser) -> float:
    """Return the memory of the largest renderer, which is that of the map."""
    session = browser.new_browser_cdp_session()
    processes: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return max(_resident(int(one["id"])) for one in processes if one["type"] == "renderer")


def _resident(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0  # not Linux, or gone
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
