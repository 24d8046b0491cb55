"""Two policies are compared on the same facts: where they differ, why, and how often in which way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.belief.asked import Asked
from domain.belief.case import Cut
from domain.belief.explain import outcome_json, question_json
from domain.belief.judge import Judgement, settled
from domain.claims import Question
from domain.policies import policy_named
from services.cuts import Answer, Cuts, Cutting, Query
from services.facts import Facts
from services.questions import READING, pages
from services.shown import Json
from services.store.picturing import Across
from services.stories import Stories


@dataclass(frozen=True, slots=True)
class Compared:
    """Which questions are compared: each filter that is not None must fit. At most `most` differences are listed."""

    aspect: str | None = None
    story: str | None = None
    most: int = 100


class Comparison:
    """Compares policies."""

    def __init__(self, facts: Facts, cuts: Cuts, stories: Stories) -> None:
        self._facts = facts
        self._cuts = cuts
        self._stories = stories

    def compare(self, first: str, second: str, compared: Compared, query: Query) -> Answer[Json]:
        """Judge every question under both policies at the query's cut, and return what comes out differently.

        `counts` says how often which agreement or strength became which other one, over all questions; `differences`
        lists the first of them by question. Raises UnknownPolicy, and what `Cuts.cut` raises.
        """
        policies = policy_named(first), policy_named(second)
        story = compared.story
        cutting = self._stories.cut(story, query, READING)[1] if story else self._cuts.cut(query, reading=READING)
        tally: dict[str, Counter[str]] = {"agreement": Counter(), "strength": Counter()}
        listed: list[Json] = []
        asked_of = differing = 0
        for cut, question in self._questions(compared, cutting):
            asked_of += 1
            asked = cutting.asked(question)
            one, other = (settled(cut, replace(asked, policy=policy)) for policy in policies)
            if one.outcome() != other.outcome():
                differing += 1
                _count(tally, one, other)
                if len(listed) < compared.most:
                    listed.append(_difference(asked, (first, one), (second, other)))
        body: Json = {
            "policies": [first, second],
            "questions": asked_of,
            "differing": differing,
            "counts": {name: dict(sorted(counted.items())) for name, counted in tally.items()},
            "differences": listed,
        }
        return Answer(body, cutting.position, cutting.immutable)

    def _questions(self, compared: Compared, cutting: Cutting) -> Iterator[tuple[Cut, Question]]:
        followed = self._stories.questions(compared.story, cutting.position) if compared.story else None
        names = None if followed is None else [question.name for question in followed]
        for questions in pages(self._facts, Across(aspect=compared.aspect, questions=names), cutting.position):
            cut = self._facts.case(questions, cutting.position).at(cutting.position)
            yield from ((cut, question) for question in questions)


def _count(tally: dict[str, Counter[str]], one: Judgement, other: Judgement) -> None:
    before, after = one.outcome(), other.outcome()
    if before.agreement != after.agreement:
        tally["agreement"][f"{before.agreement} / {after.agreement}"] += 1
    if before.strength != after.strength:
        tally["strength"][f"{before.strength or 'none'} / {after.strength or 'none'}"] += 1


def _difference(asked: Asked, *judged: tuple[str, Judgement]) -> Json:
    """Return both outcomes, and why: the rule, and the claims that only one of them counts for what it believes."""
    counted = [_supporting(judgement) for _, judgement in judged]
    return {
        "question": question_json(asked.question),
        "under": {
            name: {
                **outcome_json(judgement.outcome()),
                "rule": judgement.rule,
                "counts_alone": sorted(own - counted[1 - place]),
            }
            for place, ((name, judgement), own) in enumerate(zip(judged, counted, strict=True))
        },
    }


def _supporting(judgement: Judgement) -> set[str]:
    return {voiced.word.claim.id for verdict in judgement.verdicts for voiced in verdict.supporters}
