"""What an event, or time alone, turned of what is believed now follows from the ledger alone, whoever looks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from domain.alerts import id_of_event, id_of_instant
from domain.belief.bounds import shortly_before
from domain.belief.explain import outcome_json, question_json, value_json
from domain.belief.history import UNREPORTED
from domain.belief.judge import Judgement, Outcome
from domain.belief.picture import is_episodic
from domain.belief.word import at_present
from domain.belief.words import times_of
from domain.claims import Claim, Question
from domain.events import Recorded
from domain.policies import DEFAULT
from domain.registry_view import RegistryView
from domain.times import show
from services.affected_editions import AffectedEditions
from services.causes import cause_json
from services.facts import Facts
from services.judging import Views, judged_at, outcomes_at
from services.store.alerts import Alert, AlertReader, Due, Found, Json, Turn
from services.store.picturing import Across, PictureReader
from services.touched import own_claim


class Finder:
    """Finds the alerts of events that the views have taken in, and of instants that have passed."""

    def __init__(self, facts: Facts, picture: PictureReader, reader: AlertReader, editions: AffectedEditions) -> None:
        self._facts = facts
        self._picture = picture
        self._reader = reader
        self._editions = editions
        self._views = Views(facts)

    def of_events(self, batch: Sequence[Recorded]) -> Found:
        """Return the alerts of the events, which follow each other without a gap, and of instants between them."""
        self._views.at(batch[-1].position)
        turned: defaultdict[int, list[Turn]] = defaultdict(list)
        for turn in self._reader.turned(batch[0].position - 1, batch[-1].position):
            turned[turn.position].append(turn)
        waiting = set(self._reader.due(batch[-1].recorded))
        known = frozenset(waiting)
        alerts: list[Alert] = []
        self._editions.look_up(batch, {at: {one.painted.question for one in some} for at, some in turned.items()})
        for recorded in batch:
            passed = sorted(due for due in waiting if due.instant <= recorded.recorded)
            alerts += self.of_time(passed, recorded.position - 1)
            waiting.difference_update(passed)
            alerts += self._of_event(recorded, turned[recorded.position])
            waiting |= self._due(recorded, turned[recorded.position])
        return Found(batch[-1].position, alerts, frozenset(waiting - known), frozenset(known - waiting))

    def to_come(self, position: int) -> list[Due]:
        """Return the instants to come of claims that were recorded by then."""
        view = self._views.at(position)
        standings = self._facts.views.claims_named(self._reader.claims_to_come(position), position)
        return [due for one in standings for due in _due_of_claim(view, one.claim)]

    def of_time(self, passed: Iterable[Due], position: int) -> list[Alert]:
        """Return what changed by itself at these instants, in order, as known at the position."""
        alerts: list[Alert] = []
        for instant, some in groupby(sorted(passed), key=lambda due: due.instant):
            subjects: defaultdict[str, list[str]] = defaultdict(list)
            for due in some:
                subjects[due.kind].append(due.subject)
            alerts += self._beliefs_at(instant, subjects["belief"], position)
            alerts += self._plans_at(instant, subjects["plan"], position)
            alerts += self._claims_at(instant, subjects["claim"], position)
        return alerts

    def _of_event(self, recorded: Recorded, turned: Sequence[Turn]) -> list[Alert]:
        changes = self._changes(recorded, turned)
        cause = cause_json(recorded) if changes else {}
        bodies: list[Json] = [
            {
                "question": question_json(question),
                "before": outcome_json(before),
                "after": outcome_json(after),
                "rule": rule,
                "cause": cause,
            }
            for question, before, after, rule in changes
        ]
        alerts = [
            Alert(id_of_event(recorded.position, place), "belief-changed", recorded.position, recorded.recorded, body)
            for place, body in enumerate(bodies, start=1)
        ]
        for place, body in enumerate(self._editions.alerts_of(recorded), start=len(alerts) + 1):
            named = id_of_event(recorded.position, place)
            alerts.append(Alert(named, "edition-affected", recorded.position, recorded.recorded, body))
        return alerts

    def _changes(self, recorded: Recorded, turned: Sequence[Turn]) -> list[tuple[Question, Outcome, Outcome, str]]:
        """Return what the event changed of what is believed at the instant at which it was recorded, by question."""
        view = self._views.at(recorded.position)
        before: dict[Question, Outcome] = {}
        after: dict[Question, Turn] = {}
        for turn in turned:
            if _is_present(view, turn, recorded.recorded):
                question = turn.painted.question
                if turn.begins:
                    after[question] = turn
                else:
                    before[question] = turn.painted.outcome()
        # The picture does not have what a part had from its whole before anybody spoke of it.
        unknown = [one for one, turn in after.items() if one not in before and turn.painted.has_past]
        at = at_present(recorded.recorded)
        before |= dict(zip(unknown, outcomes_at(self._facts, unknown, recorded.position - 1, at), strict=True))
        found: list[tuple[Question, Outcome, Outcome, str]] = []
        for question in sorted({*before, *after}, key=lambda one: one.name):
            turn = after.get(question)
            was, now = before.get(question, UNREPORTED), turn.painted.outcome() if turn else UNREPORTED
            if was != now:
                found.append((question, was, now, turn.painted.rule if turn else "R1"))
        return found

    def _due(self, recorded: Recorded, turned: Sequence[Turn]) -> set[Due]:
        """Return the instants to come that the event makes matter."""
        found: set[Due] = set()
        for turn in turned:
            if turn.begins:
                bounds = (turn.painted.start, turn.painted.end)
                found |= {Due(bound, "belief", turn.painted.question.name) for bound in bounds if bound}
        claim = own_claim(recorded.event)
        if claim is not None:
            found |= set(_due_of_claim(self._views.at(recorded.position), claim))
        return {due for due in found if due.instant > recorded.recorded}

    def _beliefs_at(self, instant: datetime, names: Sequence[str], position: int) -> list[Alert]:
        if not names:
            return []
        now = self._painted(instant, names, position)
        was = self._painted(shortly_before(instant), names, position)
        alerts: list[Alert] = []
        for name in sorted(names):
            before, after = was.get(name, (UNREPORTED, "R1"))[0], now.get(name, (UNREPORTED, "R1"))
            if before != after[0]:
                body: Json = {
                    "question": question_json(_question(name)),
                    "before": outcome_json(before),
                    "after": outcome_json(after[0]),
                    "rule": after[1],
                    "cause": _time(instant),
                }
                named = id_of_instant("belief-changed", name, instant)
                alerts.append(Alert(named, "belief-changed", position, instant, body))
        return alerts

    def _painted(self, moment: datetime, names: Sequence[str], position: int) -> dict[str, tuple[Outcome, str]]:
        latest = [name for name, aspect in self._views.at(position).aspects().items() if is_episodic(aspect)]
        found = self._picture.at(Across(questions=names), moment, latest, position, len(names))
        return {question.name: (one.outcome, one.rule) for question, one in found}

    def _plans_at(self, instant: datetime, names: Sequence[str], position: int) -> Iterator[Alert]:
        """Yield the plans that were pending until then, and now are not."""
        questions = [_question(name) for name in sorted(names)]
        was = judged_at(self._facts, questions, position, at_present(shortly_before(instant)), DEFAULT)
        now = judged_at(self._facts, questions, position, at_present(instant), DEFAULT)
        for question, before, after in zip(questions, was, now, strict=True):
            pending = _flagged(before, "pending")
            for value, claims in _flagged(after, "lapsed").items():
                if value in pending:
                    body: Json = {
                        "question": question_json(question),
                        "value": pending[value][0],
                        "claims": claims[1],
                        "cause": _time(instant),
                    }
                    named = id_of_instant("plan-lapsed", f"{question.name}\n{value}", instant)
                    yield Alert(named, "plan-lapsed", position, instant, body)

    def _claims_at(self, instant: datetime, names: Sequence[str], position: int) -> Iterator[Alert]:
        """Yield the claims that begin to hold then, and still stand."""
        for one in self._facts.views.claims_named(names, position) if names else ():
            if one.ended_by(position) is None:
                claim = one.claim
                body: Json = {
                    "question": question_json(claim.question),
                    "claim": claim.id,
                    "source": claim.source,
                    "value": claim.value,
                    "modality": claim.modality,
                    "recorded": one.recorded,
                    "cause": _time(instant),
                }
                named = id_of_instant("claim-became-valid", claim.id, instant)
                yield Alert(named, "claim-became-valid", position, instant, body)


def _is_present(view: RegistryView, turn: Turn, moment: datetime) -> bool:
    """Tell whether the rectangle says what is answered at the moment to somebody who asks of the present."""
    painted = turn.painted
    aspect = view.aspect(painted.question.aspect)
    if aspect is None or painted.axis != ("latest" if is_episodic(aspect) else "instant"):
        return False
    return (painted.start is None or painted.start <= moment) and (painted.end is None or moment < painted.end)


def _due_of_claim(view: RegistryView, claim: Claim) -> Iterator[Due]:
    aspect = view.aspect(claim.question.aspect)
    if aspect is None:
        return
    interval, _ = times_of(claim, aspect)
    if aspect.kind == "plan":
        if interval.end is not None:
            yield Due(interval.end, "plan", claim.question.name)
    elif interval.start is not None:
        yield Due(interval.start, "claim", claim.id)


def _flagged(judgement: Judgement | None, flag: str) -> dict[str, tuple[object, list[str]]]:
    """Return the values of which the plan is in this state, each with its claims."""
    found: dict[str, tuple[object, list[str]]] = {}
    for verdict in judgement.verdicts if judgement else ():
        leading = verdict.side or verdict.lean
        if leading is not None and flag in verdict.flags:
            claims = sorted({voiced.word.claim.id for voiced in leading.voices})
            found[leading.name] = value_json(leading.value), claims
    return found


def _question(name: str) -> Question:
    location, aspect, *subject = name.split("/")
    return Question(location=location, aspect=aspect, subject=subject[0] if subject else None)


def _time(instant: datetime) -> Json:
    return {"type": "time", "instant": show(instant)}
