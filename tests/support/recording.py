"""Short ways to say what a desk records."""

import json

from domain.claims import Claim
from domain.commands import Command, RecordClaim, RegisterLocation, RegisterSource, parse_command
from domain.entries import Source
from domain.events import ClaimRecorded, SourceRegistered

CLAIM = {
    "question": {"location": "east-bridge", "aspect": "control"},
    "value": "rebels",
    "chain": [{"source": "agency", "role": "speaker", "mode": "quote", "naming": "named"}],
    "valid": {"edtf": "2016-11-08"},
    "published": {"edtf": "2016-11-08"},
}


def numbered(number: int) -> str:
    """A claim id that a test can tell from others."""
    return f"015840ce-1f00-7000-8000-{number:012x}"


def registers(slug: str, name: str = "a source", **more: object) -> RegisterSource:
    return RegisterSource.model_validate({"slug": slug, "kind": "wire", "name": name, **more})


def says(statement: str | None = None, **more: object) -> RecordClaim:
    """The agency says who holds the east bridge."""
    return RecordClaim.model_validate({**CLAIM, "statement": statement, **more}, strict=False)


def command(**members: object) -> Command:
    return parse_command(json.dumps(members))


def registry() -> list[Command]:
    """What a claim by the agency about the east bridge needs."""
    return [
        registers("agency"),
        registers("rebels", kind="party"),
        registers("army", kind="party"),
        RegisterLocation(slug="east-bridge", names=("the east bridge",), precision="exact"),
    ]


def registered(slug: str, name: str = "a source") -> SourceRegistered:
    """An event that is decided already."""
    return SourceRegistered(source=Source(slug=slug, kind="wire", name=name))


def said(number: int, statement: str | None = None) -> ClaimRecorded:
    """A claim that is decided already."""
    members = {**CLAIM, "id": numbered(number), "statement": statement}
    return ClaimRecorded(claim=Claim.model_validate(members, strict=False))
