"""Whose voice a word is: its origin, the group that speaks with it, and what that group has to win or lose by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.aspects import Aspect
from domain.belief.case import Cut
from domain.belief.word import At, Held, Word
from domain.entries import NEUTRAL_KINDS, Affiliation
from domain.registry_view import RegistryView
from domain.standing import Standing
from domain.values import Interest


@dataclass(frozen=True, slots=True)
class Voiced:
    """A last word with its voice. `group` are the sources that count as one; `origin` spoke at the end of the line."""

    held: Held
    origin: str
    group: frozenset[str]
    interest: Interest

    @property
    def word(self) -> Word:
        """The word itself."""
        return self.held.word

    @property
    def is_hearsay(self) -> bool:
        """An unnamed speaker heard through a carrier: counts towards S1 alone."""
        return self.word.claim.is_hearsay

    @property
    def is_usable(self) -> bool:
        """Somebody vouches for it: the basis is not `unstated`."""
        return self.word.claim.basis != "unstated"

    @property
    def is_hard(self) -> bool:
        """Said outright: not implied softly, not hedged, asserted or presupposed."""
        claim = self.word.claim
        return self.word.implied != "soft" and not claim.hedged and claim.modality in ("asserted", "presupposed")

    @property
    def concedes(self) -> bool:
        """Said outright against its own interest, by somebody who vouches for it and can be named."""
        return self.interest == "adverse" and self.is_usable and self.is_hard and not self.is_hearsay


def voice(cut: Cut, held: Held, aspect: Aspect, at: At) -> Voiced:
    """Return the last word with its group and interest, at the cut and at the last instant of V."""
    origin = origin_of(cut, held.word.standing)
    interest = interest_of(cut.view, origin, held.word, aspect, at.last)
    return Voiced(held, origin, group_of(cut.view, origin, at.last), interest)


def group_of(view: RegistryView, origin: str, moment: datetime | None) -> frozenset[str]:
    """Return the sources that speak with one voice: the origin's bloc if a party is in it, else the origin alone."""
    bloc = view.bloc(origin, moment)
    return bloc if any(view.is_party(member) for member in bloc) else frozenset({origin})


def origin_of(cut: Cut, standing: Standing) -> str:
    """Return the first link of the claim at the end of the line of `carries` and `carries_similar`.

    The line goes on through claims that no longer count, and through corrections; a circle, which the ledger refuses,
    would end where it began.
    """
    seen = {standing.claim.id}
    while True:
        for relation in standing.related(cut.position):
            if relation.type in ("carries", "carries_similar"):
                carried = cut.find(relation.claim)
                if carried is not None and carried.claim.id not in seen:
                    break
        else:
            return standing.claim.source
        seen.add(carried.claim.id)
        standing = carried


def beneficiaries(word: Word, aspect: Aspect) -> tuple[frozenset[str], frozenset[str]]:
    """Return the sources that the word, as it was said, favours and harms by name; a denial turns them round."""
    claim = word.claim
    favours: set[str] = set()
    against: set[str] = set()
    if word.implied is None and (claim.favours is not None or claim.against is not None):
        favours, against = set(claim.favours or ()), set(claim.against or ())
    else:
        said = word.value if word.implied else claim.value
        for benefit in aspect.benefits:
            if benefit.values is None or said in benefit.values:
                for side, named in ((favours, benefit.favours), (against, benefit.against)):
                    name = said if named == "value" else word.question.subject if named == "subject" else None
                    if name is not None:
                        side.add(name)
    if claim.polarity == "denies":
        favours, against = against, favours
    return frozenset(favours), frozenset(against)


def interest_of(view: RegistryView, origin: str, word: Word, aspect: Aspect, moment: datetime | None) -> Interest:
    """Return what the origin's bloc has to do with what is said."""
    return interest(view, origin, *beneficiaries(word, aspect), view.since(moment))


def interest(
    view: RegistryView, origin: str, favours: frozenset[str], against: frozenset[str], moment: datetime | None
) -> Interest:
    """Return what the origin's bloc has to win or lose, once for each `moment` that `RegistryView.since` gives."""
    key = ("interest", origin, favours, against, moment)
    return view.reckoned("source", key, lambda: _interest(view, origin, favours, against, moment))


def _interest(
    view: RegistryView, origin: str, favours: frozenset[str], against: frozenset[str], moment: datetime | None
) -> Interest:
    """Self is tried first, then adverse, then neutral."""
    bloc = view.bloc(origin, moment)
    favoured = frozenset[str]().union(*(view.bloc(name, moment) for name in favours))
    harmed = frozenset[str]().union(*(view.bloc(name, moment) for name in against))
    favoured_too = {name for name, _ in view.opposition(harmed, moment)}
    harmed_too = {name for name, _ in view.opposition(favoured, moment)}
    leans = frozenset[str]().union(*(view.bloc(towards, moment) for towards in view.leans(origin)))
    has_party = any(view.is_party(member) for member in bloc)
    if any(one & favoured or one & favoured_too for one in (bloc, leans)):
        return "self"
    if has_party and not leans and (bloc & harmed or bloc & harmed_too):
        return "adverse"
    source = view.source(origin)
    if not has_party and source is not None and source.kind in NEUTRAL_KINDS:
        return "neutral"
    return "unknown"


@dataclass(frozen=True, slots=True)
class Tied:
    """Why a group is one, and where it stands: the affiliations used, and the claims that are their evidence."""

    edges: tuple[str, ...]
    evidence: tuple[str, ...]


def ties_of(view: RegistryView, voiced: tuple[Voiced, ...], aspect: Aspect, moment: datetime | None) -> Tied:
    """Return the ties from each origin to a party of its group, and the opposition that makes the group adverse."""
    used = {tie.id: tie for one in voiced for tie in _to_party(view, one.origin, one.group, moment)}
    for one in voiced:
        if one.interest in ("adverse", "self"):
            named = frozenset[str]().union(*beneficiaries(one.word, aspect))
            blocs = frozenset[str]().union(*(view.bloc(name, moment) for name in named))
            used |= {tie.id: tie for other, tie in view.opposition(one.group, moment) if other in blocs}
    evidence = {claim for tie in used.values() for claim in tie.evidence}
    return Tied(tuple(sorted(used)), tuple(sorted(evidence)))


def _to_party(view: RegistryView, origin: str, group: frozenset[str], moment: datetime | None) -> Iterator[Affiliation]:
    root = min((member for member in group if view.is_party(member)), default=origin)
    came_by: dict[str, tuple[str, Affiliation] | None] = {root: None}
    waiting = [root]
    while waiting and origin not in came_by:
        here = waiting.pop(0)
        for other, tie in sorted(view.neighbours(here, moment), key=lambda step: step[1].id):
            if other not in came_by:
                came_by[other] = (here, tie)
                waiting.append(other)
    step = came_by.get(origin)
    while step is not None:
        here, tie = step
        yield tie
        step = came_by[here]
