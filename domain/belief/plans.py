"""A plan is pending until its time is over; then it was fulfilled, or overtaken, or it lapsed."""

from __future__ import annotations

from dataclasses import replace

from domain.belief.case import Cut
from domain.belief.verdict import Verdict
from domain.belief.voices import Voiced
from domain.belief.word import At
from domain.belief.words import times_of

ORDER = ("fulfilled", "pending", "overtaken", "lapsed")
"""Among several supporters the first of these is said of the plan."""


def plan_flag(cut: Cut, verdict: Verdict, at: At, without: frozenset[str]) -> Verdict:
    """Return the verdict with what became of the plan by V's end."""
    leading = verdict.side or verdict.lean
    if leading is None or leading.denies:
        return verdict
    states = {_state(cut, voiced, at, without) for voiced in leading.voices}
    return replace(verdict, flags=verdict.flags | {next(state for state in ORDER if state in states)})


def _state(cut: Cut, voiced: Voiced, at: At, without: frozenset[str]) -> str:
    said = {
        relation.type
        for other, relation in cut.naming(voiced.word.standing)
        if _counts(cut, other.claim.id, at, without)
    }
    if "confirms" in said:
        return "fulfilled"
    if said & {"contradicts", "denies"}:
        return "overtaken"
    due = voiced.word.interval.end
    last = at.last
    return "pending" if due is None or (last is not None and last < due) else "lapsed"


def _counts(cut: Cut, claim: str, at: At, without: frozenset[str]) -> bool:
    standing = cut.case.standings[claim]
    aspect = cut.view.aspect(standing.claim.question.aspect)
    if aspect is None or not cut.stands(standing) or standing.claim.speakers & without:
        return False
    interval, _ = times_of(standing.claim, aspect)
    return standing.claim.modality in ("asserted", "presupposed") and at.begun(interval.start)
