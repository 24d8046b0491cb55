"""Whatever an edition relied on is held against what is known now: which of it changed, since when, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from domain.belief.case import Cut
from domain.belief.explain import outcome_json, question_json
from domain.belief.judge import Outcome, settled
from domain.belief.word import At
from domain.claims import Question
from domain.entries import Edition, Reliance
from domain.policies import UnknownPolicy, policy_named
from domain.projections.editions import Published
from domain.times import instant, read
from services.beliefs import Beliefs
from services.causes import causes
from services.changes import ChangeFinder
from services.cuts import Cutting
from services.errors import LongHistory
from services.facts import Facts
from services.shown import Json
from services.store.event_log import EventLog
from services.urgency import last_change, urgency


class Relying:
    """Tells how editions are affected."""

    def __init__(
        self, log: EventLog, facts: Facts, beliefs: Beliefs, changes: ChangeFinder, now: Callable[[], datetime]
    ) -> None:
        self._log = log
        self._facts = facts
        self._beliefs = beliefs
        self._changes = changes
        self._now = now

    def affected(self, published: Published, later: Sequence[Published], position: int) -> Json:
        """Return the beliefs that differ at the position, and the cited claims that do not stand any more.

        `later` are the editions of the same story: one that corrects this one, and was made after all that, has
        answered it. `unjudged` names a policy that is not installed any more, so that beliefs cannot be compared.
        """
        edition = published.edition
        rows: list[Json] = []
        unjudged: str | None = None
        try:
            cuttings = self._cuttings(published, position)
        except UnknownPolicy:
            unjudged = edition.policy
        else:
            found = [self._changed(edition, one, cut) for one, cut in zip(edition.beliefs, cuttings, strict=True)]
            rows = [row for row in found if row is not None]
        ended = self._ended(edition.claims, position, edition.as_of)
        body: Json = {"beliefs": rows, "claims": ended}
        answers = [one.edition for one in later if one.edition.corrects == edition.number]
        last = last_change(body)
        answered = next((one.number for one in answers if last and one.as_of >= last), None)
        since = [row["since"] for row in (*rows, *ended)]
        numbers = [at for at in since if isinstance(at, int)]
        return {
            "since": min(numbers, default=None),
            "urgency": urgency(body, answered),
            "answered_by": answered,
            **body,
            **({"unjudged": unjudged} if unjudged else {}),
        }

    def _cuttings(self, published: Published, position: int) -> list[Cutting]:
        """Return the cut of each belief at the position: its valid time, else the moment at which it was printed."""
        edition = published.edition
        policy = policy_named(edition.policy)
        recorded = self._log.at(published.position)
        moment = instant(recorded.recorded if recorded else self._now())
        return [
            Cutting(
                position,
                At(read(one.valid_at, edition.tz).interval if one.valid_at else None, moment),
                policy,
                frozenset(),
                timeless=True,
                immutable=True,
            )
            for one in edition.beliefs
        ]

    def _changed(self, edition: Edition, reliance: Reliance, cutting: Cutting) -> Json | None:
        try:
            found = self._changes.all(reliance.question, cutting, edition.as_of)
        except LongHistory:
            return self._compared(edition, reliance.question, cutting)
        if not found or found[0].before == found[-1].after:
            return None
        shown = self._beliefs.transitions_json(reliance.question, found)
        return {
            "question": question_json(reliance.question),
            "since": found[0].position,
            "before": shown[0]["before"],
            "after": shown[-1]["after"],
            "because": [row["cause"] for row in shown],
        }

    def _compared(self, edition: Edition, question: Question, cutting: Cutting) -> Json | None:
        """Return the two ends alone, where there is too much between them to go through."""

        def judge(cut: Cut, question: Question) -> Outcome:
            return settled(cut, cutting.asked(question)).outcome()

        before, after = (
            self._facts.judged([question], position, cutting.at, judge)[0]
            for position in (edition.as_of, cutting.position)
        )
        if before == after:
            return None
        ends: Json = {"before": outcome_json(before), "after": outcome_json(after)}
        return {"question": question_json(question), "since": None, **ends, "because": []}

    def _ended(self, claims: Sequence[str], position: int, pinned: int) -> list[Json]:
        standings = self._facts.views.claims_named(claims, position)
        endings = [(one, one.ended_by(position)) for one in standings]
        known = causes(self._log, [ending.position for _, ending in endings if ending])
        return [
            {"claim": one.claim.id, "since": ending.position, "status": ending.kind, "because": known[ending.position]}
            for one, ending in endings
            if ending and ending.position > pinned
        ]
