"""A present in memory that a test fills from a ledger on paper, as a service fills one from its views."""

from __future__ import annotations

from domain.belief.case import Made
from domain.belief.present import Present
from domain.claims import Question
from domain.standing import Standing
from support.ledger import PaperLedger


def known_at(standing: Standing, position: int) -> Standing | None:
    """The claim as it was known at a position."""
    if standing.recorded > position:
        return None
    relations = tuple(one for one in standing.relations if one.position <= position)
    return standing.model_copy(update={"relations": relations, "ending": standing.ended_by(position)})


def load_whole(present: Present, ledger: PaperLedger, question: Question) -> None:
    """Load what the question still lacks, as a service would from its views, at the position that was reached."""
    lacking = present.lacks(question)
    standings = [one for raw in ledger.standings.values() if (one := known_at(raw, present.position)) is not None]
    there = [one for one in standings if (one.claim.question.location, one.claim.question.aspect) in lacking]
    made = [Made(*one) for one in ledger.made if one[0] <= present.position]
    near = [one for one in made if (one.assessment.question.location, one.assessment.question.aspect) in lacking]
    present.load(lacking, there, near)
    look_for_named(present, ledger)


def look_for_named(present: Present, ledger: PaperLedger) -> None:
    """Load the claims that what is known leads to."""
    while wanted := present.wants():
        known = [known_at(ledger.standings[name], present.position) for name in wanted if name in ledger.standings]
        present.load((), [one for one in known if one is not None], ())
