"""A claim can be tried before it is sent: it is decided like any other, and nothing is recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from domain.belief.affected import affected, spoken_on
from domain.belief.asked import Asked
from domain.belief.case import Cut
from domain.belief.explain import belief, question_json
from domain.belief.judge import settled
from domain.belief.word import At
from domain.claims import Claim, Question
from domain.commands import RecordClaim
from domain.decide import decide
from domain.events import ClaimRecorded
from domain.policies import DEFAULT, policy_named
from domain.refusals import HashDoesNotFit, Problem, pointer
from domain.registry_view import RegistryView
from domain.standing import Standing
from domain.times import instant, read
from domain.values import Text
from services.claims import intervals_json
from services.cuts import Answer, Cuts, Query
from services.deciding import first_named, refuse_the_future
from services.facts import Facts
from services.foreseen import Seen, told
from services.glance import Glance
from services.shown import Json, claim_json, hashes_of
from services.store.asking import Search
from services.store.event_log import EventLog
from services.submissions import prepare
from services.supposed import Supposed

MOST_QUESTIONS = 24
"""Questions of which it is told what would be believed; of a whole with very many parts the others are counted."""
MOST_SAID = 200
"""Claims of the source on the question that are looked through for the same words."""
SAID_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Tried:
    """A claim that was decided, and what it duplicates: the claim of the same id or key that is recorded."""

    claim: Claim
    before: Standing | None


class Previews:
    """Says what recording a claim would do."""

    def __init__(
        self, log: EventLog, facts: Facts, cuts: Cuts, now: Callable[[], datetime], make_id: Callable[[], str]
    ) -> None:
        self._log = log
        self._facts = facts
        self._cuts = cuts
        self._now = now
        self._make_id = make_id

    def preview(self, command: RecordClaim, text: Text | None = None) -> Answer[Json]:
        """Return the claim as it would be recorded, and what would be believed of all that it bears on.

        `text` is the document that the claim quotes, where it is not archived yet. Raises the refusals of recording the
        claim at the head, and NotCaughtUp while the views do not reach that.
        """
        position = self._cuts.cut(Query(at_least=self._log.head())).position
        view = self._facts.view(position)
        glance = Glance(self._log, view, _sent_along(command, text))
        tried = self._tried(command, glance)
        claim = tried.claim
        body: Json = {
            "position": position,
            "claim": self._claim_json(claim),
            "intervals": intervals_json(view, claim),
            "document": self._document_json(claim, view),
            "duplicate": tried.before and {"claim": claim.id, "position": tried.before.recorded},
            "said_before": self._said_before(claim, position),
        }
        questions = [] if tried.before else self._questions(claim, view, is_named=command.id is not None)
        body["bears_on"] = self._foreseen(claim, view, questions[:MOST_QUESTIONS])
        body["left_out"] = len(questions[MOST_QUESTIONS:])
        return Answer(body, position, immutable=False)

    def _tried(self, command: RecordClaim, glance: Glance) -> _Tried:
        """Decide as `deciding` does; raises what that refuses."""
        prepared = prepare(command, self._make_id)
        named = first_named(prepared.fingerprint, glance.reading.keys(prepared.keys))
        if named is not None:
            before = glance.claim(named.stream.partition("/")[2])
            if before is not None:
                return _Tried(before.claim, before)
        refuse_the_future(prepared.command, self._now())
        events = decide(prepared.command, glance)
        if events and isinstance(events[0], ClaimRecorded):
            return _Tried(events[0].claim, None)
        before = glance.claim(prepared.thing.partition("/")[2])
        assert before is not None  # nothing follows from a claim that is there already, and from no other
        return _Tried(before.claim, before)

    def _claim_json(self, claim: Claim) -> Json:
        words = (claim.statement, claim.quote.exact if claim.quote else None)
        sent = {text.sha256: text.body for text in words if text is not None and text.body is not None}
        return claim_json(claim, {**self._log.texts(hashes_of([claim])), **sent})

    def _document_json(self, claim: Claim, view: RegistryView) -> Json | None:
        """Return whether the quoted document is archived without what was sent along, and its text held."""
        if claim.quote is None:
            return None
        sha256 = claim.quote.document
        held = self._log.texts([sha256])[sha256] is not None
        return {"sha256": sha256, "archived": view.document(sha256) is not None, "held": held}

    def _said_before(self, claim: Claim, position: int) -> list[Json]:
        """Return the newest claims in which the source said the same of the question, of whatever time."""
        asked = claim.question
        search = Search(asked.location, asked.aspect, asked.subject, claim.source)
        found = self._facts.views.search(search, 0, position, MOST_SAID)
        same = [
            one
            for one in found
            if one.claim.id != claim.id
            and one.claim.question == asked
            and one.claim.source == claim.source
            and one.ended_by(position) is None
            and says_the_same(one.claim, claim)
        ]
        return [
            {
                "claim": one.claim.id,
                "position": one.recorded,
                "valid": one.claim.valid.model_dump(exclude_none=True),
                "published": one.claim.published.model_dump(exclude_none=True),
                "of_the_same_time": _times(one.claim) == _times(claim),
            }
            for one in same[: -SAID_SHOWN - 1 : -1]
        ]

    def _questions(self, claim: Claim, view: RegistryView, *, is_named: bool) -> list[Question]:
        """Return what the claim bears on: its own question first, those of the same place, the wholes', then parts'."""
        touched = affected(ClaimRecorded(claim=claim), view)
        own = claim.question
        others = set(touched.questions | touched.parts | self._related(claim, view, is_named=is_named)) - {own}
        ranked = sorted(others, key=lambda one: (one.location != own.location, one in touched.parts, one.name))
        return [one for one in (own, *ranked) if view.aspect(one.aspect) is not None]

    def _related(self, claim: Claim, view: RegistryView, *, is_named: bool) -> set[Question]:
        """Return the questions of the claims that it names, and of those that named its id before it was recorded."""
        views, position = self._facts.views, view.position
        found = views.claims_named([one.claim for one in claim.relations], position) if claim.relations else []
        waiting = {claim.id} if is_named else set[str]()
        seen = set(waiting)
        while waiting:
            naming = views.claims_naming(waiting, position)
            found += naming
            waiting = {one.claim.id for one in naming} - seen
            seen |= waiting
        return {question for one in found for question in spoken_on(view, one.claim.question)}

    def _foreseen(self, claim: Claim, view: RegistryView, questions: Sequence[Question]) -> list[Json]:
        if not questions:
            return []
        recorded = Standing(claim=claim, recorded=view.position + 1)
        supposed = Supposed(recorded, self._facts.views.kin_of(recorded, view.position))
        now = instant(self._now())
        text = valid_at(claim)
        ats = {"now": At(None, now)}
        if text is not None:
            ats = {"then": At(read(text, claim.tz).interval, now), **ats}
        found: list[Json] = [{"question": question_json(one)} for one in questions]
        for name, at in ats.items():
            before = self._seen(questions, view, at, None)
            after = self._seen(questions, view, at, supposed)
            for row, question, was, would in zip(found, questions, before, after, strict=True):
                row[name] = told(view, claim, question, at, was, would)
        if text is not None:
            for row in found:
                row["then"] = {"valid_at": text, "tz": claim.tz, **_members(row["then"])}
        own, *others = found
        return [own, *(row for row in others if any(_is_reported(row[name]) for name in ats))]

    def _seen(
        self, questions: Sequence[Question], view: RegistryView, at: At, supposed: Supposed | None
    ) -> Sequence[Seen]:
        policy = policy_named(DEFAULT)

        def see(cut: Cut, question: Question) -> Seen:
            asked = Asked(question, at, policy)
            return Seen(settled(cut, asked).outcome(), belief(cut, asked))

        return self._facts.judged(questions, view.position, at, see, supposed)


def _sent_along(command: RecordClaim, text: Text | None) -> dict[str, str]:
    """Return the text by its hash; raises HashDoesNotFit if it is not that of the quoted document."""
    if text is None or text.body is None:
        return {}
    if command.quote is None or command.quote.document != text.sha256:
        expected = command.quote.document if command.quote else "a quote of it"
        raise HashDoesNotFit(Problem(pointer("text"), f"the text is the document {text.sha256}", expected))
    return {text.sha256: text.body}


def says_the_same(one: Claim, other: Claim) -> bool:
    """Tell whether both take the same stance in the same manner."""
    if one.quantity is not None and other.quantity is not None and not one.quantity.overlaps(other.quantity):
        return False
    return (one.value, one.polarity, one.modality) == (other.value, other.polarity, other.modality)


def _times(claim: Claim) -> tuple[str, str]:
    return claim.valid.edtf, claim.spoken.edtf


def valid_at(claim: Claim) -> str | None:
    """Return the valid time to ask about: the claim's own, or its one bound where it is open; None if it is ever."""
    start, slash, end = claim.valid.edtf.partition("/")
    if not slash:
        return claim.valid.edtf
    if end in ("..", ""):
        return None if start in ("..", "") else start
    return end if start in ("..", "") else claim.valid.edtf


def _members(told_of: object) -> Json:
    return cast("Json", told_of)


def _is_reported(told_of: object) -> bool:
    row = _members(told_of)
    return any(_members(row[name])["agreement"] != "unreported" for name in ("before", "after"))
