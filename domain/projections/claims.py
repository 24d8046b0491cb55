"""Each claim is kept with all that became of it, found by its question, source, story, tag or what it relates to."""

from __future__ import annotations

from collections.abc import Mapping

from domain.events import Recorded
from domain.projection import Column, Projection
from domain.standing import Standing, claims_of
from domain.standing import evolve as evolve_standing
from domain.times import read

_LAST = 2**63 - 1
"""A position after all others."""


def evolve(standing: Standing | None, key: str, recorded: Recorded) -> Standing | None:
    """Keep the claim, how it ended and what was seen of it later."""
    return evolve_standing(standing, key, recorded)


def columns(standing: Standing) -> Mapping[str, Column]:
    """Return what a claim is searched by.

    `recorded` and `ended` are positions, `ended` null while the claim stands; `replacement` is the claim that was
    written in place of a corrected one, `statement` the hash of its text. `valid_from`, `valid_to` (exclusive) and
    `stated` are the bounds as written, whatever the aspect makes of them; null where a bound is open.
    `relates_to` names the claims that it is related to, those seen later included. `modality` and
    `value` tell whether it can be a last word on a state, and what it can imply.
    """
    claim, ending = standing.claim, standing.ending
    question = claim.question
    valid = read(claim.valid.edtf, claim.tz).interval
    related = [relation.claim for relation in standing.related(_LAST)]
    return {
        "location": question.location,
        "aspect": question.aspect,
        "subject": question.subject,
        "source": claim.source,
        "speakers": tuple(sorted(claim.speakers)),
        "stories": claim.story,
        "tags": claim.tags,
        "relates_to": tuple(dict.fromkeys(related)),
        "recorded": standing.recorded,
        "ended": ending.position if ending else None,
        "replacement": ending.replacement if ending else None,
        "value": claim.value,
        "modality": claim.modality,
        "statement": claim.statement.sha256 if claim.statement else None,
        "valid_from": valid.start,
        "valid_to": valid.end,
        "stated": read(claim.spoken.edtf, claim.tz).interval.start,
    }


projection = Projection("claims", 2, Standing, claims_of, evolve, columns)
