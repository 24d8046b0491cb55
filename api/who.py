"""Keys, who somebody is taken for, and who a protected source is, are shown in these shapes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.said import ErasedShown
from api.wire import Instant, Shown
from domain.values import Position, Sha256, Slug
from services.access.roles import Right, Role


class KeyShown(Shown):
    """A key: all but the key itself, which is in the answer that makes it and nowhere else."""

    name: Slug
    role: Role
    key: str | None = Field(default=None, description="`onr_…`; in the answer that makes it, and nowhere else.")
    made: Instant
    made_by: str
    expires: Instant | None
    revoked: Instant | None
    revoked_by: str | None
    last_used: Instant | None = Field(description="Within a minute.")
    stands: bool = Field(description="Whether it lets anybody in now.")


class KeyList(Shown):
    """All keys that ever were, by name."""

    keys: list[KeyShown]


class IdentityShown(Shown):
    """Who a protected source is; `name` is null where that is not held here, or was erased."""

    source: Slug
    name: str | None
    note: str | None
    commitment: Sha256
    since: Position = Field(description="Where the ledger committed to it.")
    erased: ErasedShown | None


class SessionShown(Shown):
    """Who asks, as the service knows them, and what they may do; without `by` it is not known."""

    access: Literal["keys", "open"] = Field(description="`open`: nobody is asked for a key.")
    by: str | None = Field(description="The name that is kept with what they record.")
    role: str | None
    rights: list[Right]
