"""Of what a source said on a question the newest claims are enough to know its last word, however often it spoke."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.belief.case import Floor
from domain.belief.word import ALWAYS, Key
from domain.claims import Question
from domain.standing import Standing
from domain.times import read


@dataclass(frozen=True, slots=True)
class Newest:
    """At most `most` claims of each source, the newest that began before `before` (None: whenever).

    `pairs` are the locations and aspects, each with the values that matter there (None: all).
    """

    pairs: Mapping[tuple[str, str], frozenset[str] | None]
    before: datetime | None
    most: int

    def asked(self) -> dict[str, object]:
        """Return what the statement is given that asks for every source's."""
        return {"sources": [], "subjects": [], **self._asked(sorted(self.pairs))}

    def of(self, floors: Sequence[Floor]) -> dict[str, object]:
        """Return what the statement is given that asks for those alone whom these floors cut off."""
        return {**places_of(floors), **self._asked([(floor.location, floor.aspect) for floor in floors])}

    def _asked(self, pairs: Sequence[tuple[str, str]]) -> dict[str, object]:
        values = [self.pairs[pair] for pair in pairs]
        return {
            "locations": [location for location, _ in pairs],
            "aspects": [aspect for _, aspect in pairs],
            "implying": [None if one is None else json.dumps(sorted(one)) for one in values],
            "before": self.before,
            "most": self.most,
        }


def floors_of(rows: Iterable[tuple[Standing, bool]]) -> list[Floor]:
    """Return where each source was cut off on each question; the rows tell whether there is more than these."""
    oldest: dict[tuple[Question, str], Key] = {}
    for one, there_is_more in rows:
        if there_is_more:
            spoken, key = (one.claim.question, one.claim.source), _key(one)
            oldest[spoken] = min(oldest.get(spoken, key), key)
    return [
        Floor(question.location, question.aspect, question.subject, source, key)
        for (question, source), key in oldest.items()
    ]


def places_of(floors: Sequence[Floor]) -> dict[str, object]:
    """Return what the statement that looks below floors is given."""
    return {
        "locations": [floor.location for floor in floors],
        "aspects": [floor.aspect for floor in floors],
        "sources": [floor.source for floor in floors],
        "subjects": [floor.subject or "" for floor in floors],
        "starts": [floor.key[0] for floor in floors],
    }


def looked_below(floors: Sequence[Floor], rows: Iterable[Sequence[Any]]) -> list[Floor]:
    """Return the floors with what is known of the claims below them."""
    return [replace(floor, spoken=spoken, ended=ended) for floor, (_, spoken, ended) in zip(floors, rows, strict=True)]


def _key(standing: Standing) -> Key:
    """Return the place of a claim in the order of its source's words on a state (`domain.belief.word.Word.key`)."""
    claim = standing.claim
    start = read(claim.valid.edtf, claim.tz).interval.start
    stated = read(claim.spoken.edtf, claim.tz).interval.start
    return (start or ALWAYS, stated or ALWAYS, standing.recorded)
