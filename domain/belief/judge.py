"""A judgement is what a policy makes of one question at one cut and one valid time: R0 to R3; the rest in `rules`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.aspects import Aspect
from domain.belief.asked import Asked
from domain.belief.case import Cut, Made
from domain.belief.inherit import Gathered, gather
from domain.belief.plans import plan_flag
from domain.belief.sides import Side, show_value
from domain.belief.verdict import Bench, Verdict
from domain.belief.voices import Voiced, voice
from domain.belief.words import ALWAYS, At, Word, at_instant, episodes
from domain.claims import Question
from domain.times import read
from domain.values import Agreement, Quantity, Strength


class UnknownAspect(LookupError):
    """No aspect of this name was known at the cut."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no aspect is called {name!r}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change is a change of: agreement, value, strength, lean, or a side's strength."""

    agreement: Agreement
    strength: Strength | None
    value: str | Quantity | None
    lean: str | None
    sides: tuple[tuple[str, Strength], ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict for every value that is judged on its own (one, where values exclude each other), and how it came."""

    question: Question
    aspect: Aspect
    agreement: Agreement
    rule: str
    verdicts: tuple[Verdict, ...] = ()
    gathered: Gathered = Gathered((), (), (), ())
    made: Made | None = None
    opinions: tuple[Word, ...] = ()
    last: Judgement | None = None
    flags: frozenset[str] = field(default_factory=frozenset[str])

    @property
    def only(self) -> Verdict | None:
        """The one verdict, if there is only one."""
        return self.verdicts[0] if len(self.verdicts) == 1 else None

    def outcome(self) -> Outcome:
        """Return what of the judgement would count as a change."""
        only = self.only
        sides: list[tuple[str, Strength]] = []
        for verdict in self.verdicts:
            sides += _named(verdict.sides)
        if only is None:
            sides += _named([verdict.side for verdict in self.verdicts if verdict.side])
            return Outcome(self.agreement, None, None, None, tuple(sorted(sides)))
        lean = only.lean.name if only.lean else None
        return Outcome(self.agreement, only.strength, only.value, lean, tuple(sorted(sides)))


def _named(sides: Sequence[Side]) -> list[tuple[str, Strength]]:
    return [(side.name, side.strength) for side in sides]


def judge(cut: Cut, asked: Asked) -> Judgement:
    """Judge a question as it was known at the cut.

    Raises UnknownAspect.
    """
    judgement = _judge(cut, asked)
    if judgement.agreement != "stale":
        return judgement
    last = _last_held(cut, judgement, asked)
    return replace(judgement, last=last)


def _judge(cut: Cut, asked: Asked) -> Judgement:
    question, at = asked.question, asked.at
    aspect = cut.view.aspect(question.aspect)
    if aspect is None:
        raise UnknownAspect(question.aspect)
    gathered = gather(cut, question, aspect, at, asked.without)
    if aspect.kind == "opinion":
        return Judgement(question, aspect, "not-adjudicated", "R0", opinions=_opinions(gathered, at))
    if not gathered.held:
        agreement, rule = _nothing_held(gathered)
        return Judgement(question, aspect, agreement, rule, gathered=gathered)
    voices = tuple(voice(cut, held, aspect, at) for held in gathered.held)
    made = _assessment(cut, question, aspect, at)
    verdicts = tuple(_verdicts(cut, aspect, voices, made, asked))
    if not verdicts:
        return Judgement(question, aspect, "unreported", "R1", gathered=gathered)
    agreement: Agreement = "contested" if any(one.agreement == "contested" for one in verdicts) else "uncontested"
    deciding = next((one for one in verdicts if one.agreement == agreement), verdicts[0])
    flags = frozenset({"assessed"} if made else ()).union(*(one.flags for one in verdicts))
    return Judgement(question, aspect, agreement, deciding.rule, verdicts, gathered, made, flags=flags)


def _nothing_held(gathered: Gathered) -> tuple[Agreement, str]:
    if not gathered.reported:
        return "unreported", "R1"
    return ("stale", "R3") if gathered.standing else ("retracted", "R2")


def _opinions(gathered: Gathered, at: At) -> tuple[Word, ...]:
    listed = [*gathered.listed, *gathered.standing]
    met = [word for word in listed if at.given is None or word.interval.overlaps(at.given)]
    return tuple(sorted(met, key=lambda word: word.claim.id))


def _verdicts(cut: Cut, aspect: Aspect, voices: Sequence[Voiced], made: Made | None, asked: Asked) -> list[Verdict]:
    assessment = made.assessment if made else None
    if aspect.exclusive:
        verdict = asked.policy.settle(Bench(aspect, tuple(voices), assessment))
        return [verdict] if verdict.agreement != "unreported" else []
    by_value: dict[str, list[Voiced]] = {}
    for voiced in voices:
        by_value.setdefault(show_value(voiced.word.quantity or voiced.word.value), []).append(voiced)
    verdicts = [asked.policy.settle(Bench(aspect, tuple(those), assessment)) for _, those in sorted(by_value.items())]
    heard = [verdict for verdict in verdicts if verdict.agreement != "unreported"]
    return [plan_flag(cut, verdict, asked.at, asked.without) for verdict in heard] if aspect.kind == "plan" else heard


def _assessment(cut: Cut, question: Question, aspect: Aspect, at: At) -> Made | None:
    held: list[tuple[datetime, int, Made]] = []
    for made in cut.assessments(question):
        reading = read(made.assessment.valid.edtf, made.assessment.tz)
        interval = reading.as_state() if aspect.kind == "state" else reading.as_occurrence()
        met = at.begun(interval.start) if at.given is None else interval.overlaps(at.given)
        if at.holds(interval) if aspect.kind == "state" else met:
            held.append((interval.start or ALWAYS, made.position, made))
    return max(held, key=lambda one: one[:2])[2] if held else None


def _last_held(cut: Cut, stale: Judgement, asked: Asked) -> Judgement | None:
    """Judge the last moment before V's end at which something held."""
    end = asked.at.interval.end
    ends = {word.interval.end for word in stale.gathered.standing}
    for over in sorted((one for one in ends if one is not None and (end is None or one <= end)), reverse=True):
        before = _judge(cut, replace(asked, at=at_instant(over - timedelta(microseconds=1))))
        if before.verdicts:
            return before
    return None


def earlier_episodes(judgement: Judgement, at: At) -> list[list[Word]]:
    """Return the episodes before the one that is the belief; none for states, plans and opinions."""
    if judgement.aspect.kind not in ("occurrence", "tally"):
        return []
    return episodes(judgement.gathered.standing, at)[:-1]
