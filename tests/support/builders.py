"""Short ways to say who said what; whatever a test does not mention is ordinary."""

from __future__ import annotations

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
from support.ledger import PaperLedger, uuid7

DAY = "2016-11-08"


def about(place: str) -> dict[str, str]:
    """Read `minian/control` or `minian/strike/russia` as a question."""
    return dict(zip(("location", "aspect", "subject"), place.split("/"), strict=False))


def question(place: str) -> Question:
    return Question(**about(place))


def when(edtf: object) -> dict[str, object] | None:
    return None if edtf is None else {"edtf": edtf}


def link(written: str) -> dict[str, str]:
    """Read `reuters`, `interfax carrier` or `a-soldier speaker unnamed` as a link of a chain."""
    words = written.split()
    role = words[1] if len(words) > 1 else "speaker"
    naming = words[2] if len(words) > 2 else "named"
    return {"source": words[0], "role": role, "mode": "paraphrase", "naming": naming}


def says(source: str, value: str | None = None, *, at: str = "minian/fighting", **more: object) -> RecordClaim:
    """A claim that was said and held on the day.

    `claim` names it (its id is made of the name), `via` lists the links after the first, `valid`, `stated` and
    `published` are EDTF; any other field of a claim goes by its own name.
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


def denies(source: str, value: str | None = None, *, at: str = "minian/fighting", **more: object) -> RecordClaim:
    return says(source, value, at=at, polarity="denies", **more)


def counts(source: str, *, at: str = "minian/casualties", **more: object) -> RecordClaim:
    """A claim with a quantity: `min`, `max`, `unit`, `verbatim`."""
    quantity = {part: more.pop(part) for part in ("min", "max", "unit", "verbatim") if part in more}
    return says(source, None, at=at, quantity=quantity, **more)


def relates(claim: str, relation: str, other: str) -> AssertRelation:
    return AssertRelation.model_validate({"claim": uuid7(claim), "relation": {"type": relation, "claim": uuid7(other)}})


def carrying(*others: str, relation: str = "carries") -> list[dict[str, str]]:
    """The relations of a claim that carries the named ones."""
    return [{"type": relation, "claim": uuid7(other)} for other in others]


def corrects(claim: str, replacement: RecordClaim, reason: str = "we misread it") -> CorrectClaim:
    return CorrectClaim(claim=uuid7(claim), replacement=replacement, reason=reason)


def withdraws(claim: str, reason: str = "we were wrong", *, by: str | None = None) -> WithdrawClaim:
    return WithdrawClaim(claim=uuid7(claim), source=by, reason=reason)


def voids(claim: str, reason: str = "fabricated") -> VoidClaim:
    return VoidClaim(claim=uuid7(claim), reason=reason)


def source(slug: str, kind: SourceKind = "other", name: str | None = None) -> RegisterSource:
    return RegisterSource(slug=slug, kind=kind, name=name or slug)


def tie(low: str, relation: str, high: str, **more: object) -> AssertAffiliation:
    valid = when(more.pop("valid", None))
    shape = {"id": f"{low}/{relation}/{high}", "from": low, "relation": relation, "to": high, "valid": valid, **more}
    return AssertAffiliation.model_validate(shape, strict=False)


def unties(low: str, relation: str, high: str, at: str | None = None) -> EndAffiliation:
    return EndAffiliation.model_validate({"affiliation": f"{low}/{relation}/{high}", "at": when(at)})


def leans(slug: str, towards: str) -> DeclareLean:
    return DeclareLean(source=slug, towards=towards)


def leans_no_more(slug: str, towards: str) -> EndLean:
    return EndLean(source=slug, towards=towards)


def rates(slug: str, scale: str, grade: str) -> RateSource:
    return RateSource(source=slug, scale=scale, grade=grade, rationale="as the desk sees it")


def location(
    slug: str, precision: Literal["locality", "region", "vicinity", "unspecified"] = "locality"
) -> RegisterLocation:
    return RegisterLocation(slug=slug, names=(slug,), precision=precision)


def links(low: str, relation: str, high: str) -> LinkLocations:
    return LinkLocations.model_validate({"from": low, "relation": relation, "to": high})


def unlinks(low: str, relation: str, high: str) -> EndLocationLink:
    return EndLocationLink.model_validate({"from": low, "relation": relation, "to": high})


def aspect(name: str, kind: str = "state", **more: object) -> RegisterAspect:
    return RegisterAspect.model_validate({"name": name, "kind": kind, **more}, strict=False)


def document(text: str, *, held: bool = True, **more: object) -> ArchiveDocument:
    shape = {"sha256": sha256_of(text), "media_type": "text/plain", **({"text": text} if held else {}), **more}
    return ArchiveDocument.model_validate(shape, strict=False)


def quoting(text: str, start: int, end: int, exact: str | None = None) -> dict[str, object]:
    """The `quote` of a claim, pointing into the text."""
    return {"document": sha256_of(text), "start": start, "end": end, "exact": exact}


def story(slug: str, *places: str, tz: str | None = None) -> RegisterStory:
    return RegisterStory(slug=slug, title=slug, tz=tz, questions=tuple(question(place) for place in places))


def assesses(name: str, at: str, value: str | None = None, **more: object) -> MakeAssessment:
    shape = {"id": name, "question": about(at), "value": value, "valid": when(DAY), "rationale": "seen", **more}
    return MakeAssessment.model_validate(shape, strict=False)


def publishes(slug: str, *claims: str, as_of: int, **more: object) -> PublishEdition:
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
    return EraseText(sha256=sha256_of(text), reason=reason)


def small_world() -> PaperLedger:
    """Two parties at war, an army and its spokesman, a monitor, two agencies; a village in a city in a country."""
    return PaperLedger(
        (
            source("government", "party"),
            source("army", "party"),
            source("army-spokesman"),
            source("ally", "party"),
            source("rebels", "party"),
            source("brigade", "party"),
            source("sohr", "monitor"),
            source("reuters", "wire"),
            source("interfax", "wire"),
            tie("army", "member_of", "government"),
            tie("army-spokesman", "speaks_for", "army"),
            tie("ally", "allied_with", "government"),
            tie("brigade", "member_of", "rebels"),
            tie("government", "opposes", "rebels"),
            location("syria", "region"),
            location("aleppo"),
            location("minian"),
            links("aleppo", "part_of", "syria"),
            links("minian", "part_of", "aleppo"),
        )
    )
