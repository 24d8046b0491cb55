"""Whoever asks is known by a name that goes into what they record, and may do what their rights say and no more."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass

RIGHTS: frozenset[str] = frozenset({"read", "record", "edit", "identify", "run", "admin"})
"""Every right there is."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was let in."""

    by: str
    """The name that is kept with what they record: `key:anna`, `oidc:id.example.org:7f3a`, `local:anna` or `open`."""
    role: str
    """What they were given, such as `reporter`; it is told to them, and nothing is decided by it."""
    rights: frozenset[str]
    """Those of `RIGHTS` that they have."""


OPEN = Caller("open", "admin", RIGHTS)
"""Whoever reaches a service that asks nobody for a key."""


def at_the_terminal() -> Caller:
    """Return whoever runs this process: at the command line the machine has let them in already."""
    user = os.geteuid()
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        name = ""
    # A name that a ledger could not keep, or none, is no reason to record nothing.
    return Caller(f"local:{name if name.isprintable() and 0 < len(name) < 190 else user}", "admin", RIGHTS)
