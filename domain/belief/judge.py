"""A judgement is what a policy makes of one question at one cut and one valid time: R0 to R3; the rest in `rules`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.aspects import Aspect
from domain.belief.asked import Asked
from domain.belief.bounds import breakpoints, shortly_before
from domain.belief.case import Cut, Made, NotEnough
from domain.belief.inherit import Gathered, gather
from domain.belief.plans import plan_flag
from domain.belief.sides import Side, each_value
from domain.belief.verdict import Bench, Verdict
from domain.belief.voices import Voiced, voice
from domain.belief.word import ALWAYS, At, Held, Word, at_instant
from domain.belief.words import check_whole, episodes
from domain.claims import Question
from domain.times import Interval, read
from domain.values import Agreement, Quantity, Strength

EPISODES_SHOWN = 3
"""How many earlier episodes a belief on what happens again and again names."""


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
    gathered: Gathered
    agreement: Agreement
    rule: str
    verdicts: tuple[Verdict, ...] = ()
    made: Made | None = None
    opinions: tuple[Word, ...] = ()
    last: Judgement | None = None
    flags: frozenset[str] = field(default_factory=frozenset[str])

    @property
    def only(self) -> Verdict | None:
        """The verdict on the only value: on one that somebody asserts, if any is."""
        asserted = _asserted(self.verdicts)
        return asserted[0] if len(asserted) == 1 else None

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
    """Judge a question as it was known at the cut; of a stale one, say what was believed last.

    Raises UnknownAspect.
    """
    judgement = settled(cut, asked)
    if judgement.agreement != "stale":
        return judgement
    return replace(judgement, last=_last_held(cut, asked))


def settled(cut: Cut, asked: Asked) -> Judgement:
    """Judge a question without looking for what was believed last: enough for an outcome. Raises UnknownAspect."""
    question, at = asked.question, asked.at
    aspect = cut.view.aspect(question.aspect)
    if aspect is None:
        raise UnknownAspect(question.aspect)
    gathered = gather(cut, question, aspect, at, asked.without)
    if aspect.kind == "opinion":
        return Judgement(question, aspect, gathered, "not-adjudicated", "R0", opinions=_opinions(gathered, at))
    if not gathered.held:
        agreement, rule = nothing_held(is_reported=bool(gathered.reported), stands=bool(gathered.standing))
        return Judgement(question, aspect, gathered, agreement, rule)
    return heard_out(cut, asked, aspect, gathered)


def heard_out(
    cut: Cut, asked: Asked, aspect: Aspect, gathered: Gathered, voices: tuple[Voiced, ...] | None = None
) -> Judgement:
    """Judge the last words that hold; `voices` are theirs, if they are known already."""
    question, at = asked.question, asked.at
    if voices is None:
        voices = tuple(voice(cut, held, aspect, at) for held in gathered.held)
    made = assessment_on(cut, question, aspect, at, gathered.held)
    verdicts = tuple(_verdicts(cut, aspect, voices, made, asked))
    if not verdicts:
        return Judgement(question, aspect, gathered, "unreported", "R1")
    agreement: Agreement = "contested" if any(one.agreement == "contested" for one in verdicts) else "uncontested"
    asserted = _asserted(verdicts)
    deciding = next(one for one in asserted if one.agreement == agreement)
    flags = frozenset({"assessed"} if made else ()).union(*(one.flags for one in asserted))
    return Judgement(question, aspect, gathered, agreement, deciding.rule, verdicts, made, flags=flags)


def _asserted(verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
    """Return the verdicts on values that somebody asserts; all, if nobody asserts any."""
    return [verdict for verdict in verdicts if "denied-only" not in verdict.flags] or verdicts


def nothing_held(*, is_reported: bool, stands: bool) -> tuple[Agreement, str]:
    """Return what is believed, and by which rule, where no word holds."""
    if not is_reported:
        return "unreported", "R1"
    return ("stale", "R3") if stands else ("retracted", "R2")


def _opinions(gathered: Gathered, at: At) -> tuple[Word, ...]:
    listed = [*gathered.listed, *gathered.standing]
    met = [word for word in listed if at.given is None or word.interval.overlaps(at.given)]
    return tuple(sorted(met, key=lambda word: word.claim.id))


def _verdicts(cut: Cut, aspect: Aspect, voices: Sequence[Voiced], made: Made | None, asked: Asked) -> list[Verdict]:
    assessment = made.assessment if made else None
    benches = each_value(voices) if aspect.apart else [voices]
    verdicts = [asked.policy.settle(Bench(aspect, tuple(those), assessment)) for those in benches]
    heard = [verdict for verdict in verdicts if verdict.agreement != "unreported"]
    return [plan_flag(cut, verdict, asked.at, asked.without) for verdict in heard] if aspect.kind == "plan" else heard


def assessment_on(cut: Cut, question: Question, aspect: Aspect, at: At, held: Sequence[Held]) -> Made | None:
    """Return the newest assessment that holds at V; of something that happened, one that speaks of this episode."""
    found: list[tuple[datetime, int, Made]] = []
    for made in cut.assessments(question):
        reading = read(made.assessment.valid.edtf, made.assessment.tz)
        interval = reading.as_state() if aspect.kind == "state" else reading.as_occurrence()
        if at.holds(interval) if aspect.kind == "state" else _met(interval, aspect, at, held):
            found.append((interval.start or ALWAYS, made.position, made))
    return max(found, key=lambda one: one[:2])[2] if found else None


def _met(interval: Interval, aspect: Aspect, at: At, held: Sequence[Held]) -> bool:
    met = at.begun(interval.start) if at.given is None else interval.overlaps(at.given)
    return met and (aspect.kind == "plan" or any(one.word.interval.overlaps(interval) for one in held))


def _last_held(cut: Cut, asked: Asked) -> Judgement | None:
    """Judge the last moment before V's end at which something held.

    A word stops holding at its end, or earlier: its source says something else, or a nearer place gets its own word.
    """
    end = asked.at.interval.end
    for over in reversed([one for one in breakpoints(cut, asked.question) if end is None or one <= end]):
        before = settled(cut, replace(asked, at=at_instant(shortly_before(over))))
        if before.verdicts:
            return before
    return None


def earlier_episodes(judgement: Judgement, at: At) -> list[list[Word]]:
    """Return the last few episodes before the one that is the belief; none for states, plans and opinions.

    Raises NotEnough if one of them may lack claims.
    """
    if judgement.aspect.kind not in ("occurrence", "tally"):
        return []
    found = episodes(judgement.gathered.standing, at)[:-1]
    shown = found[-EPISODES_SHOWN:]
    since = judgement.gathered.since
    if since is not None and at.given is None:
        if len(shown) < EPISODES_SHOWN:
            raise NotEnough
        for episode in shown:
            check_whole(episode, judgement.aspect, at, since)
    return shown
