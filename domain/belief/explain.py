"""A belief is never a bare score: it names its rule and claims, who is independent of whom, what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.aspects import Aspect
from domain.belief.asked import NOBODY, Asked
from domain.belief.canonical import digest
from domain.belief.case import Cut, NotEnough
from domain.belief.inherit import Gathered, words_above
from domain.belief.judge import Judgement, Outcome, earlier_episodes, heard_out, judge, settled
from domain.belief.sides import Side
from domain.belief.tension import tensions
from domain.belief.verdict import Verdict
from domain.belief.voices import Voiced, ties_of, voice
from domain.belief.word import At, Word
from domain.claims import Question
from domain.times import show
from domain.values import Interest, Quantity

Json = dict[str, object]
EARLIER_SHOWN = 3
"""How many of a source's earlier words a belief names; the source's stances name them all."""
MOST_REMARKS = 100
"""How many of the remarks on a place (claims tagged `meta`) are seen beside its beliefs: those recorded first."""
_PARTISAN: tuple[Interest, ...] = ("self", "unknown", "neutral", "adverse")
"""Where the words of one group differ in interest, the first of these is the group's."""


def belief(cut: Cut, asked: Asked) -> Json:
    """Return the belief with its explanation, as JSON of the field names of semantics section 5.

    `digest` is the SHA-256 of the rest in canonical form. It speaks of what is believed and why, not of positions: two
    ledgers that hold the same claims, recorded in another order, agree on it. Raises UnknownAspect and NotEnough.
    """
    judgement = judge(cut, asked)
    body: Json = {
        "question": question_json(asked.question),
        "valid_at": _interval_json(asked.at),
        "policy": asked.policy.name,
        "without": sorted(asked.without),
        **_finding(cut, judgement, asked.at),
    }
    others = tensions(cut, asked.question, asked.at, asked.without) if judgement.verdicts else []
    body["tension"] = [question_json(other) for other in others]
    body["flags"] = sorted(judgement.flags | ({"tension"} if others else NOBODY))
    body["opinions"] = [word.claim.id for word in judgement.opinions]
    body["listed"] = ids([] if judgement.opinions else judgement.gathered.listed)
    body["history"] = [_episode_json(words) for words in earlier_episodes(judgement, asked.at)]
    body["last"] = outcome_json(judgement.last.outcome()) if judgement.last else None
    body["assessment"] = _assessment_json(judgement)
    body["sole_relay"] = _sole_relay(judgement)
    body["see_also"] = _see_also(cut, judgement)
    body["load_bearing"] = _load_bearing(cut, asked, judgement)
    return {**body, "digest": digest(body)}


def question_json(question: Question) -> Json:
    """Return the question without a subject that it does not have."""
    return question.model_dump(exclude_none=True)


def value_json(value: str | Quantity | None) -> object:
    """Return a value as it stands in a belief: text, or a quantity without the words."""
    if isinstance(value, Quantity):
        return {"min": value.min, "max": value.max, "unit": value.unit}
    return value


def outcome_json(outcome: Outcome) -> Json:
    """Return agreement, strength and value; with lean and the sides' strengths where sides contend."""
    body: Json = {
        "agreement": outcome.agreement,
        "strength": outcome.strength,
        "value": value_json(outcome.value),
    }
    if outcome.agreement == "contested":
        body["lean"] = outcome.lean
    if outcome.sides:
        body["sides"] = {name: {"strength": strength} for name, strength in outcome.sides}
    return body


def ids(words: Sequence[Word]) -> list[str]:
    """Return the words' claims, each once, in the order of their ids."""
    return sorted({word.claim.id for word in words})


def _words(voices: Sequence[Voiced]) -> list[Word]:
    return [voiced.word for voiced in voices]


def _finding(cut: Cut, judgement: Judgement, at: At) -> Json:
    outcome = judgement.outcome()
    only = judgement.only
    voices = [voiced for verdict in judgement.verdicts for voiced in verdict.supporters]
    against = [voiced for verdict in judgement.verdicts for voiced in verdict.objectors]
    body: Json = {
        "agreement": outcome.agreement,
        "strength": outcome.strength,
        "value": value_json(outcome.value),
        "lean": outcome.lean,
        "rule": judgement.rule,
        "facets": only.side.facets if only and only.side else {},
        "supporters": ids(_words(voices)),
        "objectors": ids(_words(against)),
        "soft": _soft(voices),
        "earlier": _earlier([*voices, *against]),
        "groups": _groups(cut, judgement.aspect, voices, at),
        "refuted": sorted({name for verdict in judgement.verdicts for name in verdict.refuted}),
        "rumours": [
            _side_json(cut, judgement.aspect, side, at) for verdict in judgement.verdicts for side in verdict.rumours
        ],
    }
    sides = [side for verdict in judgement.verdicts for side in verdict.sides]
    body["sides"] = {side.name: _side_json(cut, judgement.aspect, side, at) for side in sides}
    body["values"] = [_verdict_json(cut, judgement.aspect, verdict, at) for verdict in judgement.verdicts]
    return body


def _earlier(voices: Sequence[Voiced]) -> list[str]:
    """Return the newest of the sources' earlier words: a belief must not grow with the years that it was spoken of."""
    shown = [(voiced, voiced.held.earlier[:EARLIER_SHOWN]) for voiced in voices]
    lacking = [one for one, words in shown if one.held.cut_off and len(words) < EARLIER_SHOWN]
    if lacking:
        raise NotEnough(one.word.claim.source for one in lacking)
    return sorted({word.claim.id for _, words in shown for word in words} - {one.word.claim.id for one in voices})


def _verdict_json(cut: Cut, aspect: Aspect, verdict: Verdict, at: At) -> Json:
    """Return one value's own agreement, strength, objections and rule; contested, each side's."""
    return {
        "value": value_json(verdict.value),
        "agreement": verdict.agreement,
        "strength": verdict.strength,
        "lean": verdict.lean.name if verdict.lean else None,
        "rule": verdict.rule,
        "facets": verdict.side.facets if verdict.side else {},
        "supporters": ids(_words(verdict.supporters)),
        "objectors": ids(_words(verdict.objectors)),
        "objections": [_side_json(cut, aspect, side, at) for side in verdict.objections],
        "sides": [_side_json(cut, aspect, side, at) for side in verdict.sides],
        "flags": sorted(verdict.flags),
    }


def _side_json(cut: Cut, aspect: Aspect, side: Side, at: At) -> Json:
    return {
        "name": side.name,
        "value": value_json(side.value),
        "strength": side.strength,
        "supporters": list(side.claims),
        "facets": side.facets,
        "soft": _soft(side.voices),
        "groups": _groups(cut, aspect, side.voices, at),
    }


def _soft(voices: Sequence[Voiced]) -> list[str]:
    return ids([voiced.word for voiced in voices if voiced.word.implied == "soft"])


def _groups(cut: Cut, aspect: Aspect, voices: Sequence[Voiced], at: At) -> list[Json]:
    groups: dict[frozenset[str], list[Voiced]] = {}
    for voiced in voices:
        groups.setdefault(voiced.group, []).append(voiced)
    shown = [_group_json(cut, aspect, group, tuple(those), at) for group, those in groups.items()]
    return sorted(shown, key=lambda group: str(group["claims"]))


def _group_json(cut: Cut, aspect: Aspect, group: frozenset[str], voices: tuple[Voiced, ...], at: At) -> Json:
    tied = ties_of(cut.view, voices, aspect, at.last)
    return {
        "claims": ids(_words(voices)),
        "interest": min((voiced.interest for voiced in voices), key=_PARTISAN.index),
        "sources": sorted({voiced.word.claim.source for voiced in voices}),
        "members": sorted(group),
        "edges": list(tied.edges),
        "evidence": list(tied.evidence),
    }


def _interval_json(at: At) -> Json | None:
    return {"from": show(at.given.start), "to": show(at.given.end)} if at.given else None


def _episode_json(words: Sequence[Word]) -> Json:
    starts = [word.interval.start for word in words]
    ends = [word.interval.end for word in words]
    known_ends = [end for end in ends if end is not None]
    return {
        "from": None if None in starts else show(min(start for start in starts if start is not None)),
        "to": show(max(known_ends)) if len(known_ends) == len(ends) else None,
        "claims": ids(words),
    }


def _assessment_json(judgement: Judgement) -> Json | None:
    if judgement.made is None:
        return None
    shown = judgement.made.assessment.model_dump(
        include={"id", "facets", "physical_evidence", "rationale"}, mode="json"
    )
    assessment = judgement.made.assessment
    return {**shown, "value": value_json(assessment.quantity or assessment.value)}


def _sole_relay(judgement: Judgement) -> str | None:
    """Return the publisher or carrier, nearest to the speakers, that everything believed came through."""
    claims = {voiced.word.claim.id: voiced.word.claim for one in judgement.verdicts for voiced in one.supporters}
    chains = [claim.chain for _, claim in sorted(claims.items())]
    if not chains:
        return None
    relays = [[link.source for link in chain if link.role in ("carrier", "publisher")] for chain in chains]
    shared = [source for source in relays[0] if all(source in others for others in relays)]
    return shared[0] if shared else None


def _see_also(cut: Cut, judgement: Judgement) -> list[str]:
    """Return what an editor will want to see beside it: related claims on other questions, and remarks on the place."""
    counted = {voiced.word.claim.id for one in judgement.verdicts for voiced in (*one.supporters, *one.objectors)}
    found: set[str] = set()
    for claim in counted:
        standing = cut.case.standings[claim]
        found.update(other.claim.id for other, _ in cut.naming(standing) if cut.stands(other))
        named = [cut.find(relation.claim) for relation in standing.related(cut.position)]
        found.update(other.claim.id for other in named if other is not None and cut.stands(other))
    here = cut.case.remarks.get(judgement.question.location, ())
    remarks = [standing for standing in here if standing.recorded <= cut.position][:MOST_REMARKS]
    found.update(standing.claim.id for standing in remarks if cut.stands(standing))
    return sorted(found - counted) if counted else []


def _load_bearing(cut: Cut, asked: Asked, judgement: Judgement) -> Json:
    """Return each source whose absence would change the outcome, and to what."""
    before = judgement.outcome()
    words = [*judgement.gathered.reported, *words_above(cut, asked.question, judgement.aspect)]
    spoken_for = {name for word in words for name in word.claim.speakers if name != word.claim.source}
    voices = _each_alone(cut, asked, judgement)
    found: Json = {}
    for source in sorted({word.claim.source for word in words}):
        if source not in spoken_for and _stays_over(judgement, source):
            continue
        left = replace(asked, without=asked.without | {source})
        others = () if source in spoken_for else tuple(one for one in voices if one.word.claim.source != source)
        if others:
            gathered = Gathered(cut, judgement.aspect, asked.at, (), [one.held for one in others])
            after = heard_out(cut, left, judgement.aspect, gathered, others).outcome()
        else:
            after = settled(cut, left).outcome()
        if after != before:
            found[source] = outcome_json(after)
    return found


def _stays_over(judgement: Judgement, source: str) -> bool:
    """Tell whether nothing holds, and others than the source leave it at that: their words are over, or taken back."""
    gathered, inherits = judgement.gathered, judgement.aspect.inherits
    if gathered.held or (inherits and inherits.direction == "down"):
        return False
    return any(word.claim.source != source for word in gathered.standing or gathered.reported)


def _each_alone(cut: Cut, asked: Asked, judgement: Judgement) -> tuple[Voiced, ...]:
    """Return the voices of which each comes from its source's own words alone: without it the others stay as they are.

    None of them does if something came down from a whole, which others may have kept from coming down, or if what
    happened is taken by episodes, which others may have joined.
    """
    aspect = judgement.aspect
    own = all(held.word.via is None for held in judgement.gathered.held)
    if aspect.kind != "state" or not (own or (aspect.inherits and aspect.inherits.direction == "up")):
        return ()
    return tuple(voice(cut, held, aspect, asked.at) for held in judgement.gathered.held)
