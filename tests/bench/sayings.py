"""What a source says of a town depends on what is so there, on whose side it is, and on what it said before."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from bench.world import GLOBAL, Body, Town

_WEIGHTS = (
    ("army", 12), ("spokesman", 6), ("government", 8), ("ally", 3), ("rebels", 15), ("brigade", 6), ("television", 5),
    ("agency", 5), ("observatory", 13), ("rescuers", 6), ("paper", 4), ("resident", 5), ("official", 4), ("global", 8),
)  # fmt: skip
SPEAKERS = tuple(name for name, weight in _WEIGHTS for _ in range(weight))
"""Who speaks, of a hundred."""
_OURS = frozenset({"army", "spokesman", "government", "ally", "television"})
_THEIRS = frozenset({"rebels", "brigade", "agency"})
_ASPECTS = (
    *("control",) * 40, *("fighting",) * 20, *("strike",) * 15, *("territory_change",) * 10, *("casualties",) * 9,
    *("siege",) * 2, "curfew", "intent", "significance", "location_fact",
)  # fmt: skip
_BASES = (*("statement",) * 82, *("witnessed",) * 8, *("imagery",) * 3, *("document",) * 2, *("unstated",) * 5)
_TAGS = (["front"], ["civilians"], ["meta"], ["front", "verified"])
_QUANTITIES = (
    {"min": 3, "max": 3}, {"min": 5, "max": 8}, {"min": 12, "verbatim": "dozens"}, {"min": 17, "max": 17},
    {"min": 20, "max": 40}, {"min": 100, "verbatim": "hundreds"},
)  # fmt: skip
_PUBLISHERS = tuple(slug for slug, kind, _ in GLOBAL if kind in ("wire", "outlet"))


class Saying:
    """Makes the bodies of claims, all from one stream of chance."""

    def __init__(self, random: Random) -> None:
        self._chance = random.random

    def claim(self, town: Town, speaker: str, when: datetime) -> Body:
        """Return what the speaker says of the town; the caller adds id, key, story and relations."""
        chance = self._chance
        own = f"c{town.country:03}-"
        aspect = _ASPECTS[int(chance() * len(_ASPECTS))]
        source = GLOBAL[int(chance() * len(GLOBAL))][0] if speaker == "global" else own + speaker
        # Some words come in late: what they speak of was long before they were recorded.
        written = when.isoformat(timespec="seconds")[:19]
        day = (when - timedelta(days=30 + int(chance() * 700))).date().isoformat() if chance() < 0.03 else written[:10]
        body: Body = {"question": {"location": town.slug, "aspect": aspect}}
        if aspect == "control":
            self._control(body, town, speaker, source, day)
        else:
            self._other(body, aspect, town, day)
        body["chain"] = self._chain(speaker, source, own)
        self._manner(body)
        body["published"] = {"edtf": f"{written}Z"}
        if chance() < 0.1:
            said = body.get("value", "many fell")
            body["statement"] = f"{source} says of {town.slug} ({aspect}) at {day[:7]}: {said}."
        return body

    def _control(self, body: Body, town: Town, speaker: str, source: str, day: str) -> None:
        chance = self._chance
        if chance() < 0.02:
            town.holder = "rebels" if town.holder == "government" else "government"
            town.since = day
        said = self._believed(town, speaker)
        valid = town.since if chance() < 0.4 else day
        before = town.said.get(source)
        if before is not None and chance() < 0.03:
            # It changes its mind: of the same day it now says something else.
            valid, said = before[0], "rebels" if before[1] == "government" else "government"
        town.said[source] = (valid, said)
        body["value"] = f"c{town.country:03}-{said}"
        if chance() < 0.07:
            body["polarity"] = "denies"
        if chance() < 0.3:
            body["facets"] = {"extent": "full" if chance() < 0.7 else "partial"}
        body["valid"] = {"edtf": valid}

    def _believed(self, town: Town, speaker: str) -> str:
        if speaker in _OURS or speaker in _THEIRS:
            own = "government" if speaker in _OURS else "rebels"
            return own if town.holder == own or self._chance() < 0.75 else town.holder
        return town.holder if self._chance() < 0.93 else "rebels"

    def _other(self, body: Body, aspect: str, town: Town, day: str) -> None:
        chance = self._chance
        side = "government" if chance() < 0.5 else "rebels"
        if aspect == "casualties":
            body["quantity"] = _QUANTITIES[int(chance() * len(_QUANTITIES))]
        elif aspect == "fighting":
            body["value"] = "ongoing" if chance() < 0.75 else "none"
        elif aspect == "strike":
            body["value"] = "occurred" if chance() < 0.85 else "none"
        elif aspect == "territory_change":
            body["question"]["subject"] = f"c{town.country:03}-{side}"
            body["value"] = ("captured", "advanced", "recaptured", "lost", "withdrew")[int(chance() * 5)]
        else:
            few = {"siege": ("besieged", "open"), "curfew": ("on", "off"), "intent": ("storm", "withdraw")}
            body["value"] = few.get(aspect, ("a turning point", "of no weight"))[int(chance() * 2)]
        if aspect == "strike" and chance() < 0.5:
            body["question"]["subject"] = f"c{town.country:03}-{side}"
        body["valid"] = {"edtf": f"{day}/.." if aspect == "intent" else day}

    def _chain(self, speaker: str, source: str, own: str) -> list[Body]:
        unnamed = speaker in ("official", "resident")
        chain = [{"source": source, "role": "speaker", "mode": "quote", "naming": "unnamed" if unnamed else "named"}]
        if speaker == "army" and self._chance() < 0.3:
            chain.append({"source": f"{own}spokesman", "role": "spokesperson", "mode": "quote", "naming": "named"})
        if unnamed and self._chance() < 0.6:
            chain.append({"source": f"{own}paper", "role": "carrier", "mode": "carried", "naming": "named"})
        if self._chance() < 0.7:
            publisher = _PUBLISHERS[int(self._chance() * len(_PUBLISHERS))]
            chain.append({"source": publisher, "role": "publisher", "mode": "paraphrase", "naming": "named"})
        return chain

    def _manner(self, body: Body) -> None:
        chance = self._chance
        basis = _BASES[int(chance() * len(_BASES))]
        if basis != "statement":
            body["basis"] = basis
        if chance() < 0.06:
            body["hedged"] = True
        if chance() < 0.03:
            body["modality"] = ("planned", "predicted", "presupposed", "opinion")[int(chance() * 4)]
        if chance() < 0.1:
            body["tags"] = _TAGS[int(chance() * len(_TAGS))]
