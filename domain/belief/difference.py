"""Two judgements of one question are told apart by their rules, and by who was heard in each and what for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.belief.explain import Json, ids
from domain.belief.judge import Judgement
from domain.belief.sides import Side
from domain.belief.verdict import Verdict
from domain.belief.voices import Voiced


def heard_json(judgement: Judgement, other: Judgement | None) -> Json:
    """Return what decided a judgement beside another one of the same question (None: that one had nothing to judge).

    `heard` are the groups that were heard, with their interest, what each says and its claims; `counts_alone` are the
    claims that support what is believed here, and do not there.
    """
    return {
        "rule": judgement.rule,
        "heard": [group for verdict in judgement.verdicts for side in _sides(verdict) for group in _groups(side)],
        "counts_alone": sorted(_supporting(judgement) - (_supporting(other) if other else set())),
    }


def _sides(verdict: Verdict) -> Iterator[Side]:
    if verdict.side is not None:
        yield verdict.side
    yield from (*verdict.sides, *verdict.objections, *verdict.rumours)


def _groups(side: Side) -> Iterable[Json]:
    groups: dict[frozenset[str], list[Voiced]] = {}
    for voiced in side.voices:
        groups.setdefault(voiced.group, []).append(voiced)
    shown: list[Json] = [
        {
            "says": side.name,
            "sources": sorted({voiced.word.claim.source for voiced in voices}),
            "interest": sorted({voiced.interest for voiced in voices}),
            "claims": ids([voiced.word for voiced in voices]),
        }
        for voices in groups.values()
    ]
    return sorted(shown, key=lambda group: str(group["claims"]))


def _supporting(judgement: Judgement) -> set[str]:
    return {voiced.word.claim.id for verdict in judgement.verdicts for voiced in verdict.supporters}
