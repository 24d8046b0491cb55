"""A source is held to its words: what it says on each question, how that changed, and what it did to change it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.belief.case import Case
from domain.belief.explain import question_json, value_json
from domain.belief.stances import Stance, answered_by, questions_of, stances_on
from services.cases import source_case
from services.causes import causes
from services.changes import MOST_JUDGED
from services.cuts import Cutting
from services.errors import LongHistory
from services.facts import Facts
from services.shown import Json
from services.store.event_log import EventLog


class Utterances:
    """Compares what a source said by one position with what it said by another."""

    def __init__(self, log: EventLog, facts: Facts) -> None:
        self._log = log
        self._facts = facts

    def changes(self, source: str, cutting: Cutting, after: int, upto: int) -> Iterator[Json]:
        """Yield each change of what the source says, question by question; `before` and `after` are what it says.

        Raises LongHistory for a question on which it spoke too often to go through it all.
        """
        case = self._case(source, cutting.position)
        moments = _moments(case, source, after, upto)
        for question in questions_of(case.at(upto), source):
            before = stances_on(case.at(after), source, question, cutting.at)
            for position in moments[question.name]:
                now = stances_on(case.at(position), source, question, cutting.at)
                if _is_other(before, now):
                    cause = causes(self._log, [position])[position]
                    yield {
                        "question": question_json(question),
                        "position": position,
                        "recorded": cause["recorded"],
                        "before": _shown(before),
                        "after": _shown(now),
                        "cause": cause,
                    }
                before = now

    def differences(self, source: str, before: Cutting, after: Cutting) -> Iterator[tuple[str, Json]]:
        """Yield what the source says otherwise at the later cut, as appeared, changed or gone, with its own events."""
        case = self._case(source, after.position)
        moments = _moments(case, source, before.position, after.position)
        for question in questions_of(case.at(after.position), source):
            first = stances_on(case.at(before.position), source, question, after.at)
            last = stances_on(case.at(after.position), source, question, after.at)
            if _is_other(first, last):
                positions = moments[question.name]
                known = causes(self._log, positions)
                because = [{"position": at, "recorded": known[at]["recorded"], "cause": known[at]} for at in positions]
                row: Json = {
                    "question": question_json(question),
                    "before": _shown(first),
                    "after": _shown(last),
                    "because": because,
                }
                yield "appeared" if not first else "changed" if last else "gone", row

    def _case(self, source: str, position: int) -> Case:
        return source_case(self._facts.views, self._facts.registry(position), source, position)


def _moments(case: Case, source: str, after: int, upto: int) -> dict[str, list[int]]:
    """Return, by question, the positions in (after, upto] at which the source said or took back something on it.

    Raises LongHistory for a question on which these are too many to go through.
    """
    cut = case.at(upto)
    found: dict[str, set[int]] = {}
    for standing in case.standings.values():
        moments = {standing.recorded, *([standing.ending.position] if standing.ending else [])}
        for question in answered_by(cut, standing.claim):
            found.setdefault(question.name, set()).update(at for at in moments if after < at <= upto)
    for name, positions in found.items():
        if len(positions) > MOST_JUDGED:
            raise LongHistory(name, MOST_JUDGED)
    return {name: sorted(positions) for name, positions in found.items()}


def _is_other(before: Sequence[Stance], after: Sequence[Stance]) -> bool:
    return {(one.polarity, str(value_json(one.value))) for one in before} != {
        (one.polarity, str(value_json(one.value))) for one in after
    }


def _shown(found: Sequence[Stance]) -> list[Json]:
    return [{"polarity": one.polarity, "value": value_json(one.value), "claim": one.claim} for one in found]
