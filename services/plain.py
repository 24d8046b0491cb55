"""Nearly every line says a claim in the plainest way, and such a line is read, named and written down without detours.

It is read by the shapes below, several times as fast as by `RecordClaim`. They take only what `RecordClaim` takes
alike, and no more than is common: whatever is not as plain (a quote, an escape in a text, a null, a name given twice),
and whatever is wrong, is left to `domain.commands.parse_command`, which knows what is right and says what is not. So a
rule stands in one place; here is only a short cut to what it would answer, and a test compares the two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Annotated, ClassVar, Literal, NamedTuple

from msgspec import Meta, MsgspecError, Struct
from msgspec.json import Decoder, Encoder

from domain.claims import Basis, Modality, RelationType, Role
from domain.edtf import UnreadableTime, ordinary_day, ordinary_instant
from domain.times import read, read_timezone
from domain.values import MAX_TEXT, Polarity, sha256_of
from services.submissions import line_key

__all__ = ["PlainClaim", "PlainLine", "plain_line"]

# The form of a name is not asked for where the name has to be registered, which those of another form are not.
_Name = Annotated[str, Meta(max_length=100)]
_Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=100)]
_Line = Annotated[str, Meta(min_length=1, max_length=500)]
_ClaimId = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
_Whole = Annotated[int, Meta(ge=-(2**53), le=2**53)]


class _Question(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    location: _Name
    aspect: _Name
    subject: _Slug | None = None


class _Link(Struct, forbid_unknown_fields=True, gc=False):
    source: _Name
    role: Role
    mode: Literal["quote", "paraphrase", "carried"]
    naming: Literal["named", "org_only", "unnamed"]


class _When(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    edtf: Annotated[str, Meta(min_length=1, max_length=100)]
    words: _Line | None = None


class _Quantity(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    min: _Whole
    max: _Whole | None = None
    unit: _Line | None = None
    verbatim: _Line | None = None


class _Relation(Struct, forbid_unknown_fields=True, gc=False):
    type: RelationType
    claim: _ClaimId


class _Held(Struct, forbid_unknown_fields=True, gc=False):
    """A text of which only the hash is written, as the body lies beside the ledger."""

    sha256: str


class PlainClaim(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A claim in the order in which `Claim` is stored; None is what the line did not give."""

    key: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    story: Annotated[tuple[_Name, ...], Meta(max_length=100)] | None = None
    question: _Question
    value: _Line | None = None
    quantity: _Quantity | None = None
    facets: Annotated[dict[_Slug, _Line], Meta(max_length=1)] | None = None
    polarity: Polarity | None = None
    modality: Modality | None = None
    hedged: bool | None = None
    chain: Annotated[tuple[_Link, ...], Meta(min_length=1, max_length=20)]
    basis: Basis | None = None
    tz: Annotated[str, Meta(max_length=60)] | None = None
    valid: _When
    stated: _When | None = None
    published: _When
    statement: Annotated[str, Meta(max_length=MAX_TEXT)] | _Held | None = None
    relations: Annotated[tuple[_Relation, ...], Meta(max_length=100)] | None = None
    favours: Annotated[tuple[_Name, ...], Meta(max_length=100)] | None = None
    against: Annotated[tuple[_Name, ...], Meta(max_length=100)] | None = None
    tags: Annotated[tuple[_Line, ...], Meta(max_length=50)] | None = None
    type: Literal["claim"] | None = None
    id: _ClaimId | None = None
    quote: ClassVar[None] = None


class PlainLine(NamedTuple):
    """A line that says a plain claim, with all that can be known of it before the ledger is looked at."""

    line: bytes
    said: PlainClaim
    claim: bytes
    """The claim's JSON as it is stored, which is what `Claim` writes."""
    stream: str
    fresh: bool
    """Whether the claim was given its id just now, so that nothing can be in its own stream."""
    keys: tuple[str, ...]
    """The keys that it comes under; what stands for one of them already was recorded before."""
    fingerprint: bytes
    text: tuple[str, str] | None
    """The hash and the body of the statement."""
    spoken: datetime | None
    """The latest instant at which it was begun to be said."""
    by: str | None = None
    """Who records it."""


_DEFAULTS: tuple[tuple[str, object], ...] = (
    ("story", ()),
    ("facets", {}),
    ("polarity", "asserts"),
    ("modality", "asserted"),
    ("hedged", False),
    ("basis", "statement"),
    ("tz", "UTC"),
    ("relations", ()),
    ("tags", ()),
)
"""What a claim says where the line does not."""

_read = Decoder(PlainClaim).decode
_write = Encoder().encode
_write_sorted = Encoder(order="sorted").encode


def plain_line(line: bytes, make_id: Callable[[], str], by: str | None = None) -> PlainLine | None:
    """Return what the line says, its claim under an id from `make_id` if it has none; None if it is not plain.

    It is recorded by `by`.
    """
    # With a backslash a text may be written in several ways, and hold what no store takes.
    if b"\\" in line:
        return None
    try:
        said = _read(line)
        spoken = _spoken(said)
    except (MsgspecError, UnicodeDecodeError, UnreadableTime):
        return None
    again = _write(said)
    if not _is_as_long(line, again) or not _is_in_order(said):
        return None
    keys = (_key_of(line, said) if said.key is None else f"claim:{said.key}",)
    text = _keep_apart(said)
    if _leave_defaults_out(said) or text is not None:
        again = _write(said)
    fingerprint = hashlib.sha256(b"claim %b" % again).digest()
    fresh = said.id is None
    if said.id is None:
        said.id = make_id()
    for name, default in _DEFAULTS:
        if getattr(said, name) is None:
            setattr(said, name, default)
    return PlainLine(line, said, _write(said), f"claim/{said.id}", fresh, keys, fingerprint, text, spoken, by)


def _spoken(said: PlainClaim) -> datetime | None:
    """Return the latest start of the times at which it was said; raises UnreadableTime if one of its times is none."""
    tz = said.tz or "UTC"
    zone = read_timezone(tz)
    _start(said.valid.edtf, tz, zone)
    latest = _start(said.published.edtf, tz, zone)
    if said.stated is not None:
        stated = _start(said.stated.edtf, tz, zone)
        latest = stated if latest is None or (stated is not None and stated > latest) else latest
    return latest


def _start(edtf: str, tz: str, zone: tzinfo) -> datetime | None:
    start = ordinary_instant(edtf) or (ordinary_day(edtf) if zone is UTC else None)
    return start or read(edtf, tz).interval.start


def _is_as_long(line: bytes, again: bytes) -> bool:
    """Tell whether what was read is all that the line says, by what it is when written again.

    It is as long, spaces aside, only if nothing stands there twice, is null, or is a number in disguise.
    """
    return len(again) == len(line) or len(again.replace(b" ", b"")) == len(line.replace(b" ", b""))


def _is_in_order(said: PlainClaim) -> bool:
    quantity = said.quantity
    if quantity is not None and quantity.max is not None and quantity.max < quantity.min:
        return False
    for names in (said.story, said.favours, said.against, said.tags):
        if names and len(set(names)) < len(names):
            return False
    return not isinstance(said.statement, _Held)


def _keep_apart(said: PlainClaim) -> tuple[str, str] | None:
    statement = said.statement
    if not isinstance(statement, str):
        return None
    sha256 = sha256_of(statement)
    said.statement = _Held(sha256)
    return sha256, statement


def _leave_defaults_out(said: PlainClaim) -> bool:
    """Forget what goes without saying, and tell whether there was any: content is compared without it."""
    found = [name for name, default in _DEFAULTS if getattr(said, name) == default]
    if said.type is not None:
        found.append("type")
    for name in found:
        setattr(said, name, None)
    return bool(found)


def _key_of(line: bytes, said: PlainClaim) -> str:
    """Return `line_key` of the line; where it is ASCII, without reading it once more."""
    if not line.isascii() or b"\x7f" in line:
        return line_key(line)
    return f"line:{hashlib.sha256(_write_sorted(said)).hexdigest()}"
