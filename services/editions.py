"""An edition pins what it relied on; when that changes, the edition is affected, and says which, since when and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from domain.belief.asked import Asked
from domain.belief.case import Cut
from domain.belief.explain import belief, question_json
from domain.belief.history import Transition, transitions
from domain.belief.word import At
from domain.claims import Question
from domain.commands import PublishEdition
from domain.entries import Reliance
from domain.policies import policy_named
from domain.projections.editions import Published
from domain.times import instant, read, show
from domain.values import Quantity, When
from services.beliefs import Beliefs
from services.causes import Json, causes
from services.cuts import Answer, Cutting, Query
from services.errors import UnknownThing
from services.facts import Facts
from services.shown import entry_json
from services.store.event_log import EventLog
from services.stories import Stories


@dataclass(frozen=True, slots=True)
class Draft:
    """What a desk says of an edition; what it relied on is worked out from it.

    Without `questions` it relied on all that the story follows, without `claims` on those that support these beliefs.
    """

    story: str
    title: str
    published: When | None = None
    tz: str = "UTC"
    number: int | None = None
    questions: tuple[Question, ...] | None = None
    claims: tuple[str, ...] | None = None
    corrects: int | None = None
    note: str | None = None
    key: str | None = None


class Editions:
    """Publishes editions, and tells what became of what they relied on."""

    def __init__(
        self, log: EventLog, facts: Facts, stories: Stories, beliefs: Beliefs, now: Callable[[], datetime]
    ) -> None:
        self._log = log
        self._facts = facts
        self._stories = stories
        self._beliefs = beliefs
        self._now = now

    def prepare(self, draft: Draft, query: Query) -> PublishEdition:
        """Return the command that publishes the draft, as believed at the query's cut.

        A belief is pinned at the query's valid time, else at the present: an edition says what was so when it came out.
        """
        _, cutting = self._stories.cut(draft.story, query)
        moment = show(self._now()) or ""
        tz = query.tz or draft.tz
        at = At(read(query.valid_at, tz).interval, cutting.at.now) if query.valid_at else cutting.at
        followed = self._stories.questions(draft.story, cutting.position)
        questions = list(followed if draft.questions is None else draft.questions)

        def explain(cut: Cut, question: Question) -> Json:
            return belief(cut, Asked(question, at, cutting.policy))

        relied: list[Reliance] = []
        cited: set[str] = set()
        for question, body in zip(questions, self._facts.judged(questions, cutting.position, at, explain), strict=True):
            cited.update(cast("list[str]", body["supporters"]))
            relied.append(_reliance(question, query.valid_at, body))
        return PublishEdition(
            key=draft.key,
            story=draft.story,
            number=draft.number,
            title=draft.title,
            published=draft.published or When(edtf=moment),
            tz=tz,
            as_of=cutting.position,
            policy=cutting.policy.name,
            claims=tuple(sorted(cited)) if draft.claims is None else draft.claims,
            beliefs=tuple(relied),
            corrects=draft.corrects,
            note=draft.note,
        )

    def edition(self, slug: str, number: int, query: Query) -> Answer[Json]:
        """Return an edition with `affected`: what of it has changed since, by which events. Raises UnknownThing."""
        _, cutting = self._stories.cut(slug, query)
        for published in self._facts.views.editions_of_story(slug, cutting.position):
            if published.edition.number == number:
                body: Json = {
                    **entry_json(published.edition),
                    "position": published.position,
                    "affected": self._affected(published, cutting),
                }
                return Answer(body, cutting.position, cutting.timeless)
        raise UnknownThing("edition", f"{slug}/{number}")

    def _affected(self, published: Published, cutting: Cutting) -> Json:
        """Return the beliefs that differ now, and the cited claims that do not stand any more."""
        edition = published.edition
        recorded = self._log.at(published.position)
        moment = recorded.recorded if recorded else self._now()
        rows: list[Json] = []
        for reliance in edition.beliefs:
            at = At(read(reliance.valid_at, edition.tz).interval if reliance.valid_at else None, instant(moment))
            asked = Asked(reliance.question, at, policy_named(edition.policy))
            case = self._facts.case([reliance.question], cutting.position)
            found = list(transitions(case, asked, cutting.position, edition.as_of))
            if found and found[0].before != found[-1].after:
                rows.append(self._change(reliance, found))
        ended = self._ended(edition.claims, cutting.position, edition.as_of)
        since = [row["since"] for row in (*rows, *ended)]
        numbers = [position for position in since if isinstance(position, int)]
        return {"since": min(numbers, default=None), "beliefs": rows, "claims": ended}

    def _change(self, reliance: Reliance, found: Sequence[Transition]) -> Json:
        shown = self._beliefs.transitions_json(reliance.question, found)
        return {
            "question": question_json(reliance.question),
            "since": found[0].position,
            "before": shown[0]["before"],
            "after": shown[-1]["after"],
            "because": [row["cause"] for row in shown],
        }

    def _ended(self, claims: Sequence[str], position: int, pinned: int) -> list[Json]:
        standings = self._facts.views.claims_named(claims, position)
        endings = [(one, one.ended_by(position)) for one in standings]
        known = causes(self._log, [ending.position for _, ending in endings if ending])
        return [
            {"claim": one.claim.id, "since": ending.position, "status": ending.kind, "because": known[ending.position]}
            for one, ending in endings
            if ending and ending.position > pinned
        ]


def _reliance(question: Question, valid_at: str | None, body: Json) -> Reliance:
    value = body["value"]
    strength = body["strength"]
    return Reliance(
        question=question,
        valid_at=valid_at,
        digest=str(body["digest"]),
        agreement=str(body["agreement"]),
        strength=None if strength is None else str(strength),
        value=Quantity.model_validate(value) if isinstance(value, dict) else None if value is None else str(value),
    )
