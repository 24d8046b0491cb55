"""A sheet in Markdown or HTML shows what was written, whatever it looks like, and has no script."""

from __future__ import annotations

import re

from services.sheet import Entry, Run, Section, Sheet, Stamp, text
from services.sheet_forms import html, markdown
from services.telling import day, on

NASTY = "<script>alert(1)</script> [a](http://x) *b* # c\x1b[31m\u202e\n- d"
SHEET = Sheet(
    title="A & B",
    lead=[text("1. is no list.")],
    sections=[
        Section("New", [Entry(text(Run("Minian", "/v1/x?a=1&b=2", strong=True), f": {NASTY}"), [text("- because")])])
    ],
    stamps=[Stamp("As known at", "position 3"), Stamp("Permalink", "/v1/y", "/v1/y?q=1&r=2")],
    base="http://desk",
)


def test_nothing_that_was_written_is_markup_in_markdown() -> None:
    told = markdown(SHEET)
    assert r"\<script\>alert(1)\</script\> \[a\](http://x) \*b\* \# c" in told
    assert "\n1\\. is no list." in told
    assert "\n- \\- because" in told
    assert "\x1b" not in told


def test_links_of_markdown_are_whole() -> None:
    told = markdown(SHEET)
    assert "[**Minian**](<http://desk/v1/x?a=1&b=2>)" in told
    assert "- Permalink: <http://desk/v1/y?q=1&r=2>" in told


def test_a_page_has_no_script_and_shows_what_was_written() -> None:
    page = html(SHEET)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\x1b" not in page
    assert '<a href="http://desk/v1/x?a=1&amp;b=2"><strong>Minian</strong></a>' in page


def test_a_page_can_be_printed_and_asks_nothing_of_another_host() -> None:
    page = html(SHEET)
    assert "@media print" in page
    assert re.findall(r"(?:src|@import|url\()", page) == []


def test_dates_are_told_as_a_reader_would() -> None:
    assert day("2016-11-08") == "8 November 2016"
    assert on("2016-11-08") == "on 8 November 2016"
    assert on("2016-10-31/2016-11-06") == "from 31 October 2016 to 6 November 2016"
    assert on("2016-11-08T20:00:00+02:00") == "at 2016-11-08T20:00:00+02:00"
