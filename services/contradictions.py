"""What is contested is a desk's inbox: first what most editions in force rest on, then what has waited longest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from domain.belief.asked import Asked
from domain.belief.case import Cut
from domain.belief.explain import belief, question_json
from domain.belief.judge import Outcome, settled
from domain.claims import Question
from domain.projections.editions import Published
from domain.registry_view import RegistryView
from services.beliefs import SHORT
from services.causes import causes
from services.changes import ChangeFinder
from services.claims import Claims
from services.cuts import Answer, Cutting, Page, Query
from services.errors import BadQuery, LongHistory, NotCaughtUp, Wrong
from services.facts import Facts
from services.questions import PAGE, READING, pages
from services.shown import Json, entry_json
from services.store.contested import Contested, ContestedReader, Exposed, Seen
from services.store.event_log import EventLog
from services.store.picturing import Across
from services.stories import Stories

MOST_JUDGED = 2_000
"""Questions up to which what no picture has is judged anew while somebody waits for the answer."""
LAST = 2**63
"""Sorts what has been contested for nobody knows how long behind everything else."""


@dataclass(frozen=True, slots=True)
class _Ranked:
    contested: Contested
    exposed: tuple[Exposed, ...]

    @property
    def place(self) -> str:
        """Where the row stands in the list: texts of these places sort as the rows do."""
        since = LAST if self.contested.since is None else self.contested.since
        return f"{10**9 - len(self.exposed):010d}/{since:020d}/{self.contested.question.name}"


class Contradictions:
    """Tells what is contested, who says what, since when, and which editions rest on it."""

    def __init__(  # noqa: PLR0913 (each is one thing that it asks)
        self,
        log: EventLog,
        facts: Facts,
        stories: Stories,
        changes: ChangeFinder,
        claims: Claims,
        reader: ContestedReader,
    ) -> None:
        self._log = log
        self._facts = facts
        self._stories = stories
        self._changes = changes
        self._claims = claims
        self._reader = reader

    def contradictions(
        self, story: str | None, aspect: str | None, after: str, limit: int, query: Query
    ) -> Answer[Page]:
        """Return what is contested, by how many editions in force rest on it and then the longest contested first.

        An edition rests on a question if it pinned what was reported of it, or cites a claim on it that stands; it is
        in force until another one corrects it. `after` is the place of the last row of the page before. Claims come
        with their words, which the law can force out: the answer is never immutable.

        Raises UnknownThing for a story that was not known, BadQuery where no picture has what is asked and it is about
        more questions than are judged at once, and what `Cuts.cut` raises.
        """
        cutting, followed = self._stories.scope(story, query, (*READING, "picture", "editions"))
        names = None if followed is None else [question.name for question in followed]
        across = Across(aspect=aspect, questions=names)
        found = list(self._contested(across, cutting))
        relying = self._relying(found, cutting)
        ranked = [_Ranked(one, relying[one.question.name]) for one in found]
        ranked = sorted((one for one in ranked if one.place > after), key=lambda one: one.place)
        shown, following = ranked[:limit], ranked[limit - 1].place if len(ranked) > limit else None
        return Answer(Page(self._rows(shown, cutting), following), cutting.position, immutable=False)

    def _relying(self, found: Sequence[Contested], cutting: Cutting) -> Mapping[str, tuple[Exposed, ...]]:
        relying: defaultdict[str, tuple[Exposed, ...]] = defaultdict(tuple)
        for one in self._reader.exposed([contested.question for contested in found], cutting.position):
            relying[one.question] += (one,)
        return relying

    def _contested(self, across: Across, cutting: Cutting) -> Iterator[Contested]:
        moment = self._changes.moment(cutting)
        if moment is None or not self._changes.has_reached(cutting):
            every = [one for page in pages(self._facts, across, cutting.position) for one in page]
            yield from self._judged(every, cutting)
            return
        aspects = self._facts.view(cutting.position).aspects()
        episodic = [name for name, aspect in aspects.items() if aspect.kind in ("occurrence", "tally")]
        given = cutting.at.given
        # What happened within an interval is believed by whatever overlaps it, which no single instant shows.
        over_time = given is not None and not given.is_instant
        seen = Seen(
            cutting.place, moment, cutting.position, episodic if given is None else (), episodic if over_time else ()
        )
        yield from self._reader.contested(across, seen)
        if given is not None and over_time:
            yield from self._judged(self._reader.met(across, given, episodic, seen, MOST_JUDGED + 1), cutting)

    def _judged(self, questions: Sequence[Question], cutting: Cutting) -> Iterator[Contested]:
        """Judge what no picture has: another policy, somebody left out, what happened within an interval."""
        if len(questions) > MOST_JUDGED:
            said = f"no picture has what is asked, and it is about more than {MOST_JUDGED} questions"
            raise BadQuery([Wrong("story", said, "a story, an aspect, or a what-if as `projection`")])

        def judge(cut: Cut, question: Question) -> Outcome:
            return settled(cut, cutting.asked(question)).outcome()

        for start in range(0, len(questions), PAGE):
            part = questions[start : start + PAGE]
            outcomes = self._facts.judged(part, cutting.position, cutting.at, judge)
            for question, outcome in zip(part, outcomes, strict=True):
                if outcome.agreement == "contested":
                    yield Contested(question, self._since(question, cutting), has_past=False)

    def _since(self, question: Question, cutting: Cutting) -> int | None:
        """Return the position since which it has been contested; None if that would take too long to find out."""
        try:
            found = self._changes.all(question, cutting)
        except (LongHistory, NotCaughtUp):
            return None
        since: int | None = None
        for change in reversed(found):
            if change.after.agreement != "contested":
                break
            since = change.position
        return since

    def _rows(self, ranked: Sequence[_Ranked], cutting: Cutting) -> list[Json]:
        def explain(cut: Cut, question: Question) -> Json:
            return belief(cut, Asked(question, cutting.at, cutting.policy, cutting.without))

        view = self._facts.view(cutting.position)
        questions = [one.contested.question for one in ranked]
        # What came down from a wider place is ranked by when somebody spoke of this one, but told of in full.
        begun = [
            self._since(one.contested.question, cutting) or one.contested.since
            if one.contested.has_past
            else one.contested.since
            for one in ranked
        ]
        known = causes(self._log, [since for since in begun if since is not None])
        keys = {exposed.edition for one in ranked for exposed in one.exposed}
        editions = {f"{one.edition.story}/{one.edition.number}": one for one in self._reader.editions(keys)}
        bodies = self._facts.judged(questions, cutting.position, cutting.at, explain)
        heard = {name for body in bodies for name in _claims_of(body)}
        shown = {str(one["id"]): one for one in self._claims.named(heard, Query(as_of=str(cutting.position)))}
        return [
            {
                **{name: body[name] for name in (*SHORT, "assessment")},
                "place": _place_json(view, question),
                "since": None if since is None else known[since],
                "exposure": len(one.exposed),
                "editions": [_edition_json(editions[on.edition], on, question, _claims_of(body)) for on in one.exposed],
                "claims": [shown[name] for name in _claims_of(body) if name in shown],
            }
            for one, question, since, body in zip(ranked, questions, begun, bodies, strict=True)
        ]


def _claims_of(body: Json) -> list[str]:
    """Return the claims that the sides rest on."""
    sides = cast("Mapping[str, Json]", body["sides"]).values()
    named = [cast("Sequence[str]", side["supporters"]) for side in (body, *sides)]
    return sorted({claim for claims in (*named, cast("Sequence[str]", body["objectors"])) for claim in claims})


def _place_json(view: RegistryView, question: Question) -> Json | None:
    location = view.location(question.location)
    return entry_json(location) if location else None


def _edition_json(published: Published, exposed: Exposed, question: Question, sides: Sequence[str]) -> Json:
    """Return the edition with what it printed of the question, and those of its claims that bear on it.

    These are the claims on just this question, and others that the `sides` rest on, by implication or inheritance.
    """
    edition = published.edition
    pinned = [one for one in edition.beliefs if one.question == question]
    return {
        "story": edition.story,
        "number": edition.number,
        "title": edition.title,
        "position": published.position,
        "as_of": edition.as_of,
        "published": entry_json(edition.published),
        "printed": [entry_json(one) | {"question": question_json(question)} for one in pinned],
        "cites": sorted({*exposed.cites, *(claim for claim in sides if claim in edition.claims)}),
    }
