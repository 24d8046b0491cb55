"""Ledgers of any size that look like a desk's: the same number of claims and the same seed give the same lines.

The claims run through ten years. They fall on towns unevenly; parties claim what they hold, sometimes what they lost,
and sometimes concede; words are said again and again, change, come late, are carried, denied, corrected, withdrawn and
voided; and in between the registry changes.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from pydantic_core import to_json

from bench.sayings import SPEAKERS, Saying
from bench.world import Body, World, story_of

START = datetime(2014, 1, 1, tzinfo=UTC)
END = datetime(2024, 1, 1, tzinfo=UTC)
"""What a ledger of this kind calls now."""
REGISTRY_EVERY = 15_000
"""Claims between two changes of the registry (each followed by an edition); a small ledger has twelve all the same."""
_AFTER = (("withdraw", 0.004), ("correct", 0.008), ("relation", 0.011), ("void", 0.012), ("assess", 0.0125))
"""What follows a claim of late, and the share of claims below which a throw of the dice means it."""


class Sent(NamedTuple):
    """A command of the ledger in its form for import, and what the event that follows from it says besides.

    `about` is the question and the source of the claim that the command ends or relates.
    """

    type: str
    body: Body
    about: tuple[Body, str] | None = None

    def line(self) -> bytes:
        """Return the line of an import."""
        return to_json(self.body if self.type == "claim" else {"type": self.type, **self.body})


@dataclass(slots=True)
class _Spoken:
    """A claim that still stands and was recorded not long ago."""

    body: Body
    position: int
    related: bool = False
    about: tuple[Body, str] = field(init=False)

    def __post_init__(self) -> None:
        self.about = (self.body["question"], self.body["chain"][0]["source"])


def ledger(claims: int, seed: int = 1) -> Iterator[Sent]:
    """Yield the commands of a ledger in order; each of them leads to exactly one event of a ledger that is empty."""
    return iter(_Telling(claims, seed))


def hot_question(claims: int, sources: int = 50, seed: int = 1) -> Iterator[Sent]:
    """Yield the same for a ledger of one question, `square/control`, on which few sources say very much."""
    return iter(_Square(claims, sources, seed))


class _Telling:
    """What has been told so far; for one run."""

    def __init__(self, claims: int, seed: int) -> None:
        self.claims = claims
        self.world = World(claims, seed)
        self._random = Random(f"ledger {seed}")
        self._position = 0
        self._recent: deque[_Spoken] = deque(maxlen=200)
        self._editions: defaultdict[str, int] = defaultdict(int)
        self._changes = _registry_changes(self.world)
        self._latest: dict[str, str] = {}
        self._step = (END - START) / max(claims, 1)
        self._saying = Saying(self._random)

    def __iter__(self) -> Iterator[Sent]:
        for type_, body in self.world.entries():
            yield self._sent(type_, body)
        every = max(1, min(REGISTRY_EVERY, self.claims // 12))
        for number in range(self.claims):
            when = START + self._step * number
            yield self._claim(number, when)
            throw = self._random.random()
            if throw < _AFTER[-1][1]:
                yield from self._after(next(name for name, share in _AFTER if throw < share), when)
            if number % every == every // 2:
                yield self._sent(*next(self._changes)(when))
                yield self._sent("edition", self._edition(self._recent[-1], when))

    def _sent(self, type_: str, body: Body, about: tuple[Body, str] | None = None) -> Sent:
        self._position += 1
        return Sent(type_, body, about)

    def _claim(self, number: int, when: datetime) -> Sent:
        random = self._random
        town = self.world.town(random.random())
        body = self._saying.claim(town, SPEAKERS[below(random, 100)], when)
        claim = _id(random, when)
        if random.random() < 0.075 and town.slug in self._latest:
            kind = ("carries", "carries_similar", "denies", "confirms", "contradicts")[int(random.random() * 5)]
            body["relations"] = [{"type": kind, "claim": self._latest[town.slug]}]
        if random.random() < 0.4:
            body["story"] = [story_of(town.country)]
        body["key"] = f"n{number:08}"
        body["id"] = claim
        sent = self._sent("claim", body)
        self._latest[town.slug] = claim
        self._recent.append(_Spoken(body, self._position))
        return sent

    def _after(self, name: str, when: datetime) -> Iterator[Sent]:
        """Yield what becomes of a claim of late, or what the desk makes of it."""
        place = below(self._random, len(self._recent))
        spoken = self._recent[place]
        if name in ("withdraw", "void", "correct"):
            del self._recent[place]
            yield self._sent(name, self._ended(name, spoken, when), spoken.about)
        elif name == "assess":
            yield self._sent(name, self._assessment(spoken, when))
        elif not spoken.related:
            yield from self._relation(spoken)

    def _ended(self, name: str, spoken: _Spoken, when: datetime) -> Body:
        claim = spoken.body["id"]
        if name == "withdraw":
            return {"claim": claim, "reason": f"Taken back on {_day(when)}."}
        if name == "void":
            return {"claim": claim, "reason": "The account was an impostor's."}
        replacement = {key: value for key, value in spoken.body.items() if key != "key"}
        replacement |= {"id": _id(self._random, when), "hedged": not spoken.body.get("hedged", False)}
        return {"claim": claim, "replacement": replacement, "reason": "Misheard."}

    def _relation(self, spoken: _Spoken) -> Iterator[Sent]:
        spoken.related = True
        claim, other = spoken.body["id"], self._recent[below(self._random, len(self._recent))].body["id"]
        if other != claim:
            relation = {"type": "confirms" if self._random.random() < 0.5 else "specifies", "claim": other}
            yield self._sent("relation", {"claim": claim, "relation": relation}, spoken.about)

    def _assessment(self, spoken: _Spoken, when: datetime) -> Body:
        place, country = spoken.body["question"]["location"], spoken.body["question"]["location"][:4]
        seen = {"physical_evidence": ["A satellite image."]} if self._random.random() < 0.5 else {}
        return {
            "id": f"v{self._position}",
            "question": {"location": place, "aspect": "control"},
            "value": f"{country}-{'army' if self._random.random() < 0.5 else 'rebels'}",
            "valid": {"edtf": _day(when)},
            "rationale": "The desk looked at the front line.",
            **seen,
        }

    def _edition(self, spoken: _Spoken, when: datetime) -> Body:
        story = story_of(int(spoken.body["question"]["location"][1:4]))
        self._editions[story] += 1
        return {
            "story": story,
            "number": self._editions[story],
            "title": f"The front on {_day(when)}",
            "published": {"edtf": _instant(when)},
            "as_of": self._position,
            "policy": "desk/1",
            "claims": [spoken.body["id"]],
        }


class _Square:
    def __init__(self, claims: int, sources: int, seed: int) -> None:
        self.claims = claims
        self.sources = sources
        self._random = Random(f"hot {seed}")

    def __iter__(self) -> Iterator[Sent]:
        kinds = ("party", "party", *(("wire", "monitor", "outlet", "ngo", "state_media")[n % 5] for n in range(2, 50)))
        for n in range(self.sources):
            yield Sent("source", {"slug": f"s{n}", "kind": kinds[n % 50], "name": f"Source {n}"})
        ties = {"from": "s0", "relation": "opposes", "to": "s1"}
        yield Sent("affiliation", {"id": "s0/opposes/s1", **ties})
        yield Sent("location", {"slug": "square", "names": ["The square"], "precision": "exact"})
        step, holder = (END - START) / max(self.claims, 1), 0
        for number in range(self.claims):
            when = START + step * number
            holder = 1 - holder if self._random.random() < 0.005 else holder
            value = holder if self._random.random() < 0.9 else 1 - holder
            yield Sent("claim", self._said(number, f"s{number % self.sources}", f"s{value}", when))

    def _said(self, number: int, source: str, value: str, when: datetime) -> Body:
        return {
            "key": f"h{number:08}",
            "question": {"location": "square", "aspect": "control"},
            "value": value,
            "chain": [{"source": source, "role": "speaker", "mode": "quote", "naming": "named"}],
            "valid": {"edtf": _day(when)},
            "published": {"edtf": _instant(when)},
            "id": _id(self._random, when),
        }


def _registry_changes(world: World) -> Iterator[Callable[[datetime], tuple[str, Body]]]:
    """Yield changes of the registry, one country after another; each says something new."""
    round_ = 0
    while True:
        for country in range(world.countries):
            own = f"c{country:03}"
            if round_ < len(_ONCE):
                yield lambda when, own=own, change=_ONCE[round_]: change(own, _day(when))
            else:
                grade = "ABCDE"[round_ % 5]
                rating = {"source": f"{own}-paper", "scale": "desk", "grade": grade, "rationale": "Seen since."}
                yield lambda _, rating=rating: ("rating", rating)
        round_ += 1


_ONCE: tuple[Callable[[str, str], tuple[str, Body]], ...] = (
    lambda own, _: ("lean_ended", {"source": f"{own}-paper", "towards": f"{own}-government"}),
    lambda own, day: ("affiliation", {"id": f"{own}/paper/run_by/government", "from": f"{own}-paper",
                                      "relation": "run_by", "to": f"{own}-government", "valid": {"edtf": day}}),
    lambda own, _: ("rating", {"source": f"{own}-paper", "scale": "desk", "grade": "B", "rationale": "A year of it."}),
    lambda own, _: ("source", {"slug": f"{own}-rescuers", "kind": "responder", "name": f"Civil rescuers of {own}"}),
    lambda own, day: ("affiliation_ended", {"affiliation": f"{own}/ally/allied_with/government", "at": {"edtf": day}}),
    lambda own, _: ("location_link", {"from": f"{own}-t001", "relation": "vicinity_of", "to": f"{own}-t000"}),
    lambda own, _: ("lean", {"source": f"{own}-rescuers", "towards": f"{own}-rebels"}),
    lambda own, _: ("affiliation_ended", {"affiliation": f"{own}/agency/owned_by/rebels"}),
    lambda own, _: ("location_link_ended", {"from": f"{own}-t001", "relation": "vicinity_of", "to": f"{own}-t000"}),
)  # fmt: skip


def below(random: Random, limit: int) -> int:
    """Return a whole number from 0 up to, and without, the limit; quicker than `randrange`."""
    return int(random.random() * limit)


def _id(random: Random, when: datetime) -> str:
    """Return a UUID of version 7 of the moment, as a desk's programs make them."""
    digits = f"{int(when.timestamp() * 1000):012x}{random.getrandbits(72):018x}"
    return f"{digits[:8]}-{digits[8:12]}-7{digits[12:15]}-8{digits[15:18]}-{digits[18:]}"


def _day(when: datetime) -> str:
    return when.date().isoformat()


def _instant(when: datetime) -> str:
    return f"{when.isoformat(timespec='seconds').removesuffix('+00:00')}Z"
