"""The browser of these tests is cut off from every host but the service, and what goes wrong in it is never missed."""

from __future__ import annotations

import asyncio

from playwright.sync_api import Page

from support.browser import Log, Visit, Window, arrive
from support.serving import Served

ASKS_ANOTHER = "() => fetch('https://onrecord.example/').catch(() => null)"
INLINE = """() => {
    const own = document.createElement('script')
    own.text = 'window.ran = true'
    document.head.append(own)
}"""


def test_a_page_that_asks_another_host_gets_nothing_and_is_found_out(page: Page, log: Log) -> None:
    arrive(page, "/")
    assert page.evaluate(ASKS_ANOTHER) is None
    log.forgive("Content Security Policy")


def test_without_the_policy_too_no_other_host_is_reached(page: Page, log: Log) -> None:
    assert page.evaluate(ASKS_ANOTHER) is None
    assert "another host: https://onrecord.example/" in log.said
    log.forgive("onrecord.example")


def test_a_complaint_of_the_console_and_a_fault_of_a_script_are_kept(page: Page, log: Log) -> None:
    page.evaluate("console.warn('look'); setTimeout(() => { throw new Error('broken') })")
    page.wait_for_event("pageerror", predicate=lambda error: "broken" in str(error))
    assert [line for line in log.said if "look" in line]
    log.forgive("look|broken")


def test_no_script_but_the_pages_own_runs(page: Page, log: Log) -> None:
    arrive(page, "/")
    page.evaluate(INLINE)
    assert page.evaluate("window.ran") is None
    log.forgive("Content Security Policy")


def test_a_service_that_was_gone_is_found_again_at_its_address(own_desk: Served, visit: Visit, log: Log) -> None:
    page = visit(own_desk)
    page.goto("/healthz")
    own_desk.stop()
    assert page.evaluate("() => fetch('/healthz').then(() => 'there', () => 'gone')") == "gone"
    own_desk.start()
    assert page.evaluate("() => fetch('/healthz').then(() => 'there', () => 'gone')") == "there"
    log.forgive("ERR_CONNECTION_REFUSED")
    log.forgive("favicon.ico")


def test_beside_the_browser_another_test_may_run_a_loop(window: Window) -> None:
    assert asyncio.run(asyncio.sleep(0, "ran")) == "ran"
