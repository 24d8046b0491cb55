"""Why something is believed is told as a page to read: who said what, in whose interest, and what it hangs on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from services import words
from services.words import Json

MOST_CLAIMS = 6
"""Claims shown of one group; how many more there are is told."""
MOST_GROUPS = 8
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
Find = Callable[[str], Json | None]
"""Looks something up by its name; None if there is nothing."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the page: how far it is indented, and how it is set."""

    text: str
    indent: int = 0
    style: str = ""


class Reader:
    """Finds what things are called, and the claims behind a belief; asks for each thing once."""

    def __init__(self, source: Find, place: Find, claim: Find) -> None:
        self._source = cache(source)
        self._place = cache(place)
        self.claim = cache(claim)

    def called(self, value: str) -> str:
        """Return the name of a source for its slug; any other text is returned as it is."""
        found = self._source(value) if _SLUG.fullmatch(value) else None
        return str(found["name"]) if found else value

    def at(self, place: str) -> str:
        """Return the first name of a place."""
        found = self._place(place)
        names = cast("Sequence[str]", found["names"]) if found else ()
        return names[0] if names else place

    def question(self, asked: Json) -> str:
        """Return a question with its place, as in `Minian, control`."""
        return f"{self.at(str(asked['location']))}, {words.question(asked, self.called)}"

    def finding(self, outcome: Json) -> str:
        """Return what is believed, with names, to stand behind a colon."""
        return words.finding(outcome, self.called)


def page(belief: Json, reader: Reader) -> Iterator[Paragraph]:
    """Yield the whole explanation of a belief, but for its heading."""
    yield Paragraph(words.sentence(reader.finding(belief)), style="bold")
    yield from why(belief, reader)
    if belief.get("see_also"):
        yield Paragraph("See also:")
        yield from _claims(cast("Sequence[str]", belief["see_also"]), reader, 2)
    changed = belief.get("changed")
    if isinstance(changed, Mapping):
        told = cast("Json", changed)
        why_so = cast("Json", told["cause"])
        by = f", recorded by {why_so['recorded_by']}" if why_so.get("recorded_by") else ""
        at = f"position {told['position']}, {words.moment(told['recorded'])}{by}"
        yield Paragraph(f"Last changed at {at}: {words.cause(why_so)}.")


def why(belief: Json, reader: Reader) -> Iterator[Paragraph]:
    """Yield the rule, the groups with their claims, and what the belief hangs on."""
    yield Paragraph(f"Why: {words.RULES.get(str(belief['rule']), 'as the policy says')} (rule {belief['rule']}).")
    if belief.get("strength"):
        code = str(belief["strength"])
        yield Paragraph(f"{code} means: {words.STRENGTHS_MEAN.get(code, words.strength(code))}.")
    if told := words.facets(belief):
        yield Paragraph(f"In particular: {told}.")
    yield from _sides(belief, reader)
    yield from _listed(belief, reader)
    yield from _flagged(belief, reader)
    yield from hangs_on(belief, reader)


def hangs_on(belief: Json, reader: Reader) -> Iterator[Paragraph]:
    """Yield what would be believed without each source that makes a difference, and the one publisher behind it all."""
    bearing = cast("Mapping[str, Json]", belief.get("load_bearing") or {})
    if belief.get("supporters"):
        yield Paragraph("What it hangs on:")
    for source, outcome in bearing.items():
        yield Paragraph(f"Without {reader.called(source)}: {reader.finding(outcome)}.", 2)
    if belief.get("supporters") and not bearing:
        yield Paragraph("No single source makes a difference to it.", 2)
    if belief.get("sole_relay"):
        yield Paragraph(words.sentence(f"all of it came through {reader.called(str(belief['sole_relay']))}"), 2)


def _sides(belief: Json, reader: Reader) -> Iterator[Paragraph]:
    contending = cast("Mapping[str, Json]", belief.get("sides") or {})
    if contending:
        for name in words.sides(belief):
            yield from _side(contending[name], reader)
    elif belief.get("groups"):
        yield Paragraph("Said by:")
        yield from _groups(cast("Sequence[Json]", belief["groups"]), reader)
    for verdict in cast("Sequence[Json]", belief.get("values") or ()):
        for objection in cast("Sequence[Json]", verdict.get("objections") or ()):
            yield from _side(objection, reader)
    for rumour in cast("Sequence[Json]", belief.get("rumours") or ()):
        yield Paragraph(f"A rumour beside it: {words.value(rumour['name'], reader.called)}.")
        yield from _groups(cast("Sequence[Json]", rumour["groups"]), reader)


def _side(side: Json, reader: Reader) -> Iterator[Paragraph]:
    facets = words.facets(side)
    support = f"{words.strength(side['strength'])}{f'; {facets}' if facets else ''}"
    yield Paragraph(f"For {words.value(side['name'], reader.called)} ({support}):")
    yield from _groups(cast("Sequence[Json]", side["groups"]), reader)


def _groups(groups: Sequence[Json], reader: Reader) -> Iterator[Paragraph]:
    for group in groups[:MOST_GROUPS]:
        names = [reader.called(source) for source in cast("Sequence[str]", group["sources"])]
        interest = words.INTERESTS.get(str(group["interest"]), str(group["interest"]))
        together = "one voice, " if len(names) > 1 else ""
        yield Paragraph(f"{words.listed(names)} ({together}{interest})", 2, "bold")
        yield from _claims(cast("Sequence[str]", group["claims"]), reader, 4)
    if len(groups) > MOST_GROUPS:
        yield Paragraph(f"… and {words.counted(len(groups) - MOST_GROUPS, 'more group')}.", 2)


def _claims(names: Sequence[str], reader: Reader, indent: int) -> Iterator[Paragraph]:
    for name in names[:MOST_CLAIMS]:
        claim = reader.claim(name)
        yield Paragraph(said(claim) if claim else name, indent)
    if len(names) > MOST_CLAIMS:
        yield Paragraph(f"… and {words.counted(len(names) - MOST_CLAIMS, 'more claim')}.", indent)


def said(claim: Json) -> str:
    """Return what a claim says: the desk's statement, or its value where no statement is held; and its key."""
    statement = claim.get("statement")
    told = statement if isinstance(statement, str) else _bare(claim)
    return f"{told} [{claim.get('key') or claim['id']}]"


def _bare(claim: Json) -> str:
    denied = "denies: " if claim.get("polarity") == "denies" else ""
    asked = words.question(cast("Json", claim["question"]))
    return f"{asked}: {denied}{words.value(claim.get('quantity') or claim.get('value'))}."


def _listed(belief: Json, reader: Reader) -> Iterator[Paragraph]:
    opinions = cast("Sequence[str]", belief.get("opinions") or ())
    if opinions:
        yield Paragraph("The opinions:")
        yield from _claims(opinions, reader, 2)
    others = cast("Sequence[str]", belief.get("listed") or ())
    if others:
        yield Paragraph("Listed, but not counted:")
        yield from _claims(others, reader, 2)
    refuted = cast("Sequence[str]", belief.get("refuted") or ())
    if refuted:
        yield Paragraph(
            f"Given up by who had said so: {words.listed([words.value(one, reader.called) for one in refuted])}."
        )


def _flagged(belief: Json, reader: Reader) -> Iterator[Paragraph]:
    others = [reader.question(other) for other in cast("Sequence[Json]", belief.get("tension") or ())]
    if others:
        yield Paragraph(f"In tension with another belief: {'; '.join(others)}.")
    for flag in words.flags(
        {"flags": [one for one in cast("Sequence[str]", belief.get("flags") or ()) if one != "tension"]}
    ):
        yield Paragraph(words.sentence(flag))
    made = belief.get("assessment")
    if isinstance(made, Mapping):
        assessment = cast("Json", made)
        value = words.value(assessment["value"], reader.called)
        yield Paragraph(f"An editor assessed it as {value}: {assessment.get('rationale')}")
