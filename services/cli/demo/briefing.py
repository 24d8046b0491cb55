"""The briefing puts to the service what a desk would ask of the Aleppo story, and tells the answers in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from rich.console import Console

from services import words
from services.cli.demo.desk import Desk, Json
from services.cli.explained import Paragraph, hangs_on, said, why
from services.cli.screen import print_paragraph

EVENING = "2016-11-08T20:00:00+02:00"
DAY_BEFORE = "2016-11-07"
OBSERVATORY = "sohr"
GROUP = "fastaqim"
PLACES = ("1070-apartments", "minian")
LEFT_OUT = ("location_fact", "significance")
"""Aspects that the picture leaves to the curious: what a place is, and what somebody thought of it."""


class Briefing:
    """Tells the story, section after section."""

    def __init__(self, desk: Desk, out: Console, address: str, home: Path) -> None:
        self._desk = desk
        self._out = out
        self._address = address
        self._home = home

    def tell(self, done: Json) -> None:
        """Tell all of it; `done` is the last line of the import's report."""
        self._opening(done)
        for number, place in enumerate(PLACES, 1):
            self._place(number, place)
        self._without_the_observatory(3)
        self._the_day_before(4)
        self._what_one_group_says(5)
        self._where_next(6)

    def _opening(self, done: Json) -> None:
        story = self._desk.ask("/v1/stories/aleppo")
        self._out.print()
        self._say(str(story["title"]).upper(), style="bold")
        recorded = cast("int", done["accepted"])
        before = cast("int", done["duplicates"])
        news = f"{words.counted(recorded, 'line')} were recorded just now" if recorded else "It was recorded before"
        same = f", {before} were there already" if recorded and before else ""
        self._say(
            "One news report about one day of a battle, read sentence by sentence into fifty claims: who said what, of "
            f"which place and time, through whom. {news}{same}; the ledger stands at position {self._desk.position}."
        )
        self._say(
            "Nobody is taken at their word. What can be believed depends on who said it, in whose interest, and who "
            "else did; each belief below names its rule and its claims. It is 20:00 in Aleppo on 8 November 2016."
        )

    def _place(self, number: int, place: str) -> None:
        name = self._desk.reader.at(place)
        self._heading(number, f"The picture of {name}")
        picture = cast("Sequence[Json]", self._desk.ask(f"/v1/locations/{place}/beliefs", valid_at=EVENING)["beliefs"])
        for row in picture:
            asked = cast("Json", row["question"])
            if asked["aspect"] not in LEFT_OUT and row["agreement"] not in ("unreported", "stale"):
                question = words.question(asked, self._desk.reader.called)
                self._say(f"{words.sentence(question)[:-1]}: {self._desk.reader.finding(row)}.", 2)
        self._say(f"Who holds {name}, and why?", style="bold")
        belief = self._control(place, valid_at=EVENING)
        self._say(words.sentence(self._desk.reader.finding(belief)), 2)
        self._all(list(why(belief, self._desk.reader)), 2)

    def _without_the_observatory(self, number: int) -> None:
        name = self._desk.reader.called(OBSERVATORY)
        self._heading(number, f"Minian without the {name}")
        belief = self._control("minian", valid_at=EVENING, without=OBSERVATORY)
        self._say("The same evening, as if the Observatory had not spoken:")
        self._say(words.sentence(self._desk.reader.finding(belief)), 2)
        self._said_by(belief)
        before = self._control("minian", valid_at=EVENING)
        self._say(f"With the Observatory it is: {self._desk.reader.finding(before)}.")

    def _the_day_before(self, number: int) -> None:
        self._heading(number, "Minian the day before")
        belief = self._control("minian", valid_at=DAY_BEFORE, tz="+02:00")
        self._say("The same ledger, asked about the end of Monday, 7 November:")
        self._say(words.sentence(self._desk.reader.finding(belief)), 2)
        self._said_by(belief)
        self._all(list(hangs_on(belief, self._desk.reader)), 0)
        self._say("Monday's picture stands beside Tuesday's: what changed is the world, and nothing was overwritten.")

    def _what_one_group_says(self, number: int) -> None:
        name = self._desk.reader.called(GROUP)
        self._heading(number, f"What {name} itself says, everywhere")
        body = self._desk.ask(f"/v1/sources/{GROUP}/stances", valid_at=EVENING)
        for row in cast("Sequence[Json]", body["stances"]):
            denied = "denies " if row["polarity"] == "denies" else ""
            told = f"{denied}{words.value(row['value'], self._desk.reader.called)}"
            self._say(f"{self._desk.reader.question(cast('Json', row['question']))}: {told}", 2)
            claim = self._desk.reader.claim(str(row["claim"]))
            if claim:
                self._say(said(claim), 4, "dim")
        if self._control(PLACES[0], valid_at=EVENING)["strength"] == "S5":
            self._say(
                f"What {name} grants against its own interest weighs more than what its opponents say in theirs: that "
                f"is why the control of {self._desk.reader.at(PLACES[0])} counts as conceded."
            )

    def _where_next(self, number: int) -> None:
        self._heading(number, "Where to go from here")
        self._say("In a browser:")
        self._lines(f"{self._address}/", f"{self._address}/docs")
        self._say("With curl:")
        beliefs = f"{self._address}/v1/locations/minian/beliefs"
        at = "valid_at=2016-11-08&tz=%2B02:00"
        self._lines(
            f"curl '{beliefs}/control?{at}'",
            f"curl '{beliefs}/control?{at}&without=sohr'",
            f"curl '{beliefs}/control/history'",
            f"curl '{self._address}/v1/stories/aleppo/timeline'",
            f"curl '{self._address}/v1/events?after=100'",
        )
        self._say("On the command line:")
        command = f"./onrecord --home {self._home}"
        self._lines(
            f"{command} ask minian control --valid-at 2016-11-08 --tz +02:00 --policy strict/1",
            f"{command} timeline aleppo",
            f"{command} diff aleppo 80 {self._desk.position}",
            f"{command} verify",
        )

    def _control(self, place: str, **parameters: str) -> Json:
        return self._desk.ask(f"/v1/locations/{place}/beliefs/control", **parameters)

    def _said_by(self, belief: Json) -> None:
        for group in cast("Sequence[Mapping[str, object]]", belief["groups"]):
            for name in cast("Sequence[str]", group["claims"]):
                claim = self._desk.reader.claim(name)
                speakers = [self._desk.reader.called(source) for source in cast("Sequence[str]", group["sources"])]
                if claim:
                    self._say(f"{words.listed(speakers)} ({words.INTERESTS[str(group['interest'])]}): {said(claim)}", 4)

    def _heading(self, number: int, text: str) -> None:
        self._out.print()
        self._say(f"{number}. {text}", style="bold")

    def _lines(self, *lines: str) -> None:
        for line in lines:
            # Never wrapped: it is there to be copied.
            self._out.print(f"  {line}", soft_wrap=True)

    def _all(self, paragraphs: Sequence[Paragraph], indent: int) -> None:
        for paragraph in paragraphs:
            self._say(paragraph.text, indent + paragraph.indent, paragraph.style)

    def _say(self, text: str, indent: int = 0, style: str = "") -> None:
        print_paragraph(self._out, text, indent, style)
