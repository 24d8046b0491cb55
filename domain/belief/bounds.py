"""A belief changes along valid time only at instants that the words, verdicts and ties that bear on it name."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.belief.case import Cut, own_reach
from domain.belief.word import ALWAYS
from domain.belief.words import own_words
from domain.claims import Question
from domain.times import read


def breakpoints(cut: Cut, question: Question) -> list[datetime]:
    """Return every instant at which a belief on the question could change, in order.

    These are the bounds of the words that count for it, of assessments, of ties between sources that have dates, and
    for a plan the moments at which it was stated and at which claims that answer it begin.
    """
    found: set[datetime | None] = set()
    for location, name in own_reach(cut.view, question.location, question.aspect):
        aspect = cut.view.aspect(name)
        if aspect is not None:
            subject = question.subject if name == question.aspect else None
            asked = Question(location=location, aspect=name, subject=subject)
            for word in own_words(cut, asked, aspect):
                found |= {word.interval.start, word.interval.end}
                if aspect.kind == "plan":
                    found.add(word.stated)
                    found |= {
                        read(other.claim.valid.edtf, other.claim.tz).interval.start
                        for other, _ in cut.naming(word.standing)
                    }
    for made in cut.assessments(question):
        interval = read(made.assessment.valid.edtf, made.assessment.tz).interval
        found |= {interval.start, interval.end}
    found |= set(cut.case.registry.edge_dates)
    return sorted(moment for moment in found if moment is not None)


def shortly_before(moment: datetime) -> datetime:
    """Return the microsecond before; of the first instant that there is, that instant itself."""
    return moment if moment == ALWAYS else moment - timedelta(microseconds=1)
