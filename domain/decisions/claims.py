"""A claim is taken in once, unchanged, and ends at most once."""

from __future__ import annotations

from collections.abc import Iterator

from domain.claims import Claim
from domain.commands import AssertRelation, CorrectClaim, RecordClaim, VoidClaim, WithdrawClaim, claim_of
from domain.decisions.carrying import check_relations
from domain.decisions.checks import Named, are_times, require_sources, require_stories, require_times
from domain.decisions.fitting import checked_answer
from domain.decisions.known import Known, says_the_same
from domain.decisions.quotes import check_quote
from domain.events import ClaimCorrected, ClaimRecorded, ClaimVoided, ClaimWithdrawn, Event, RelationAsserted
from domain.refusals import (
    AlreadyRecorded,
    Malformed,
    NotStanding,
    Place,
    Problem,
    Refusal,
    UnknownClaim,
    WithdrawnByAnother,
    pointer,
)
from domain.registry_view import BLOC_TIES, RegistryView
from domain.standing import Ending, Standing
from domain.values import ClaimId, Slug, made_of

_RECORDED = ClaimRecorded.model_fields["type"].default


def decide_claim(command: RecordClaim, known: Known) -> tuple[Event, ...]:
    """Record the claim; the same again is nothing new, other content under its id is refused."""
    claim = _named(command)
    before = known.claim(claim.id)
    if before is not None:
        _require_the_same(before.claim, claim, ("id",))
        return ()
    return (made_of(ClaimRecorded, {"type": _RECORDED, "claim": _checked(known, claim)}, ("claim",)),)


def is_fitting(known: Known, claim: Claim) -> bool:
    """Tell whether what a claim names is registered, and its answer one that its aspect takes just as it is."""
    try:
        _require_names(known, claim, ())
        return checked_answer(known, claim.question, claim.value, claim.quantity) is claim.quantity
    except Refusal:
        return False


def is_related_well(known: Known, claim: Claim) -> bool:
    """Tell whether nothing speaks against the claim's relations."""
    try:
        check_relations(known, claim.id, [(("relations",), relation) for relation in claim.relations])
    except Refusal:
        return False
    return True


def decide_correction(command: CorrectClaim, known: Known) -> tuple[Event, ...]:
    """Put the replacement in the place of a standing claim; its id must be new, and it is checked like any claim."""
    standing = _recorded(known, command.claim)
    base: Place = ("replacement",)
    replacement = _named(command.replacement, base)
    if standing.ending is not None:
        again = Ending(
            position=standing.ending.position, kind="corrected", reason=command.reason, replacement=replacement.id
        )
        if standing.ending != again:
            raise NotStanding(command.claim, standing.ending)
        _require_the_same(_recorded(known, replacement.id).claim, replacement, (*base, "id"))
        return ()
    if replacement.id == command.claim or known.claim(replacement.id) is not None:
        raise _taken(replacement.id, (*base, "id"))
    replacement = _checked(known, replacement, base, instead=command.claim)
    return (
        ClaimCorrected(
            claim=command.claim,
            question=standing.claim.question,
            source=standing.claim.source,
            replacement=replacement,
            reason=command.reason,
        ),
    )


def decide_withdrawal(command: WithdrawClaim, known: Known) -> tuple[Event, ...]:
    """Let a standing claim be taken back by who said it, or by who stands above or below them."""
    standing = _recorded(known, command.claim)
    if command.source is not None:
        require_sources(known, [(("source",), command.source)])
        _require_a_voice_in_it(known.registry, command.source, standing.claim)
    if standing.ending is not None:
        ending = standing.ending
        if (ending.kind, ending.reason, ending.by) == ("withdrawn", command.reason, command.source):
            return ()
        raise NotStanding(command.claim, ending)
    return (
        ClaimWithdrawn(
            claim=command.claim,
            question=standing.claim.question,
            source=standing.claim.source,
            reason=command.reason,
            by=command.source,
        ),
    )


def decide_voiding(command: VoidClaim, known: Known) -> tuple[Event, ...]:
    """Let a standing claim count as never said."""
    standing = _recorded(known, command.claim)
    if standing.ending is not None:
        if (standing.ending.kind, standing.ending.reason) == ("voided", command.reason):
            return ()
        raise NotStanding(command.claim, standing.ending)
    return (
        ClaimVoided(
            claim=command.claim,
            question=standing.claim.question,
            source=standing.claim.source,
            reason=command.reason,
        ),
    )


def decide_relation(command: AssertRelation, known: Known) -> tuple[Event, ...]:
    """Relate a recorded claim to another one, which may be recorded later.

    A corrected claim takes no new relation, since its replacement is what was said. A withdrawn or voided one does: who
    carried it still has the voice of its origin.
    """
    standing = _recorded(known, command.claim)
    if standing.ending is not None and standing.ending.kind == "corrected":
        raise NotStanding(command.claim, standing.ending)
    if command.relation in (*standing.claim.relations, *(later.relation for later in standing.relations)):
        return ()
    check_relations(known, command.claim, [(("relation",), command.relation)])
    return (
        RelationAsserted(
            claim=command.claim,
            question=standing.claim.question,
            source=standing.claim.source,
            relation=command.relation,
        ),
    )


def _named(command: RecordClaim, base: Place = ()) -> Claim:
    if command.id is None:
        raise Malformed(Problem(pointer(*base, "id"), "the claim has no id", "a UUID of version 7 in lower case"))
    return claim_of(command)


def _recorded(known: Known, claim: ClaimId) -> Standing:
    standing = known.claim(claim)
    if standing is None:
        raise UnknownClaim(Problem(pointer("claim"), f"the claim {claim} is not recorded", "a recorded claim"))
    return standing


def _require_the_same(before: Claim, again: Claim, at: Place) -> None:
    # A vague word was given its number when the claim came in; whoever sends the words again says the same.
    if again.quantity is not None and again.quantity.min is None and before.quantity is not None:
        again = again.model_copy(update={"quantity": again.quantity.model_copy(update={"min": before.quantity.min})})
    if not says_the_same(before, again):
        raise _taken(again.id, at)


def _taken(claim: ClaimId, at: Place) -> AlreadyRecorded:
    return AlreadyRecorded(
        Problem(
            pointer(*at),
            f"the claim {claim} is recorded with other content",
            "an id of its own; what is recorded stays",
        )
    )


def _checked(known: Known, claim: Claim, base: Place = (), *, instead: ClaimId = "") -> Claim:
    """Return the claim as it will be recorded, or raise the first kind of refusal that it meets."""
    _require_names(known, claim, base)
    _require_times(claim, base)
    quantity = checked_answer(known, claim.question, claim.value, claim.quantity, base)
    check_quote(known, claim.quote, base)
    if claim.relations:
        relations = [((*base, "relations", n), relation) for n, relation in enumerate(claim.relations)]
        check_relations(known, claim.id, relations, instead=instead)
    return claim if quantity is claim.quantity else claim.model_copy(update={"quantity": quantity})


def _require_names(known: Known, claim: Claim, base: Place) -> None:
    # Nearly every claim is right, and there are as many as lines: a place is named only where something is wrong.
    registry = known.registry
    named = (*[link.source for link in claim.chain], *(claim.favours or ()), *(claim.against or ()))
    if not all([registry.source(slug) for slug in named]):
        require_sources(known, _sources_named(claim, base))
    if not all([registry.story(slug) for slug in claim.story]):
        require_stories(known, [((*base, "story", n), story) for n, story in enumerate(claim.story)])


def _require_times(claim: Claim, base: Place) -> None:
    if not are_times(claim.tz, (claim.valid, claim.stated, claim.published)):
        times = [((*base, name), getattr(claim, name)) for name in ("valid", "stated", "published")]
        require_times(claim.tz, times, (*base, "tz"))


def _sources_named(claim: Claim, base: Place) -> Iterator[Named]:
    yield from (((*base, "chain", n, "source"), link.source) for n, link in enumerate(claim.chain))
    yield from (((*base, "favours", n), slug) for n, slug in enumerate(claim.favours or ()))
    yield from (((*base, "against", n), slug) for n, slug in enumerate(claim.against or ()))


def _require_a_voice_in_it(registry: RegistryView, source: Slug, claim: Claim) -> None:
    """Raise WithdrawnByAnother unless the source spoke the claim, or is upstream or downstream of its first link."""
    in_stream = _reaches(registry, source, claim.source) or _reaches(registry, claim.source, source)
    if source not in claim.speakers and not in_stream:
        raise WithdrawnByAnother(
            Problem(
                pointer("source"),
                f"{source!r} neither spoke the claim nor speaks for {claim.source!r}",
                f"{claim.source}, or a source that is part of it or that it is part of",
            )
        )


def _reaches(registry: RegistryView, low: Slug, high: Slug) -> bool:
    """Tell whether `low` belongs to or speaks for `high` through any number of ties, all one way.

    Siblings are in no stream: two groups of one alliance cannot take back each other's words, nor can allies.
    """
    found = {low}
    waiting = [low]
    while waiting:
        member = waiting.pop()
        for tie in registry.edges(member, None):
            if tie.relation in BLOC_TIES and tie.from_ == member and tie.to not in found:
                found.add(tie.to)
                waiting.append(tie.to)
    return high in found
