"""The pictures of `deploy/desk.md`: one of each screen, the same each time but for the instants of recording."""

from __future__ import annotations

import os
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.imports import import_lines
from support.browser import Look, Visit, arrive
from support.claim_form import choose
from support.serving import Served

FOLDER = os.environ.get("ONRECORD_TEST_PICTURES")
ADDRESSES = {
    "map": "/map?valid_at=2016-11-08&as_of=110",
    "places": "/places",
    "place": "/places/minian?valid_at=2016-11-12&as_of=110",
    "question": "/places/minian/control?valid_at=2016-11-12&as_of=110",
    "claims": "/claims?location=minian&as_of=110",
    "claim": "/claims/015840ce-1f13-7ac1-858e-f35786a40b8c?as_of=125",
    "sources": "/sources",
    "source": "/sources/fastaqim?valid_at=2016-11-10&as_of=125",
    "story": "/stories/aleppo?valid_at=2016-11-08&as_of=125",
    "diff": "/stories/aleppo/diff?from=edition/2&to=125",
    "edition": "/stories/aleppo/editions/2",
    "contested": "/contested?valid_at=2016-11-08&tz=%2B02:00&as_of=110",
    "record": "/record",
    "engine": "/engine?valid_at=2016-11-08&second=opponents/1",
}
HEIGHTS = {"question": 1500, "story": 1200, "edition": 1200, "record": 1300, "engine": 1250}
SMALL = (Path(__file__).parent / "small.js").read_text(encoding="utf-8")


ARTICLE = """The Syrian Observatory for Human Rights said on Tuesday that the rebels had left the 1070 Apartments.

Both sides spoke of “heavy losses” in the fighting at the south-western edge of Aleppo, where the army wants to take
back the district and the hills around it. Neither account could be verified.
"""


def write_down(page: Page) -> None:
    """Fill the form in, but send nothing."""
    page.get_by_label("Text of the article").fill(ARTICLE)
    page.get_by_role("button", name="Read this text").click()
    choose(page, "Who says so", "Syrian Obs")
    choose(page, "Published by", "Reut")
    choose(page, "Place", "1070 Ap")
    page.get_by_label("About", exact=True).select_option("control")
    choose(page, "Value", "rebels")
    page.get_by_label("It speaks of").fill("2016-11-08")
    page.get_by_label("Published", exact=True).fill("2016-11-08")
    expect(page.get_by_role("region", name="What it would change")).to_contain_text("It would change")


FIRST: dict[str, Callable[[Page], None]] = {"record": write_down}


ASKED_FOR = pytest.mark.skipif(not FOLDER, reason="ONRECORD_TEST_PICTURES names no folder for pictures")
CONTRADICTION = """{
  "question": {"location": "1070-apartments", "aspect": "control"}, "value": "rebels",
  "chain": [{"source": "sohr", "role": "speaker", "mode": "quote", "naming": "named"}],
  "valid": {"edtf": "2016-11-09"}, "published": {"edtf": "2016-11-10"}, "key": "desk/51"}"""


def take(page: Page, name: str) -> None:
    """Keep a picture of what is shown."""
    page.mouse.move(0, 0)
    taken = b64encode(page.screenshot()).decode()
    workshop = page.context.new_page()
    fewer = workshop.evaluate(f"(taken) => {{ {SMALL}; return small(taken); }}", taken)
    into = Path(str(FOLDER))
    into.mkdir(parents=True, exist_ok=True)
    (into / f"{name}.png").write_bytes(b64decode(fewer))


@ASKED_FOR
@pytest.mark.parametrize("name", ADDRESSES)
def test_a_screen_has_its_picture(page: Page, name: str) -> None:
    page.set_viewport_size({"width": Look().width, "height": HEIGHTS.get(name, Look().height)})
    arrive(page, ADDRESSES[name])
    FIRST.get(name, lambda _: None)(page)
    take(page, name)


@ASKED_FOR
def test_the_front_has_its_picture_with_what_changed_while_somebody_watched(own_desk: Served, visit: Visit) -> None:
    room = own_desk.newsroom
    with room.watch.kept():
        wait_until(lambda: room.watch.numbers().position is not None)
        list(import_lines(room.ledger, [CONTRADICTION.encode().replace(b"\n", b"")]))
        wait_until(lambda: room.watch.numbers().alerts > 0)
    page = visit(own_desk)
    arrive(page, "/")
    take(page, "front")


def wait_until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end, "it did not come to be so"
        time.sleep(0.05)
