"""What a test says reads like a news item: who said what about where; whatever it does not mention is ordinary."""

from __future__ import annotations

import hashlib
from typing import Literal, cast

from domain.claims import Question
from domain.commands import (
    ArchiveDocument,
    AssertAffiliation,
    AssertRelation,
    CorrectClaim,
    DeclareLean,
    EndAffiliation,
    EndLean,
    EndLocationLink,
    EraseText,
    LinkLocations,
    MakeAssessment,
    PublishEdition,
    RateSource,
    RecordClaim,
    RegisterAspect,
    RegisterLocation,
    RegisterSource,
    RegisterStory,
    VoidClaim,
    WithdrawClaim,
)
from domain.entries import SourceKind
from domain.values import sha256_of

DAY = "2016-11-08"
"""When everything is said and holds, where a test does not say otherwise."""
PLACE = "minian/fighting"
"""What is spoken of where a test does not say otherwise; the value is `ongoing` or `none`."""


def uuid7(name: str) -> str:
    """Return the id of the claim of this name: a UUID of version 7, always the same for the name."""
    digits = hashlib.sha256(name.encode()).hexdigest()
    return f"015840ce-{digits[:4]}-7{digits[4:7]}-8{digits[7:10]}-{digits[10:22]}"


def about(place: str) -> dict[str, str]:
    """Read `minian/control` or `minian/strike/russia` as the members of a question."""
    return dict(zip(("location", "aspect", "subject"), place.split("/"), strict=False))


def question(place: str) -> Question:
    """Read `minian/control` or `minian/strike/russia` as a question."""
    return Question(**about(place))


def when(edtf: object) -> dict[str, object] | None:
    """Return the time of an EDTF text; None stays None."""
    return None if edtf is None else {"edtf": edtf}


def link(written: str) -> dict[str, str]:
    """Read `reuters`, `interfax carrier` or `a-soldier speaker unnamed` as a link of a chain."""
    words = written.split()
    role = words[1] if len(words) > 1 else "speaker"
    naming = words[2] if len(words) > 2 else "named"
    return {"source": words[0], "role": role, "mode": "paraphrase", "naming": naming}


def says(source: str, value: str | None = None, *, at: str = PLACE, **more: object) -> RecordClaim:
    """Return a claim that was said and held on the day.

    `claim` names it (its id is `uuid7` of the name), so that others can speak of it; `via` lists the links after the
    first, such as `interfax carrier`; `valid`, `stated` and `published` are EDTF; any other field of a claim goes by
    its own name.
    """
    name = str(more.pop("claim", None) or f"{source} {value} {at} {sorted(more.items(), key=str)}")
    told = {field: when(more.pop(field)) for field in ("valid", "stated", "published") if field in more}
    via = [link(written) for written in cast("tuple[str, ...]", more.pop("via", ()))]
    shape = {
        "id": uuid7(name),
        "question": about(at),
        "value": value,
        "chain": [link(source), *via],
        "valid": when(DAY),
        "published": when(DAY),
        **told,
        **more,
    }
    return RecordClaim.model_validate(shape, strict=False)


def denies(source: str, value: str | None = None, *, at: str = PLACE, **more: object) -> RecordClaim:
    """Return a claim that it is not so; see `says`."""
    return says(source, value, at=at, polarity="denies", **more)


def counts(source: str, *, at: str = "minian/casualties", **more: object) -> RecordClaim:
    """Return a claim with a quantity: `min`, `max`, `unit`, `verbatim`; see `says`."""
    quantity = {part: more.pop(part) for part in ("min", "max", "unit", "verbatim") if part in more}
    return says(source, None, at=at, quantity=quantity, **more)


def relates(claim: str, relation: str, other: str) -> AssertRelation:
    """Say that one claim `carries`, `confirms`, `denies`, … another; both by their names."""
    return AssertRelation.model_validate({"claim": uuid7(claim), "relation": {"type": relation, "claim": uuid7(other)}})


def carrying(*others: str, relation: str = "carries") -> list[dict[str, str]]:
    """Return the `relations` of a claim that carries the named ones."""
    return [{"type": relation, "claim": uuid7(other)} for other in others]


def corrects(claim: str, replacement: RecordClaim, reason: str = "we misread it") -> CorrectClaim:
    """Say that the desk had written the named claim down wrongly, and what was said instead."""
    return CorrectClaim(claim=uuid7(claim), replacement=replacement, reason=reason)


def withdraws(claim: str, reason: str = "we were wrong", *, by: str | None = None) -> WithdrawClaim:
    """Say that the source took the named claim back."""
    return WithdrawClaim(claim=uuid7(claim), source=by, reason=reason)


def voids(claim: str, reason: str = "fabricated") -> VoidClaim:
    """Say that the named claim never was its source's."""
    return VoidClaim(claim=uuid7(claim), reason=reason)


def source(slug: str, kind: SourceKind = "other", name: str | None = None) -> RegisterSource:
    """Register a source; a `party` has interests, and so have those who are tied to it."""
    return RegisterSource(slug=slug, kind=kind, name=name or slug)


def tie(low: str, relation: str, high: str, **more: object) -> AssertAffiliation:
    """Tie two sources: `member_of`, `run_by`, `owned_by`, `speaks_for`, `allied_with`, `opposes`; `valid` is EDTF."""
    valid = when(more.pop("valid", None))
    shape = {"id": f"{low}/{relation}/{high}", "from": low, "relation": relation, "to": high, "valid": valid, **more}
    return AssertAffiliation.model_validate(shape, strict=False)


def unties(low: str, relation: str, high: str, at: str | None = None) -> EndAffiliation:
    """End a tie; without `at` it never was."""
    return EndAffiliation.model_validate({"affiliation": f"{low}/{relation}/{high}", "at": when(at)})


def leans(slug: str, towards: str) -> DeclareLean:
    """Declare that a source is biased towards a party."""
    return DeclareLean(source=slug, towards=towards)


def leans_no_more(slug: str, towards: str) -> EndLean:
    """Take such a declaration back."""
    return EndLean(source=slug, towards=towards)


def rates(slug: str, scale: str, grade: str) -> RateSource:
    """Grade a source."""
    return RateSource(source=slug, scale=scale, grade=grade, rationale="as the desk sees it")


def location(
    slug: str, precision: Literal["locality", "region", "vicinity", "unspecified"] = "locality"
) -> RegisterLocation:
    """Register a place."""
    return RegisterLocation(slug=slug, names=(slug,), precision=precision)


def links(low: str, relation: str, high: str) -> LinkLocations:
    """Link two places: `part_of`, `vicinity_of`, `adjacent_to`."""
    return LinkLocations.model_validate({"from": low, "relation": relation, "to": high})


def unlinks(low: str, relation: str, high: str) -> EndLocationLink:
    """Take such a link back."""
    return EndLocationLink.model_validate({"from": low, "relation": relation, "to": high})


def aspect(name: str, kind: str = "state", **more: object) -> RegisterAspect:
    """Register an aspect of the desk's own; any field of an aspect goes by its own name."""
    return RegisterAspect.model_validate({"name": name, "kind": kind, **more}, strict=False)


def document(text: str, *, held: bool = True, **more: object) -> ArchiveDocument:
    """Archive a text, or (not `held`) only its hash."""
    shape = {"sha256": sha256_of(text), "media_type": "text/plain", **({"text": text} if held else {}), **more}
    return ArchiveDocument.model_validate(shape, strict=False)


def quoting(text: str, start: int, end: int, exact: str | None = None) -> dict[str, object]:
    """Return the `quote` of a claim, which points into the text."""
    return {"document": sha256_of(text), "start": start, "end": end, "exact": exact}


def story(slug: str, *places: str, tz: str | None = None) -> RegisterStory:
    """Open a story that follows these questions."""
    return RegisterStory(slug=slug, title=slug, tz=tz, questions=tuple(question(place) for place in places))


def assesses(name: str, at: str, value: str | None = None, **more: object) -> MakeAssessment:
    """Give an editor's verdict on a question; `physical_evidence` establishes the value."""
    shape = {"id": name, "question": about(at), "value": value, "valid": when(DAY), "rationale": "seen", **more}
    return MakeAssessment.model_validate(shape, strict=False)


def publishes(slug: str, *claims: str, as_of: int, **more: object) -> PublishEdition:
    """Publish an edition of a story that cites the named claims, as the ledger stood at a position."""
    shape = {
        "story": slug,
        "title": "printed",
        "published": when(DAY),
        "as_of": as_of,
        "policy": "desk/1",
        "claims": [uuid7(claim) for claim in claims],
        **more,
    }
    return PublishEdition.model_validate(shape, strict=False)


def erases(text: str, reason: str = "an order of the court") -> EraseText:
    """Take a text out; its hash stays."""
    return EraseText(sha256=sha256_of(text), reason=reason)
