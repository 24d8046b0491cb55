"""Two pictures of the same ledger are held side by side: where they differ, why, and how often in which way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.belief.case import Cut
from domain.belief.difference import heard_json
from domain.belief.explain import outcome_json, question_json
from domain.belief.history import UNREPORTED
from domain.belief.judge import Judgement, Outcome, UnknownAspect, settled
from domain.belief.picture import Rectangle
from domain.claims import Question
from domain.policies import policies
from services.changes import ChangeFinder
from services.cuts import Answer, Cuts, Cutting, Query
from services.facts import Facts
from services.questions import READING, pages
from services.shown import Json
from services.store.comparing import Count, PictureComparer, Seen, Within
from services.store.picturing import Across
from services.stories import Stories

LOOKED_AT = 2_000
"""Most questions that are judged for one page, where no picture stands for what is compared."""


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared: a policy, judging what the query says, or a projection by its name."""

    policy: str | None = None
    projection: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Which questions are compared, and how many differences are listed: `after` is the last name of the page before.

    Each filter that is not None must fit.
    """

    aspect: str | None = None
    story: str | None = None
    after: str = ""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class ComparedPage:
    """A page of differences. `next` is where to go on, None if there are no more."""

    body: Json
    next: str | None


@dataclass(frozen=True, slots=True)
class _Difference:
    question: Question
    outcomes: tuple[Outcome, Outcome]
    rules: tuple[str, str]
    judgements: tuple[Judgement | None, Judgement | None]


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a page found; `counts` of all questions if `whole`, else of those that lie between this page's ends."""

    found: Sequence[_Difference]
    counts: Sequence[Count]
    next: str | None
    whole: bool
    judged: int | None = None


def side_named(name: str) -> Side:
    """Return the policy of this name, or else the projection."""
    return Side(policy=name) if name in policies() or "/" in name else Side(projection=name)


class Comparison:
    """Compares policies and projections, any with any."""

    def __init__(
        self, facts: Facts, cuts: Cuts, stories: Stories, changes: ChangeFinder, comparer: PictureComparer
    ) -> None:
        self._facts = facts
        self._cuts = cuts
        self._stories = stories
        self._changes = changes
        self._comparer = comparer

    def compare(self, first: Side, second: Side, compared: Compared, query: Query) -> Answer[ComparedPage]:
        """Return the next questions on which they differ, by name, and how often what meets what.

        Where a picture stands for both, that is read off them, and the first page counts all questions; else questions
        are judged one by one, at most so many a page, and each page counts those that it looked at. Both are taken at
        one position: the last that either has, if the query names none; but a what-if that was made up to a position is
        taken there. Raises UnknownPolicy, BadQuery, and what `Cuts.cut` raises.
        """
        cuttings = self._cut(first, second, compared.story, query)
        return self._answer(cuttings, compared)

    def pages(self, first: Side, second: Side, compared: Compared, query: Query) -> Iterator[Answer[ComparedPage]]:
        """Yield page after page of one comparison, all at the same cut; raises what `compare` raises."""
        cuttings = self._cut(first, second, compared.story, query)
        while True:
            answer = self._answer(cuttings, compared)
            yield answer
            if answer.body.next is None:
                return
            compared = replace(compared, after=answer.body.next)

    def _cut(self, first: Side, second: Side, story: str | None, query: Query) -> tuple[Cutting, Cutting]:
        one, other = (self._cut_side(side, story, query) for side in (first, second))
        free = [one.position for one in (one, other) if _is_free(one)]
        if query.as_of is None and free:
            one, other = (replace(cut, position=min(free)) if _is_free(cut) else cut for cut in (one, other))
        return one, replace(other, at=one.at)

    def _cut_side(self, side: Side, story: str | None, query: Query) -> Cutting:
        if side.projection is not None:
            asked = replace(query, policy=None, projection=side.projection)
        else:
            asked = replace(query, policy=side.policy, projection=None)
        return self._stories.cut(story, asked, READING)[1] if story else self._cuts.cut(asked, reading=READING)

    def _answer(self, cuttings: tuple[Cutting, Cutting], compared: Compared) -> Answer[ComparedPage]:
        one, other = cuttings
        position = max(one.position, other.position)
        followed = self._stories.questions(compared.story, position) if compared.story else None
        names = None if followed is None else [question.name for question in followed]
        seen = self._seen(one), self._seen(other)
        if seen[0] is not None and seen[1] is not None and one.at.last is not None:
            within = Within(one.at.last, compared.aspect, names, compared.after)
            looked = self._read(cuttings, (seen[0], seen[1]), within, compared.limit)
        else:
            looked = self._judged(cuttings, names, compared)
        body: Json = {
            "first": _side_json(one),
            "second": _side_json(other),
            "whole": looked.whole,
            "judged": looked.judged,
            "questions": sum(count.questions for count in looked.counts),
            "differing": sum(count.questions for count in looked.counts if count.differs),
            "counts": _tables(looked.counts),
            "differences": [_difference_json(difference) for difference in looked.found],
        }
        page = ComparedPage(body, looked.next)
        return Answer(page, position, one.immutable and other.immutable)

    def _seen(self, cutting: Cutting) -> Seen | None:
        """Return the picture that stands for one side; None where there is none, or not for this valid time."""
        given = cutting.at.given
        if self._changes.moment(cutting) is None or (given is not None and not given.is_instant):
            return None
        if not self._changes.has_reached(cutting):
            return None
        aspects = self._facts.view(cutting.position).aspects()
        episodic = [name for name, aspect in aspects.items() if aspect.kind in ("occurrence", "tally")]
        return Seen(cutting.place, cutting.position, episodic if given is None else ())

    def _read(
        self,
        cuttings: tuple[Cutting, Cutting],
        seen: tuple[Seen, Seen],
        within: Within,
        limit: int,
    ) -> _Looked:
        """Read off two pictures where they differ; why they do is judged, question by question of the page."""
        pairs = self._comparer.differing(*seen, within, limit + 1)
        listed = pairs[:limit]
        following = listed[-1][0].name if listed and len(pairs) > len(listed) else None
        whole = within.after == ""
        counts = self._comparer.counted(*seen, within if whole else replace(within, upto=following))
        questions = [question for question, _, _ in listed]
        why = zip(*(self._judge(cutting, questions) for cutting in cuttings), strict=True)
        found = [
            _Difference(question, (_outcome(here), _outcome(there)), (_rule(here), _rule(there)), judged)
            for (question, here, there), judged in zip(listed, why, strict=True)
        ]
        return _Looked(found, counts, following, whole)

    def _judged(self, cuttings: tuple[Cutting, Cutting], names: Sequence[str] | None, compared: Compared) -> _Looked:
        """Judge question by question; as many as a page allows."""
        counted: Counter[tuple[tuple[str, str], tuple[str | None, str | None], bool]] = Counter()
        found: list[_Difference] = []
        judged, last, position = 0, None, max(cutting.position for cutting in cuttings)
        across = Across(aspect=compared.aspect, questions=names, after=compared.after)
        for questions in pages(self._facts, across, position):
            if judged >= LOOKED_AT:
                return _Looked(found, _counts(counted), last, whole=False, judged=judged)
            for question, *both in zip(questions, *(self._judge(one, questions) for one in cuttings), strict=True):
                one, other = both
                outcomes = _outcome(one), _outcome(other)
                differs = outcomes[0] != outcomes[1]
                if differs and len(found) == compared.limit > 0:
                    return _Looked(found, _counts(counted), last, whole=False, judged=judged)
                judged, last = judged + 1, question.name
                if outcomes != (UNREPORTED, UNREPORTED):
                    agreements, strengths = zip(*((done.agreement, done.strength) for done in outcomes), strict=True)
                    counted[agreements, strengths, differs] += 1
                if differs and compared.limit > 0:
                    found.append(_Difference(question, outcomes, (_rule(one), _rule(other)), (one, other)))
        return _Looked(found, _counts(counted), None, whole=compared.after == "", judged=judged)

    def _judge(self, cutting: Cutting, questions: Sequence[Question]) -> list[Judgement | None]:
        def judged(cut: Cut, question: Question) -> Judgement | None:
            try:
                return settled(cut, cutting.asked(question))
            except UnknownAspect:
                return None  # the aspect became known later than the position of this side

        return self._facts.judged(questions, cutting.position, cutting.at, judged)


def _is_free(cutting: Cutting) -> bool:
    """Tell whether nothing but the time at which it was built says at which position a side is taken."""
    return cutting.pictured is None or cutting.pictured.terms.upto is None


def _outcome(found: Judgement | Rectangle | None) -> Outcome:
    if found is None:
        return UNREPORTED
    return found.outcome if isinstance(found, Rectangle) else found.outcome()


def _rule(found: Judgement | Rectangle | None) -> str:
    return found.rule if found else "R1"


def _counts(counted: Counter[tuple[tuple[str, str], tuple[str | None, str | None], bool]]) -> list[Count]:
    return [Count(agreements, strengths, differs, many) for (agreements, strengths, differs), many in counted.items()]


def _tables(counts: Sequence[Count]) -> Json:
    """Return for agreement and for strength: how often what the first has meets what the second has."""
    agreement, strength = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for count in counts:
        agreement[count.agreements] += count.questions
        strength[count.strengths[0] or "none", count.strengths[1] or "none"] += count.questions
    return {"agreement": _table(agreement), "strength": _table(strength)}


def _table(counter: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (one, other), many in sorted(counter.items()):
        found.setdefault(one, {})[other] = many
    return found


def _side_json(cutting: Cutting) -> Json:
    return {
        "projection": cutting.pictured.name if cutting.pictured else None,
        "policy": cutting.policy.name,
        "without": sorted(cutting.without),
        "position": cutting.position,
    }


def _difference_json(difference: _Difference) -> Json:
    one, other = difference.judgements
    told: Json = {"question": question_json(difference.question)}
    for place, (own, others) in enumerate(((one, other), (other, one))):
        why: Json = heard_json(own, others) if own else {"heard": [], "counts_alone": []}
        outcome = outcome_json(difference.outcomes[place])
        told[("first", "second")[place]] = {**outcome, **why, "rule": difference.rules[place]}
    return told
