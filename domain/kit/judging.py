"""Given a registry and claims, when a question is asked, then a policy believes this of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from domain.belief.asked import Asked
from domain.belief.case import Case, Cut, Made
from domain.belief.explain import belief
from domain.belief.policy import Policy
from domain.belief.word import At, at_present
from domain.kit.broken import Unexpected, differences
from domain.kit.paper import PaperLedger, Said
from domain.kit.saying import PLACE, question
from domain.times import instant, read, read_instant

NOON = "2016-11-08T12:00:00Z"
"""When it is, and what is asked about, where a test does not say otherwise: the noon of the day of `saying`."""
PRESENT = ""
"""As `valid`: no valid time is given; states are taken now, the rest by their latest episode."""


def moment_at(valid: str = NOON, *, now: str = NOON, tz: str = "UTC") -> At:
    """Return the valid time of an EDTF text or an instant; `PRESENT` is the present."""
    here = read_instant(now)
    return At(read(valid, tz).interval, instant(here)) if valid else at_present(here)


def cut_of(ledger: PaperLedger, position: int | None = None) -> Cut:
    """Return all that is on paper, as it was known at a position; without one, now."""
    case = Case(ledger.book, ledger.standings.values(), [Made(*made) for made in ledger.made])
    return case.at(ledger.head if position is None else position)


@dataclass(frozen=True)
class Told:
    """An example of a policy: a ledger that may be asked."""

    policy: Policy
    ledger: PaperLedger

    def and_then(self, *said: Said) -> Told:
        """Record something more."""
        self.ledger.tell(*said)
        return self

    def asked(
        self,
        place: str = PLACE,
        valid: str = NOON,
        *,
        as_of: int | None = None,
        without: Iterable[str] = (),
        now: str = NOON,
        tz: str = "UTC",
    ) -> Believed:
        """Ask a question (`minian/control`, `minian/strike/russia`) at V, R, and as if some sources had not spoken.

        `valid` is EDTF or an instant, or `PRESENT`; `as_of` is a position.
        """
        asked = Asked(question(place), moment_at(valid, now=now, tz=tz), self.policy, frozenset(without))
        return Believed(f"{self.policy.name} on {place}", belief(cut_of(self.ledger, as_of), asked))


@dataclass(frozen=True)
class Believed:
    """An answer: `belief` is the JSON that the API gives."""

    asked: str
    belief: Mapping[str, object]

    def then(self, **expected: object) -> Believed:
        """Check members of the belief, such as `agreement`, `value`, `strength`, `rule`, `lean`; raises Unexpected.

        `sides` are given as names with their strengths. What is not named is not looked at.
        """
        unknown = ", ".join(name for name in expected if name not in self.belief)
        if unknown:
            raise Unexpected(f"a belief has no {unknown}; it has {', '.join(self.belief)}")
        found = {name: _plain(name, self.belief[name]) for name in expected}
        wrong = "; ".join(differences(expected, found))
        if wrong:
            raise Unexpected(f"{self.asked} believes otherwise: {wrong}. In short: {self.line()}")
        return self

    def line(self) -> str:
        """Return the belief in a line, such as `uncontested S3 ongoing R4`."""
        sides = cast("Mapping[str, str]", _plain("sides", self.belief["sides"]))
        named = ", ".join(f"{name} {strength}" for name, strength in sides.items())
        lean = f"leaning to {self.belief['lean']}" if self.belief["lean"] else None
        shown = (*(self.belief[name] for name in ("agreement", "strength", "value", "rule")), named, lean)
        return " ".join(str(part) for part in shown if part)


def _plain(name: str, found: object) -> object:
    if name != "sides":
        return found
    sides = cast("Mapping[str, Mapping[str, object]]", found)
    return {side: told["strength"] for side, told in sides.items()}
