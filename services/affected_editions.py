"""An edition is told of when what it relied on changes: once for each event that did it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from domain.belief.affected import affected
from domain.belief.explain import outcome_json, question_json
from domain.belief.judge import Outcome
from domain.belief.picture import is_episodic
from domain.belief.word import At
from domain.claims import Question
from domain.entries import Edition, Reliance
from domain.events import ClaimCorrected, ClaimVoided, ClaimWithdrawn, EditionPublished, Recorded
from domain.policies import DEFAULT, UnknownPolicy, policy_named
from domain.projections.editions import Published
from domain.standing import Standing
from domain.times import UnreadableTime, instant, read
from services.causes import cause_json
from services.facts import Facts
from services.judging import Views, outcomes_at
from services.shown import Json
from services.store.event_log import EventLog


class AffectedEditions:
    """Finds the editions that an event affects; `look_up` comes before `alerts_of`, for a whole batch of events.

    Beliefs are looked at again where the picture turned at the event, at whatever valid time, and where the event's
    claim counts: the second for editions that were judged by another policy than the picture's.
    """

    def __init__(self, log: EventLog, facts: Facts) -> None:
        self._log = log
        self._facts = facts
        self._views = Views(facts)
        self._turned: Mapping[int, set[Question]] = {}
        self._counted: dict[int, set[Question]] = {}
        self._relying: list[Published] = []

    def look_up(self, batch: Sequence[Recorded], turned: Mapping[int, set[Question]]) -> None:
        """Look for the editions that may be affected by any of the events, whose turned questions are given."""
        self._turned, self._counted = turned, {}
        self._views.at(batch[-1].position)
        claims: set[str] = set()
        for one in batch:
            event = one.event
            if isinstance(event, ClaimCorrected | ClaimWithdrawn | ClaimVoided):
                claims.add(event.claim)
            found = affected(event, self._views.at(one.position))
            self._counted[one.position] = {*found.questions, *found.parts}
        questions = set[Question]().union(*self._counted.values(), *turned.values())
        names = {question.name for question in questions}
        self._relying = self._facts.views.editions_relying_on(claims, names) if claims or names else []

    def alerts_of(self, recorded: Recorded) -> Iterator[Json]:
        """Yield what is to be told of each edition that the event affects, in the order of their publication."""
        event, position = recorded.event, recorded.position
        if isinstance(event, EditionPublished):
            yield from self._affected(event.edition, recorded, recorded, event.edition.beliefs)
            return
        for published in sorted(self._relying, key=lambda one: one.position):
            if published.position < position:
                of = self._log.at(published.position)
                if of is not None:
                    relied = [
                        one for one in published.edition.beliefs if self._touches(published.edition, one, position)
                    ]
                    yield from self._affected(published.edition, of, recorded, relied)

    def _touches(self, edition: Edition, reliance: Reliance, position: int) -> bool:
        turned = reliance.question in self._turned.get(position, ())
        is_in_picture = edition.policy == DEFAULT and (
            reliance.valid_at is None or not self._has_episodes(reliance.question, position)
        )
        return turned or (not is_in_picture and reliance.question in self._counted[position])

    def _has_episodes(self, question: Question, position: int) -> bool:
        aspect = self._views.at(position).aspect(question.aspect)
        return aspect is not None and is_episodic(aspect)

    def _affected(
        self, edition: Edition, published: Recorded, recorded: Recorded, relied: Iterable[Reliance]
    ) -> Iterator[Json]:
        """Yield the alert, if there is one; an edition that was affected when it came out says so then."""
        is_new = published.position == recorded.position
        after = edition.as_of if is_new else recorded.position - 1
        beliefs = [row for one in relied for row in self._changed(edition, one, published, recorded, after)]
        ended = self._ended(edition, recorded, is_new=is_new)
        if beliefs or ended:
            yield {
                "story": edition.story,
                "edition": edition.number,
                "title": edition.title,
                "as_of": edition.as_of,
                "beliefs": beliefs,
                "claims": ended,
                "cause": cause_json(recorded),
            }

    def _changed(  # noqa: PLR0913 (what was pinned, and the two positions between which it may have changed)
        self, edition: Edition, reliance: Reliance, published: Recorded, recorded: Recorded, after: int
    ) -> Iterator[Json]:
        """Yield the belief if it is another than was pinned, and another than before the event."""
        try:
            policy_named(edition.policy)
            given = read(reliance.valid_at, edition.tz).interval if reliance.valid_at else None
        except (UnknownPolicy, UnreadableTime):
            return  # what a policy that is not installed any more would say now, nobody knows
        at = At(given, instant(published.recorded))

        def believed(position: int) -> Outcome:
            return outcomes_at(self._facts, [reliance.question], position, at, edition.policy)[0]

        now, pinned = believed(recorded.position), believed(edition.as_of)
        if now != pinned and now != believed(after):
            shown = {"before": outcome_json(pinned), "after": outcome_json(now)}
            yield {"question": question_json(reliance.question), **shown}

    def _ended(self, edition: Edition, recorded: Recorded, *, is_new: bool) -> list[Json]:
        """Return the cited claims that the event ended; of an edition that comes out, all that do not stand."""
        event = recorded.event
        named: tuple[str, ...] = edition.claims
        if not is_new:
            ended = event.claim if isinstance(event, ClaimCorrected | ClaimWithdrawn | ClaimVoided) else None
            named = tuple(claim for claim in edition.claims if claim == ended)
        standings = self._facts.views.claims_named(named, recorded.position) if named else []
        return [row for one in standings for row in _ending(one, edition.as_of, recorded.position)]


def _ending(standing: Standing, pinned: int, position: int) -> Iterator[Json]:
    ending = standing.ended_by(position)
    if ending is not None and ending.position > pinned:
        question = question_json(standing.claim.question)
        yield {"claim": standing.claim.id, "status": ending.kind, "question": question}
