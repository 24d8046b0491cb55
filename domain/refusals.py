"""Why the ledger did not take something in is a sentence, with the place in what was sent and what would do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from domain.standing import Ending
from domain.values import ClaimId


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (a JSON pointer, RFC 6901, into the command), what, and what was expected."""

    pointer: str
    said: str
    expected: str | None = None


Place = tuple[str | int, ...]
"""The names and numbers that lead to a member; checks pass it on, since only a refusal needs it as a pointer."""


def pointer(*parts: str | int) -> str:
    """Return the JSON pointer to a member of members; without parts, to the whole."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


class Refusal(Exception):
    """The ledger did not take this in; nothing was recorded.

    `kind` is a stable slug for programs, `title` the sentence that all refusals of the kind share, `problems` what is
    wrong here.
    """

    kind: ClassVar[str] = "refused"
    title: ClassVar[str] = "The ledger refuses this."

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.said for problem in problems) or self.title)
        self.problems = problems


R = TypeVar("R", bound=Refusal)


def refuse_if_any(refusal: type[R], problems: Iterable[Problem]) -> None:
    """Raise the refusal with all the problems, if there is one."""
    found = tuple(problems)
    if found:
        raise refusal(*found)


class Malformed(Refusal):
    """What was sent does not have the form of anything that can be recorded."""

    kind = "malformed"
    title = "This is not one of the forms that the ledger reads."


class NotATime(Refusal):
    """A time or a time zone cannot be read, and is not guessed."""

    kind = "unreadable-time"
    title = "A time cannot be read."


class UnknownSource(Refusal):
    """A source is named that nobody registered."""

    kind = "unknown-source"
    title = "A source is not registered."


class UnknownLocation(Refusal):
    """A location is named that nobody registered."""

    kind = "unknown-location"
    title = "A location is not registered."


class UnknownAspect(Refusal):
    """An aspect is named that is neither built in nor registered."""

    kind = "unknown-aspect"
    title = "An aspect is not known."


class UnknownStory(Refusal):
    """A story is named that nobody opened."""

    kind = "unknown-story"
    title = "A story is not registered."


class UnknownDocument(Refusal):
    """A document is quoted that nobody archived."""

    kind = "unknown-document"
    title = "A document is not archived."


class UnknownAffiliation(Refusal):
    """No tie between sources has this id."""

    kind = "unknown-affiliation"
    title = "No such tie between sources is recorded."


class UnknownClaim(Refusal):
    """A claim is named that is not recorded, or was not at the position in question."""

    kind = "unknown-claim"
    title = "A claim is not recorded."


class NotAValue(Refusal):
    """The aspect does not take this value or quantity, or it takes one and none is given."""

    kind = "value-does-not-fit"
    title = "The aspect does not take this value."


class AspectIncoherent(Refusal):
    """The rules of an aspect name values or aspects that do not fit."""

    kind = "aspect-incoherent"
    title = "The rules of the aspect do not fit together."


class AspectFixed(Refusal):
    """An aspect would change in what the reading of recorded claims hangs on."""

    kind = "aspect-fixed"
    title = "An aspect's kind is fixed, since recorded claims are read by it."


class AlreadyRecorded(Refusal):
    """The id is taken by something with other content; what is recorded is never changed."""

    kind = "already-recorded"
    title = "This id is taken by something else."


class NotStanding(Refusal):
    """The claim has ended: it was corrected, withdrawn or voided before."""

    kind = "not-standing"
    title = "The claim no longer stands."

    def __init__(self, claim: ClaimId, ending: Ending) -> None:
        instead = f"; {ending.replacement} stands in its place" if ending.replacement else ""
        super().__init__(
            Problem(
                pointer("claim"),
                f"the claim {claim} was {ending.kind} at position {ending.position}{instead}",
                f"the claim {ending.replacement}" if ending.replacement else "a claim that stands",
            )
        )
        self.claim = claim
        self.ending = ending


class WithdrawnByAnother(Refusal):
    """A source takes back its own words, or those of one that it is part of or that is part of it."""

    kind = "withdrawn-by-another"
    title = "Only who said it may take it back."


class TiedToItself(Refusal):
    """A source, a location or a claim would be related to itself."""

    kind = "tied-to-itself"
    title = "Nothing stands in relation to itself."


class CarriedInACircle(Refusal):
    """Claims would carry one another in a circle, and nobody would have said it first."""

    kind = "carried-in-a-circle"
    title = "Claims cannot carry one another in a circle."

    def __init__(self, at: str, line: tuple[ClaimId, ...]) -> None:
        """`line` runs from the claim through what it carries, back to itself."""
        super().__init__(
            Problem(at, f"this closes a circle of carrying: {' → '.join(line)}", "a line that ends with an origin")
        )
        self.line = line


class PartOfItself(Refusal):
    """Locations would contain one another in a circle."""

    kind = "part-of-itself"
    title = "A location cannot be part of itself."

    def __init__(self, path: tuple[str, ...]) -> None:
        """`path` runs from the location through what it would be part of, back to itself."""
        super().__init__(
            Problem(
                pointer("to"), f"this closes a circle: {' → '.join(path)}", "a location that is no part of this one"
            )
        )
        self.path = path


class QuoteNotFound(Refusal):
    """The document does not have these words at this place; a quote is never moved silently."""

    kind = "quote-not-found"
    title = "The document does not say this here."

    def __init__(self, problem: Problem, nearest: tuple[int, int] | None = None) -> None:
        """`nearest` is where the words do occur (code points, half-open), the closest to where they were sought."""
        super().__init__(problem)
        self.nearest = nearest


class HashDoesNotFit(Refusal):
    """A document's hash is not that of the text that came with it."""

    kind = "hash-does-not-fit"
    title = "The hash is not that of the text."


class NotInForce(Refusal):
    """A tie, a lean or a link cannot end, since it does not hold."""

    kind = "not-in-force"
    title = "What does not hold cannot end."


class EditionOutOfOrder(Refusal):
    """An edition's number, position or correction does not fit the story's editions and the ledger's head."""

    kind = "edition-out-of-order"
    title = "The edition does not follow on what is recorded."


class TextNotHeld(Refusal):
    """There is no such text to erase: it was erased before, or only its hash was ever here."""

    kind = "text-not-held"
    title = "The ledger does not hold this text."


class KeyReused(Refusal):
    """The key was used for something else; a key names one record for ever."""

    kind = "key-reused"
    title = "This key was used for something else."

    def __init__(self, key: str, position: int) -> None:
        """`position` is where the first use of the key was recorded."""
        super().__init__(
            Problem(
                pointer("key"),
                f"the key {key!r} was used before, for what is recorded at position {position}, with other content",
                "the same content, or another key",
            )
        )
        self.key = key
        self.position = position


class NotProtected(Refusal):
    """An identity came with a source that is not confidential, and would not be kept apart."""

    kind = "not-protected"
    title = "Only a confidential source has an identity that is kept apart."


class IdentityMissing(Refusal):
    """A source is to be confidential, and nothing says who it is."""

    kind = "identity-missing"
    title = "Who a protected source is has to be said once."


class NameGivenAway(Refusal):
    """What everybody will read holds a word of the name that is to be protected."""

    kind = "name-given-away"
    title = "This would give the source away."


class StaysProtected(AlreadyRecorded):
    """A source was recorded by name or under protection, and cannot become the other."""

    kind = "stays-as-it-was-recorded"
    title = "What was recorded is in every copy: protection neither begins nor ends later."
