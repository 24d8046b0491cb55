"""Every fact of the ledger is frozen, complete and made of these few words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    StringConstraints,
    model_validator,
)

MAX_TEXT = 20_000
"""Longest statement, quote or note, in code points; an archived document may be longer (see `MAX_DOCUMENT`)."""
MAX_DOCUMENT = 2_000_000
"""Longest archived text, in code points."""


class Fact(BaseModel):
    """Something that cannot be changed: frozen, strictly typed, with no field that nobody declared."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)


F = TypeVar("F", bound=Fact)


_NONE: set[str] = set()
"""Of all facts of which nobody named a field; an empty set of its own is 216 bytes, and a claim has eight facts."""


def made_of(shape: type[F], fields: dict[str, object], given: Iterable[str] = ()) -> F:
    """Return the fact that has these fields, all of them, which were looked at before: nothing is looked at again.

    The order of the fields is that in which they are written; `given` are those that a sender named. A copy of
    pydantic's costs ten times as much, and of a claim there is one a line.
    """
    fact = shape.__new__(shape)
    object.__setattr__(fact, "__dict__", fields)
    object.__setattr__(fact, "__pydantic_fields_set__", set(given) if given else _NONE)
    object.__setattr__(fact, "__pydantic_extra__", None)
    object.__setattr__(fact, "__pydantic_private__", None)
    return fact


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text may not contain a NUL character")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError("text may not contain half of a surrogate pair") from None
    return text


Storable = AfterValidator(_storable)
"""Marks text that every store and every JSON reader can hold.

It stands behind the limits of length: pydantic checks these itself only while no function of ours comes before them,
and every text of every event that is read pays for the difference.
"""
Plain = Annotated[str, Storable]
"""Text of any length that every store and every JSON reader can hold."""
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=100)]
"""A name in lower-case letters, digits, `-` and `_`, chosen by the desk and never reused for something else."""
EdgeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~:/-]*$", max_length=300)]
"""The name of an affiliation or an assessment, chosen by the desk."""
ClaimId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
"""A UUID of version 7 in lower case (RFC 9562)."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""
Key = Annotated[str, StringConstraints(min_length=1, max_length=200), Storable]
"""A caller's own name for what it records: the same key is the same record."""
Recorder = Annotated[str, StringConstraints(min_length=1, max_length=200), Storable]
"""Who let something into the ledger: `key:anna`, `oidc:id.example.org:7f3a`, `local:anna`, or `open`: whoever asked."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=500), Storable]
"""A short text: a name, a title, a value."""
Passage = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT), Storable]
"""A text of some sentences: a reason, a note."""
Position = Annotated[int, Field(ge=0)]
"""The place of an event in the whole ledger; 0 is before the first."""


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Text(Fact):
    """Words that the law or an embargo may force out: the event keeps the hash, the body lies beside the ledger.

    `body` is never part of what is stored with an event; it is None where the text is not at hand or was erased.
    A plain string is read as a text with its body.
    """

    sha256: Sha256
    body: Annotated[str, StringConstraints(max_length=MAX_DOCUMENT), Storable] | None = Field(
        default=None, exclude=True
    )

    @classmethod
    def of(cls, body: str) -> Text:
        """Return the text with its hash."""
        return cls(sha256=sha256_of(body), body=body)

    @model_validator(mode="wrap")
    @classmethod
    def _from_string(cls, given: object, look_at: ModelWrapValidatorHandler[Text]) -> Text:
        if isinstance(given, str):
            fields: dict[str, object] = {"sha256": sha256_of(_storable(given)), "body": given}
            return made_of(cls, fields) if len(given) <= MAX_DOCUMENT else look_at(fields)
        text = look_at(given)
        if text.body is not None and sha256_of(text.body) != text.sha256:
            raise ValueError("the hash is not that of the text")
        return text


def _no_longer_than_a_passage(text: Text) -> Text:
    if text.body is not None and len(text.body) > MAX_TEXT:
        raise ValueError(f"this text may have at most {MAX_TEXT} characters")
    return text


Words = Annotated[Text, AfterValidator(_no_longer_than_a_passage)]
"""A statement or the words of a quote: kept apart like any text, and no longer than a passage."""

_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,12})?")


def _decimal_text(text: str) -> str:
    if not _DECIMAL.fullmatch(text):
        raise ValueError("a decimal number is text such as '12.5'")
    return text


Number = Annotated[int, Field(ge=-(10**30), le=10**30)] | Annotated[str, AfterValidator(_decimal_text)]
"""A whole number, or a decimal number as text; never a float."""


def exact(number: Number) -> Decimal:
    """Return the number for comparison, without rounding."""
    return Decimal(number)


class Quantity(Fact):
    """A number or a range as a source gave it; without `max` it has no upper end. `verbatim` keeps the words."""

    min: Number | None = None
    max: Number | None = None
    unit: Line | None = None
    verbatim: Line | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Quantity:
        if self.min is not None and self.max is not None and exact(self.max) < exact(self.min):
            raise ValueError("the greatest number is less than the least")
        if self.min is None and self.verbatim is None:
            raise ValueError("a quantity needs 'min', or 'verbatim' with a vague word that its aspect knows")
        return self

    def overlaps(self, other: Quantity) -> bool:
        """Tell whether some number lies in both ranges of the same unit."""
        if self.unit != other.unit or self.min is None or other.min is None:
            return False
        if self.min == other.min:
            return True  # as nearly all that agree do: the number that both begin with need not be read
        below = self.max is None or exact(other.min) <= exact(self.max)
        above = other.max is None or exact(self.min) <= exact(other.max)
        return below and above


class When(Fact):
    """A time as EDTF level 1 text or an RFC 3339 instant, with the words that the speaker used."""

    edtf: Annotated[str, StringConstraints(min_length=1, max_length=100), Storable]
    words: Line | None = None


Polarity = Literal["asserts", "denies"]
Agreement = Literal["unreported", "uncontested", "contested", "retracted", "stale", "not-adjudicated"]
Strength = Literal["S1", "S2", "S3", "S4", "S5", "S6"]
Interest = Literal["self", "adverse", "neutral", "unknown"]
