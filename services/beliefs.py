"""What could be believed of a place, now and at any past cut, and how that came about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from domain.belief.case import Cut
from domain.belief.explain import belief, outcome_json, question_json
from domain.belief.history import Stretch, Transition
from domain.claims import Question
from domain.registry_view import RegistryView
from domain.times import show
from services.causes import causes
from services.changes import ChangeFinder
from services.cuts import Answer, Cuts, Cutting, Query
from services.errors import LongHistory, NotCaughtUp, UnknownThing
from services.facts import Facts, questions_answered
from services.store.event_log import EventLog

Json = dict[str, object]
Axis = Literal["recorded", "valid"]
SHORT = (
    "question", "agreement", "strength", "value", "lean", "rule", "facets", "flags", "supporters", "objectors",
    "sides", "tension", "refuted", "opinions", "last", "digest",
)  # fmt: skip
"""The members of a belief that a list of beliefs shows; the others are one call away."""


class Beliefs:
    """Answers questions about places."""

    def __init__(self, log: EventLog, facts: Facts, cuts: Cuts, changes: ChangeFinder) -> None:
        self._log = log
        self._changes = changes
        self._facts = facts
        self._cuts = cuts

    def belief(self, question: Question, query: Query) -> Answer[Json]:
        """Return one belief with its explanation, and `changed`: the event that last changed it.

        The position of that is None where no picture has it and too many claims bear on it to judge them all again.

        Raises UnknownThing for a place or aspect that was not known, and what `Cuts.cut` raises.
        """
        cutting = self._cuts.cut(query)
        view = self._facts.view(cutting.position)
        check_place(view, question.location)
        check_aspect(view, question.aspect)
        (body,) = self._explained([question], cutting)
        body["changed"] = self._changed_json(question, cutting)
        if cutting.pictured is not None:
            body["projection"] = cutting.pictured.name
        return cutting.answer(body)

    def picture(self, location: str, query: Query) -> Answer[list[Json]]:
        """Return the beliefs on every question of a place that anything bears on, in short."""
        cutting = self._cuts.cut(query, reading=("stances",))
        view = self._facts.view(cutting.position)
        check_place(view, location)
        questions = self.questions_of(view, location, cutting.position)
        return cutting.answer(self.short(questions, cutting))

    def short(self, questions: Sequence[Question], cutting: Cutting) -> list[Json]:
        """Return the beliefs on some questions, in short."""
        return [{name: body[name] for name in SHORT} for body in self._explained(questions, cutting)]

    def _explained(self, questions: Sequence[Question], cutting: Cutting) -> list[Json]:
        def explain(cut: Cut, question: Question) -> Json:
            return belief(cut, cutting.asked(question))

        return self._facts.judged(questions, cutting.position, cutting.at, explain)

    def questions_of(self, view: RegistryView, location: str, position: int) -> list[Question]:
        """Return the questions of a place: spoken of, implied, or inherited from its parts and wholes."""
        around = [location, *view.parts(location), *view.surroundings(location)]
        known = self._facts.views.questions_known(position, around)
        found = {question.name: question for question in questions_answered(view, location, known)}
        for place in around[1:]:
            for question in questions_answered(view, place, known):
                aspect = view.aspect(question.aspect)
                if aspect and aspect.inherits:
                    downward = aspect.inherits.direction == "down"
                    if downward == (place in view.surroundings(location)):
                        here = question.model_copy(update={"location": location})
                        found[here.name] = here
        return [found[name] for name in sorted(found)]

    def history(self, question: Question, query: Query, axis: Axis = "recorded") -> Answer[list[Json]]:
        """Return the changes of a belief from position to position, or along valid time as known at the cut."""
        cutting = self._cuts.cut(query)
        view = self._facts.view(cutting.position)
        check_place(view, question.location)
        check_aspect(view, question.aspect)
        if axis == "valid":
            return cutting.answer(stretches_json(self._changes.along(question, cutting)))
        changes = self._changes.all(question, cutting)
        return cutting.answer(self.transitions_json(question, changes))

    def transitions_json(self, question: Question, changes: Sequence[Transition]) -> list[Json]:
        """Return changes with the events that brought them about."""
        known = causes(self._log, [change.position for change in changes])
        return [
            {
                "question": question_json(question),
                "position": change.position,
                "recorded": known[change.position]["recorded"],
                "before": outcome_json(change.before),
                "after": outcome_json(change.after),
                "rule": change.rule,
                "cause": known[change.position],
            }
            for change in changes
        ]

    def _changed_json(self, question: Question, cutting: Cutting) -> Json | None:
        try:
            changed = self._changes.last(question, cutting)
        except (LongHistory, NotCaughtUp):
            # What is believed, and why, is told all the same.
            return {"position": None, "recorded": None, "cause": None}
        return self._transition_json(changed) if changed else None

    def _transition_json(self, change: Transition) -> Json:
        cause = causes(self._log, [change.position])[change.position]
        return {"position": change.position, "recorded": cause["recorded"], "cause": cause}


def stretches_json(found: Sequence[Stretch]) -> list[Json]:
    """Return what is believed along valid time; a stretch reaches to the next one's beginning."""
    ends = [*(one.start for one in found[1:]), None]
    return [
        {"from": show(one.start), "to": show(end), **outcome_json(one.outcome), "rule": one.rule}
        for one, end in zip(found, ends, strict=True)
    ]


def check_place(view: RegistryView, location: str) -> None:
    """Do nothing if the place was registered by then; raises UnknownThing."""
    if view.location(location) is None:
        raise UnknownThing("location", location)


def check_aspect(view: RegistryView, aspect: str) -> None:
    """Do nothing if the aspect was known by then; raises UnknownThing."""
    if view.aspect(aspect) is None:
        raise UnknownThing("aspect", aspect)
