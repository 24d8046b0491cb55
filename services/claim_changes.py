"""Which beliefs a claim moved is told for every instant: what was believed before one of its events, and what after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby, islice
from typing import NamedTuple

from domain.belief.affected import affected
from domain.belief.explain import outcome_json, question_json
from domain.belief.history import Moved, Stretch, moved, stretches
from domain.belief.rectangles import Rectangle, filled
from domain.claims import Question
from domain.events import Recorded
from domain.policies import DEFAULT
from domain.standing import Standing
from domain.times import show
from services.causes import causes
from services.changes import MOST_JUDGED
from services.cuts import Answer, Cuts, Cutting, Page, Query
from services.errors import BadQuery, LongHistory, UnknownThing, Wrong
from services.facts import Facts
from services.shown import Json
from services.store.event_log import EventLog
from services.store.turned import TurnReader


class _Place(NamedTuple):
    """An event of the claim, and a question that it may have moved: the order of the answer."""

    position: int
    question: str


class _Told(NamedTuple):
    at: _Place
    question: Question
    moved: list[Moved]


class ClaimChanges:
    """Answers which beliefs a claim moved: by being recorded, related, corrected, withdrawn or voided."""

    def __init__(self, log: EventLog, facts: Facts, cuts: Cuts, turns: TurnReader) -> None:
        self._log = log
        self._facts = facts
        self._cuts = cuts
        self._turns = turns

    def of(self, claim: str, query: Query, after: str, limit: int) -> Answer[Page]:
        """Return what at most `limit` pairs of an event and a question came to, behind the pair named by `after`.

        A row holds for the instants in [from, to). Where the query names a valid time, only those that meet it are
        told. Pictures are read where they have it; under other terms each question is judged before and after.

        Raises UnknownThing, BadQuery, LongHistory and what `Cuts.cut` raises.
        """
        in_picture = query.projection is not None or (query.policy in (None, DEFAULT) and not query.without)
        cutting = self._cuts.cut(query, reading=("picture",) if in_picture and query.projection is None else ())
        found = self._facts.views.claims_named([claim], cutting.position)
        if not found:
            raise UnknownThing("claim", claim)
        start = _place_in(after)
        events = {at: one for at, one in self._events(found[0], cutting.position).items() if at >= start.position}
        told = self._pictured(events, start, cutting) if in_picture else self._judged(events, start, cutting)
        kept = list(islice(told, limit + 1))
        rows = [row for one in kept[:limit] for row in self._rows(one, cutting)]
        following = kept[limit - 1].at if len(kept) > limit else None
        return Answer(
            Page(rows, f"{following.position} {following.question}" if following else None),
            cutting.position,
            cutting.timeless,
            cutting.pictured.name if cutting.pictured else None,
        )

    def _events(self, standing: Standing, position: int) -> dict[int, Recorded]:
        """Return the events of the claim, by position."""
        positions = {standing.recorded, *(one.position for one in standing.relations)}
        if standing.ending is not None:
            positions.add(standing.ending.position)
        known = ((at, self._log.at(at)) for at in sorted(positions) if at <= position)
        return {at: recorded for at, recorded in known if recorded is not None}

    def _pictured(self, events: Iterable[int], start: _Place, cutting: Cutting) -> Iterator[_Told]:
        turned = self._turns.at(list(events), start, cutting.place)
        for (position, question), some in groupby(turned, lambda one: (one.position, one.question)):
            rows = list(some)
            before = [one.rectangle for one in rows if not one.begins]
            after = [one.rectangle for one in rows if one.begins]
            yield _Told(_Place(position, question.name), question, moved(_account(before), _account(after)))

    def _judged(self, events: dict[int, Recorded], start: _Place, cutting: Cutting) -> Iterator[_Told]:
        for position, recorded in events.items():
            touched = affected(recorded.event, self._facts.view(position))
            for question in sorted(touched.questions | touched.parts, key=lambda one: one.name):
                at = _Place(position, question.name)
                if at > start and self._is_judged(question, position):
                    yield _Told(at, question, self._moved(question, position, cutting))

    def _is_judged(self, question: Question, position: int) -> bool:
        aspect = self._facts.view(position).aspect(question.aspect)
        return aspect is not None and aspect.kind != "opinion"

    def _moved(self, question: Question, position: int, cutting: Cutting) -> list[Moved]:
        if self._facts.is_long(question, position, MOST_JUDGED):
            raise LongHistory(question.name, MOST_JUDGED)
        case, asked = self._facts.case([question], position), cutting.asked(question)
        return moved(stretches(case.at(position - 1), asked), stretches(case.at(position), asked))

    def _rows(self, told: _Told, cutting: Cutting) -> Iterator[Json]:
        meant = cutting.at.given
        for one in told.moved:
            if meant is not None and not _meet(one, meant.start, meant.end):
                continue
            cause = causes(self._log, [told.at.position])[told.at.position]
            yield {
                "question": question_json(told.question),
                "position": told.at.position,
                "recorded": cause["recorded"],
                "from": show(one.start),
                "to": show(one.end),
                "before": outcome_json(one.before),
                "after": outcome_json(one.after),
                "rule": one.rule,
                "cause": cause,
            }


def _account(rows: list[Rectangle]) -> list[Stretch]:
    """Return what the rows say of all of time; what did not turn is left out on both sides, and so is no difference."""
    ordered = sorted(rows, key=lambda one: (one.start is not None, one.start))
    return [Stretch(one.start, one.outcome, one.rule) for one in filled(ordered, latest=False)]


def _meet(one: Moved, start: datetime | None, end: datetime | None) -> bool:
    begins_before = one.start is None or end is None or one.start < end
    return begins_before and (one.end is None or start is None or start < one.end)


def _place_in(after: str) -> _Place:
    position, _, question = after.partition(" ")
    if after and not (position.isascii() and position.isdecimal() and len(position) <= 18 and question):
        raise BadQuery([Wrong("after", "it is no cursor of this list", "a cursor from a Link header")])
    return _Place(int(position or 0), question)
