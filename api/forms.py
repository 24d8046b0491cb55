"""A body and a path together are one command of the domain, and every problem points into what was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Generic, TypeVar, cast

from fastapi import Depends, Request
from pydantic import JsonValue, ValidationError

from api.bodies import DOCUMENT_MOST, RECORD_MOST, read_body
from api.refused import NotJson, NotThere
from domain.commands import Command, RecordClaim, plain_claim
from domain.malformed import problems_of
from domain.refusals import Malformed, Problem, Refusal, pointer
from domain.strict_json import read_object
from domain.values import Fact

C = TypeVar("C", bound=Command)
F = TypeVar("F", bound=Fact)


def refuse_other_types(request: Request, *types: str) -> None:
    """Raise NotJson for a body of another media type.

    A page of another origin can make a browser send a form or plain text unasked, but not `application/json`.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in types:
        raise NotJson(f"the body is {given[:60] or 'of no media type'}", " or ".join(types))


async def json_body(request: Request) -> bytes:
    """Return the body of a request that sends a single record."""
    refuse_other_types(request, "application/json")
    return await read_body(request, RECORD_MOST)


async def _document_body(request: Request) -> bytes:
    refuse_other_types(request, "application/json")
    return await read_body(request, DOCUMENT_MOST)


JsonBody = Annotated[bytes, Depends(json_body)]
DocumentBody = Annotated[bytes, Depends(_document_body)]


def model_of(kind: type[F], body: bytes, **addressed: JsonValue) -> F:
    """Return the model that the body is; `addressed` are the fields that stand in the address. Raises Malformed."""
    members = _joined(body, addressed)
    try:
        return kind.model_validate_json(json.dumps(members))
    except ValidationError as error:
        raise Malformed(*problems_of(error, members)) from None


def _joined(body: bytes, addressed: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the members of the body and the address; what both name must be equal."""
    _, sent = read_object(body)
    unequal = [
        Problem(pointer(name), f"the address says {value!r} and the body something else", "the same, or nothing")
        for name, value in addressed.items()
        if sent.get(name, value) != value
    ]
    if unequal:
        raise Malformed(*unequal)
    return {**sent, **addressed}


@dataclass(frozen=True, slots=True)
class Form(Generic[C]):
    """How a body becomes a command.

    `path` says which fields of the command stand in the address, and what they are called there; they may be repeated
    in the body if they are equal. `inside` is the one field of the command that the body is, where it is not all of it.
    """

    command: type[C]
    path: Mapping[str, str] = field(default_factory=dict)
    inside: str | None = None

    def read(self, body: bytes, **addressed: JsonValue) -> C:
        """Return the command; `addressed` are the values of the fields that stand in the address.

        The names are those on the wire (`from`, not `from_`). Raises Malformed with every problem.
        """
        if self.command is RecordClaim and not addressed and (claim := plain_claim(body)) is not None:
            return cast("C", claim)
        if self.inside is not None:
            return self.made({self.inside: read_object(body)[1], **addressed})
        return self.made(_joined(body, addressed))

    def made(self, members: Mapping[str, JsonValue]) -> C:
        """Return the command of all its members; problems are told as they stand in what was sent."""
        try:
            return self.command.model_validate_json(json.dumps(members))
        except ValidationError as error:
            raise self.as_addressed(Malformed(*problems_of(error, dict(members)))) from None

    def as_addressed(self, refusal: Refusal) -> Exception:
        """Return the refusal with its pointers into what was sent.

        Where all that is wrong is what the address names, nothing is there: NotThere takes the refusal's place.
        """
        tops = [problem.pointer.split("/")[1:2] for problem in refusal.problems]
        addressed = [self.path.get(top[0]) if top else None for top in tops]
        if all(addressed) and addressed and (isinstance(refusal, Malformed) or refusal.kind.startswith("unknown-")):
            return NotThere(str(addressed[0]), refusal.problems[0].said)
        prefix = f"/{self.inside}" if self.inside else ""
        refusal.problems = tuple(replace(one, pointer=one.pointer.removeprefix(prefix)) for one in refusal.problems)
        return refusal
