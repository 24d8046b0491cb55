"""Who a protected source is stays beside the ledger, which holds a commitment: proof for who knows, nothing to others.

An event is copied, streamed, signed and exported, and nothing takes it back. So who a protected source is never becomes
part of one, and whatever is made of events cannot tell it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from pydantic import ConfigDict, JsonValue

from domain.belief.canonical import canonical
from domain.spelling import unkept_words_of
from domain.values import Fact, Line, Passage, Sha256, Slug

SALT = 32
"""Bytes of chance in a commitment: without them, a list of names would be enough to find the one."""
_SHORT = 3
"""Letters of a word from which on it tells of somebody; one of just so many is looked for as a word of its own."""


class Identity(Fact):
    """Who a protected source is. It never shows itself: neither in a trace of calls nor in an error."""

    model_config = ConfigDict(hide_input_in_errors=True)

    name: Line
    note: Passage | None = None

    def __repr__(self) -> str:
        """Return nothing of what it says."""
        return "Identity(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Sealed:
    """An identity with the salt of its commitment: what is kept beside the ledger."""

    source: Slug
    identity: Identity
    salt: bytes = field(repr=False)

    @property
    def body(self) -> bytes:
        """The canonical form that the commitment is to (RFC 8785), which names the source that it is of."""
        said: dict[str, JsonValue] = {"name": self.identity.name, "source": self.source}
        return canonical(said if self.identity.note is None else {**said, "note": self.identity.note})

    @property
    def commitment(self) -> Sha256:
        """SHA-256 of salt and body, in lower-case hexadecimal."""
        return hashlib.sha256(self.salt + self.body).hexdigest()


def gives_away(identity: Identity, told: str) -> bool:
    """Tell whether a text for everybody holds a word of the name, whatever its case, accents and hyphens.

    It would rather see a name too often: whoever is refused writes another word, and what is recorded stays.
    """
    said = unkept_words_of(told)
    together = "".join(said)
    return any(word in said or (_is_long(word) and word in together) for word in _telling(identity.name))


def _telling(name: str) -> tuple[str, ...]:
    """Return the words of a name that tell of somebody; all of them where each is short."""
    words = unkept_words_of(name)
    return tuple(word for word in words if len(word) >= _SHORT) or words


def _is_long(word: str) -> bool:
    """Tell whether a word within a longer one is no chance: three letters of ours may be, three of Chinese are not."""
    return len(word) > _SHORT or not word.isascii()
