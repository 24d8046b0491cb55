"""What changed is told as an editor would write it: what is believed now, who said what when, and in whose interest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import cast

from domain.claims import Claim
from domain.registry_view import RegistryView
from domain.standing import Standing
from services import words
from services.sheet import Run, Sentence, text
from services.shown import Json, Texts, text_json

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
ERASED = "(the words were erased)"
SAID_BY_EVENT = {
    "affiliation-asserted": "The desk noted a tie",
    "affiliation-ended": "The desk noted that a tie ended",
    "lean-declared": "The desk noted a bias",
    "lean-ended": "The desk no longer holds a bias",
    "location-linked": "The desk linked two places",
    "location-link-ended": "The desk unlinked two places",
    "aspect-registered": "The desk set the rules of an aspect",
    "source-registered": "The desk revised what a source is",
}

MODALITIES = {
    "presupposed": "taking it for granted",
    "planned": "announcing it",
    "predicted": "predicting it",
    "conditional": "on a condition",
    "opinion": "as an opinion",
}


def day(edtf: str) -> str:
    """Return a date for a reader, `9 November 2016`, or two; whatever is not of whole days stays as it is written."""
    first, _, last = edtf.partition("/")
    if _DAY.fullmatch(first) and _DAY.fullmatch(last):
        return f"{day(first)} to {day(last)}"
    if not _DAY.fullmatch(edtf):
        return edtf
    given = date.fromisoformat(edtf)
    return f"{given.day} {_MONTHS[given.month - 1]} {given.year}"


def on(edtf: str) -> str:
    """Return when something was said, to stand in a sentence: `on 9 November 2016`."""
    told = day(edtf)
    return f"on {told}" if told != edtf and " to " not in told else f"from {told}" if " to " in told else f"at {told}"


def turned(before: Json, after: Json, called: words.Called) -> str:
    """Return what became of a belief, to stand behind its question."""
    now, then = words.finding(after, called), words.finding(before, called)
    was, is_ = str(before["agreement"]), str(after["agreement"])
    if was in ("unreported", "retracted"):
        return (
            "is on record, but nothing that was said of it holds at the time asked of."
            if is_ == "stale"
            else f"is new: {now}."
        )
    if is_ in ("unreported", "retracted"):
        return f"does not stand any more; it is {now}. It had been {then}."
    if is_ == "stale":
        return f"has run out: nothing that was said of it holds any longer. It had been {then}."
    if (was, is_) == ("contested", "uncontested"):
        return f"is settled: {now}. It had been {then}."
    if (was, is_) == ("uncontested", "contested"):
        return f"is no longer settled, but {now}. It had been {then}."
    if was == is_ == "contested":
        return f"is still {now}. It had been {then}."
    return f"{_moved(before, after)}: {now}. It had been {then}."


def _moved(before: Json, after: Json) -> str:
    if before["value"] != after["value"]:
        return "has turned"
    first, last = str(before.get("strength") or ""), str(after.get("strength") or "")
    return "stands on firmer ground" if last > first else "stands on weaker ground" if last < first else "has changed"


class Teller:
    """Tells causes, with the names of the registry at one cut and the claims that they are about."""

    def __init__(self, view: RegistryView, claims: Mapping[str, Standing], texts: Texts) -> None:
        self._view = view
        self._claims = claims
        self._texts = texts

    def called(self, slug: str) -> str:
        """Return the name of a source for its slug; any other text is returned as it is."""
        found = self._view.source(slug)
        return found.name if found else slug

    def at(self, place: str) -> str:
        """Return the first name of a place."""
        found = self._view.location(place)
        return found.names[0] if found else place

    def question(self, asked: Json) -> str:
        """Return a question with its place, as in `Minian, control`."""
        return f"{self.at(str(asked['location']))}, {words.question(asked, self.called)}"

    def stance(self, said: Sequence[Json]) -> str:
        """Return what a source says on a question, in few words."""
        told = [
            f"{'not ' if one['polarity'] == 'denies' else ''}{words.value(one['value'], self.called)}" for one in said
        ]
        return words.listed(told) if told else "nothing"

    def cause(self, cause: Json, interests: Mapping[str, Sequence[str]], then: str = "") -> Sentence:
        """Return what brought a change about; `interests` are those of the claims heard there, `then` its outcome."""
        told = self._event(cause, interests)
        by = f" by {cause['recorded_by']}" if cause.get("recorded_by") else ""
        where = f"position {cause['position']}, recorded {words.moment(cause['recorded'])}{by}"
        return (*told, Run(f" ({where}{f'; {then}' if then else ''})"))

    def _event(self, cause: Json, interests: Mapping[str, Sequence[str]]) -> Sentence:
        kind = str(cause["type"]).partition(".")[0]
        position = cast("int", cause["position"])
        claim = str(cause.get("claim") or "")
        speaker = self.called(str(cause.get("source") or ""))
        reason = words.sentence(str(cause.get("reason") or ""))
        match kind:
            case "claim-recorded":
                return self.said(claim, position, interests.get(claim, ()))
            case "claim-corrected":
                instead = str(cause["replacement"])
                told = self.said(instead, position, interests.get(instead, ()))
                before = self._named(claim, position)
                return (
                    *text("The desk corrected what it had written of ", speaker, ", ", before),
                    *text(f": {reason} It reads now: "),
                    *told,
                )
            case "claim-withdrawn":
                return (*text(f"{speaker} took back its words ", self._named(claim, position)), *text(f": {reason}"))
            case "claim-voided":
                never = f"The words ascribed to {speaker} were never its own, "
                return (*text(never, self._named(claim, position)), *text(f": {reason}"))
            case "relation-asserted":
                relation = cast("Json", cause["relation"])
                other = self._named(str(relation["claim"]), position)
                how = str(relation["type"]).replace("_", " ")
                return text("The desk noted of ", self._named(claim, position), f" of {speaker}: it {how} ", other)
            case "assessment-made":
                return text(f"The desk gave its own verdict, {str(cause['assessment'])}")
            case _:
                thing = str(cause["thing"]).partition("/")[2]
                return text(f"{SAID_BY_EVENT.get(kind, kind.replace('-', ' '))}: {thing}")

    def said(self, name: str, position: int, interests: Sequence[str]) -> Sentence:
        """Return who said what when, through whom and in whose interest."""
        standing = self._claims.get(name)
        if standing is None:
            return text("A claim, ", Run(name, f"/v1/claims/{name}?as_of={position}"))
        claim = standing.claim
        interest = [words.INTERESTS.get(one, one) for one in interests]
        marks = "".join(f", {mark}" for mark in (*interest, *_marks(claim)))
        opening = f"{words.sentence(self._speaker(claim))[:-1]}{marks}, {on(claim.spoken.edtf)}: "
        return text(opening, f"{self._statement(claim)} ", self._named(name, position))

    def _named(self, name: str, position: int) -> Run:
        standing = self._claims.get(name)
        label = (standing.claim.key if standing else None) or name
        return Run(f"[{label}]", f"/v1/claims/{name}?as_of={position}")

    def _speaker(self, claim: Claim) -> str:
        by = [self.called(link.source) for link in claim.chain[1:] if link.role in ("speaker", "spokesperson")]
        through = [
            self.called(link.source)
            for link in claim.chain[1:]
            if link.role in ("carrier", "publisher") and link.naming != "unnamed"
        ]
        told = [*by, *([f"through {words.listed(through)}"] if through else [])]
        return f"{self.called(claim.source)} ({'; '.join(told)})" if told else self.called(claim.source)

    def _statement(self, claim: Claim) -> str:
        if claim.statement is None:
            denied = "denies: " if claim.polarity == "denies" else ""
            value = claim.quantity.model_dump() if claim.quantity else claim.value
            asked = words.question(claim.question.model_dump(exclude_none=True), self.called)
            told = f"{asked}: {denied}{words.value(value, self.called)}."
        else:
            told = self._words(text_json(claim.statement, self._texts))
        exact = claim.quote.exact if claim.quote else None
        return told if exact is None else f"{told} “{self._words(text_json(exact, self._texts))}”"

    def _words(self, shown: object) -> str:
        return shown if isinstance(shown, str) else ERASED


def _marks(claim: Claim) -> Iterable[str]:
    if claim.hedged:
        yield "with a reservation"
    if claim.modality != "asserted":
        yield MODALITIES[claim.modality]
