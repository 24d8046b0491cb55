"""A browser that reaches the service under test and no other host, and whose every complaint fails the test."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from support.serving import Served

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Whatever a browser asks of its maker on its own is left out, and no name but this machine's means anything to it.
# The popups of its address bar are pages of their own, made for each window, and cost half of what a test takes. The
# other names are those that Playwright turns off: of two such lists a browser knows the last.
OFF = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
)
ALONE = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    f"--disable-features={','.join(OFF)}",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
LIVE = "/v1/events"
"""The stream of what is new; it ends with the service and begins again with it, which is no complaint."""
PATIENCE = 30_000
"""Milliseconds: this machine may have much else to do."""
# Told by the page itself: whoever looks again and again finds it up to a second later. What is so for a moment only,
# between two questions of a screen, does not count.
READY = """patience => new Promise((done, fail) => {
  const is = () => document.querySelector('main[aria-busy="false"]') !== null;
  const settled = () => is() && requestAnimationFrame(() => setTimeout(() => is() && end(done)));
  const seen = new MutationObserver(settled);
  const late = setTimeout(() => end(() => fail(new Error("the screen is not ready"))), patience);
  const end = (how) => { seen.disconnect(); clearTimeout(late); how(); };
  seen.observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["aria-busy"]});
  settled();
})"""


@dataclass(frozen=True)
class Look:
    """How somebody looks at a page."""

    theme: Literal["light", "dark"] = "light"
    width: int = 1280

    @property
    def height(self) -> int:
        return 844 if self.width < 600 else 900


LOOKS = tuple(Look(theme, width) for width in (1280, 390) for theme in ("light", "dark"))


@dataclass
class Log:
    """What went wrong in the browser: complaints in its console, errors of scripts, requests to others or failed."""

    said: list[str] = field(default_factory=list)
    _forgiven: list[str] = field(default_factory=list)

    def forgive(self, pattern: str) -> None:
        """Let what is found in this pattern, now or later, not fail the test; some of it has to be said."""
        self._forgiven.append(pattern)

    def left(self) -> list[str]:
        """Return what fails the test."""
        unsaid = [one for one in self._forgiven if not any(re.search(one, line) for line in self.said)]
        return [
            *(line for line in self.said if not any(re.search(one, line) for one in self._forgiven)),
            *(f"forgiven, but nothing was like it: {one}" for one in unsaid),
        ]

    def listen(self, context: BrowserContext, home: str) -> None:
        """Write down what goes wrong in this context, to which nothing but `home` is known."""
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.said.append(f"script: {error.error}"))
        context.on("request", partial(self._on_request, home))
        context.on("requestfailed", self._on_failed)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.location.get("url", "").endswith(LIVE):
            self.said.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_request(self, home: str, request: Request) -> None:
        if not request.url.startswith((f"{home}/", "data:", f"blob:{home}/")):
            self.said.append(f"another host: {request.url}")

    def _on_failed(self, request: Request) -> None:
        # Whoever leaves a screen leaves its questions; those are no failures.
        if request.failure != "net::ERR_ABORTED" and not request.url.endswith(LIVE):
            self.said.append(f"failed: {request.url} {request.failure}")


class Window:
    """A browser that runs, and its driver's event loop, which other tests of this process must not meet."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)

    @contextmanager
    def in_use(self) -> Generator[Browser]:
        """Lend the browser; only as long as this lasts may anything be asked of it."""
        asyncio._set_running_loop(self._loop)
        try:
            yield self._browser
        finally:
            asyncio._set_running_loop(None)

    @contextmanager
    def opened(self, home: str, look: Look, log: Log) -> Generator[Page]:
        """Open a page of somebody who has never been here before."""
        with self.in_use() as browser:
            context = browser.new_context(
                base_url=home,
                color_scheme=look.theme,
                viewport={"width": look.width, "height": look.height},
                reduced_motion="reduce",
                locale="en-GB",
                timezone_id="Europe/Berlin",
            )
            context.set_default_timeout(PATIENCE)
            log.listen(context, home)
            try:
                yield context.new_page()
            finally:
                context.close()


@contextmanager
def open_window() -> Generator[Window]:
    """Start the browser of this machine. Without one, tests are skipped with the reason, and fail where CI is set."""
    program = os.environ.get("ONRECORD_TEST_BROWSER") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        reason = "no Chromium on this machine (Debian, Ubuntu: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        window = Window(driver.chromium.launch(executable_path=program, args=ALONE))
        try:
            yield window
        finally:
            with window.in_use() as browser:
                browser.close()
            asyncio._set_running_loop(window._loop)


Visit = Callable[[Served], Page]
"""What opens a page at a service of the test's choice."""


def ready(page: Page) -> None:
    """Wait until the screen shows what it was asked for."""
    page.evaluate(READY, PATIENCE)


def arrive(page: Page, address: str) -> None:
    """Go to an address and wait until it is shown."""
    page.goto(address)
    ready(page)
