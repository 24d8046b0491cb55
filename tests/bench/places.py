"""A ledger of many places, each with a history of its own, for whatever draws them all: the same seed, the same lines.

Two sides that oppose each other, their media, and some who take no side say of every place who holds it: it changes
hands now and then, and not everybody agrees at once. Nothing lies in anything else: each place is judged by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from pydantic_core import to_json

Body = dict[str, Any]
FIRST = date(2016, 1, 1)
DAYS = 330
SIDES = ("north", "south")
SPEAKERS = ("north", "south", "north-radio", "south-news", "wire", "monitor", "relief")
STORY = "front"


def lines(places: int, each: int = 5, seed: int = 1) -> Iterator[bytes]:
    """Yield the lines of an import: a registry, then `each` claims on the control of every place, by date."""
    random = Random(f"places {seed}")
    yield from (to_json(body) for body in _registry(places, random))
    said = sorted(_claims(places, each, random), key=lambda body: str(body["valid"]["edtf"]))
    yield from (to_json({**body, "key": f"p{number:07}"}) for number, body in enumerate(said))


def _registry(places: int, random: Random) -> Iterator[Body]:
    kinds = ("party", "party", "party_media", "outlet", "wire", "monitor", "ngo")
    for slug, kind in zip(SPEAKERS, kinds, strict=True):
        yield {"type": "source", "slug": slug, "kind": kind, "name": slug.replace("-", " ").capitalize()}
    for low, tie, high in (("north", "opposes", "south"), ("north-radio", "run_by", "north")):
        yield {"type": "affiliation", "id": f"{low}/{tie}/{high}", "from": low, "relation": tie, "to": high}
    for number in range(places):
        # Along a front of some hundred kilometres, denser in its middle.
        point = [round(36.5 + random.gauss(0, 1.2), 5), round(35.6 + random.gauss(0, 0.8), 5)]
        yield {
            "type": "location",
            "slug": f"p{number:05}",
            "names": [f"Place {number}"],
            "precision": "vicinity" if number % 10 == 0 else "locality",
            "geometry": {"type": "Point", "coordinates": point},
        }
    yield {"type": "story", "slug": STORY, "title": "The front", "tz": "UTC"}


def _claims(places: int, each: int, random: Random) -> Iterator[Body]:
    for number in range(places):
        days = sorted(random.sample(range(DAYS), each))
        holder = random.randrange(2)
        for day in days:
            holder = 1 - holder if random.random() < 0.4 else holder
            speaker = random.choice(SPEAKERS)
            yield {
                "question": {"location": f"p{number:05}", "aspect": "control"},
                "value": SIDES[holder if random.random() < 0.85 else 1 - holder],
                "chain": [{"source": speaker, "role": "speaker", "mode": "quote", "naming": "named"}],
                "valid": {"edtf": (FIRST + timedelta(days=day)).isoformat()},
                "published": {"edtf": (FIRST + timedelta(days=day)).isoformat()},
                "story": [STORY],
            }
