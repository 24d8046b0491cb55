"""Claims, beliefs and quotes are understood elsewhere: as schema.org, W3C PROV or Web Annotation, in JSON-LD.

The contexts are part of the package and of each document: nobody has to fetch one to read it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, cast
from urllib.parse import quote as escaped

from domain.registry_view import RegistryView
from domain.times import show
from services import words
from services.cuts import Answer
from services.errors import BadQuery, Wrong
from services.facts import Facts
from services.shown import Json
from services.store.event_log import EventLog
from services.telling import Teller

BeliefForm = Literal["schema", "prov"]
ClaimForm = Literal["schema", "prov", "annotation"]
AROUND = 32
"""Code points before and after a quote that are given to find it by, where the document's text is held."""
_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?)?)?")
_PERSONS = ("witness",)


@cache
def contexts() -> dict[str, Json]:
    """Return the context of each form."""
    return json.loads((files("services") / "contexts" / "linked.json").read_text(encoding="utf-8"))


class Linked:
    """Writes claims and beliefs, as `Claims.claim` and `Beliefs.belief` answered them, for the web of data."""

    def __init__(self, log: EventLog, facts: Facts) -> None:
        self._log = log
        self._facts = facts

    def claim(self, answer: Answer[Json], form: ClaimForm, base: str) -> Json:
        """Return the claim in a form; `base` is the address of the service. Raises BadQuery where it has no quote."""
        naming = _Naming(self._facts.view(answer.position), base)
        match form:
            case "schema":
                made = _claim(answer.body, naming)
            case "prov":
                made = _claim_as_entity(answer.body, naming)
            case "annotation":
                made = self._annotation(answer.body, naming)
        return {"@context": contexts()[form], **made}

    def belief(self, answer: Answer[Json], form: BeliefForm, address: str, base: str) -> Json:
        """Return the belief in a form; `address` is the path under which it is had again."""
        naming = _Naming(self._facts.view(answer.position), base)
        if form == "schema":
            return {"@context": contexts()[form], **_review(answer.body, naming, address)}
        recorded = self._log.at(answer.position)
        known = show(recorded.recorded) if recorded else None
        return {"@context": contexts()[form], **_belief_as_entity(answer.body, naming, address, known)}

    def _annotation(self, body: Json, naming: _Naming) -> Json:
        quote = cast("Json | None", body.get("quote"))
        if quote is None:
            raise BadQuery([Wrong("form", "the claim points at no words of a document", "schema or prov")])
        start, end = cast("int", quote["start"]), cast("int", quote["end"])
        document = str(quote["document"])
        selectors: list[Json] = [{"type": "TextPositionSelector", "start": start, "end": end}]
        held = self._log.texts({document}).get(document)
        if held is not None:
            around = {"prefix": held[max(start - AROUND, 0) : start], "suffix": held[end : end + AROUND]}
            selectors.insert(0, {"type": "TextQuoteSelector", "exact": held[start:end], **around})
        elif isinstance(quote.get("exact"), str):
            selectors.insert(0, {"type": "TextQuoteSelector", "exact": quote["exact"]})
        return {
            "id": f"{naming.claim(str(body['id']))}#quote",
            "type": "Annotation",
            "motivation": "linking",
            "body": naming.claim(str(body["id"])),
            "target": {
                "type": "SpecificResource",
                "source": naming.at("documents", document),
                "selector": selectors,
            },
        }


class _Naming:
    """Names things by their addresses, and calls them what the registry does."""

    def __init__(self, view: RegistryView, base: str) -> None:
        self._view = view
        self._base = base
        self.teller = Teller(view, {}, {})

    def at(self, kind: str, slug: str) -> str:
        """Return the address of a thing."""
        return f"{self._base}/v1/{kind}/{slug}"

    def claim(self, name: str) -> str:
        """Return the address of a claim."""
        return self.at("claims", name)

    def path(self, path: str) -> str:
        """Return the address of a path."""
        return f"{self._base}{path}"

    def agent(self, slug: str) -> Json:
        """Return a source as schema.org knows those who speak."""
        found = self._view.source(slug)
        kind = "Person" if found and found.kind in _PERSONS else "Organization"
        return {"type": kind, "id": self.at("sources", slug), "name": self.teller.called(slug)}

    def place(self, slug: str) -> Json:
        """Return a location as a place."""
        return {"type": "Place", "id": self.at("locations", slug), "name": self.teller.at(slug)}


def _said(body: Json, naming: _Naming) -> str:
    """Return what a claim says: the desk's words, or its value where these are not held."""
    statement = body.get("statement")
    if isinstance(statement, str):
        return statement
    denied = "not " if body.get("polarity") == "denies" else ""
    value = words.value(body.get("quantity") or body.get("value"), naming.teller.called)
    return f"{naming.teller.question(cast('Json', body['question']))}: {denied}{value}"


def _claim(body: Json, naming: _Naming) -> Json:
    chain = cast("Sequence[Mapping[str, str]]", body["chain"])
    publishers = [link["source"] for link in chain[1:] if link["role"] in ("carrier", "publisher")]
    published = str(cast("Json", body["published"])["edtf"])
    quote = cast("Json | None", body.get("quote"))
    return {
        "type": "Claim",
        "id": naming.claim(str(body["id"])),
        "identifier": str(body["id"]),
        "text": _said(body, naming),
        "author": naming.agent(chain[0]["source"]),
        "about": naming.place(str(cast("Json", body["question"])["location"])),
        "temporalCoverage": str(cast("Json", body["valid"])["edtf"]),
        "creativeWorkStatus": str(body["status"]),
        **({"datePublished": published} if _ISO.fullmatch(published) else {}),
        **({"publisher": [naming.agent(slug) for slug in publishers]} if publishers else {}),
        **({"appearance": naming.at("documents", str(quote["document"]))} if quote else {}),
    }


def _review(body: Json, naming: _Naming, address: str) -> Json:
    """Return a belief as a ClaimReview. Only what is uncontested has a rating: disputed is not a low confidence."""
    strength = str(body["strength"] or "")
    told = f"{naming.teller.question(cast('Json', body['question']))}: {words.finding(body, naming.teller.called)}"
    rating: Json = {"type": "Rating", "alternateName": words.support(body)}
    if strength:
        rating |= {"ratingValue": int(strength[1:]), "worstRating": 1, "bestRating": 6}
    return {
        "type": "ClaimReview",
        "id": naming.path(address),
        "identifier": f"sha-256:{body['digest']}",
        "claimReviewed": told,
        "reviewAspect": f"rule {body['rule']}",
        "author": {"type": "Organization", "name": f"OnRecord, policy {body['policy']}"},
        "reviewRating": rating,
        "itemReviewed": {"type": "Claim", "about": naming.place(str(cast("Json", body["question"])["location"]))},
        "isBasedOn": [naming.claim(name) for name in _counted(body)],
    }


def _counted(body: Json) -> list[str]:
    """Return the claims for and against."""
    return sorted({*cast("Sequence[str]", body["supporters"]), *cast("Sequence[str]", body["objectors"])})


def _claim_as_entity(body: Json, naming: _Naming) -> Json:
    chain = cast("Sequence[Mapping[str, str]]", body["chain"])
    name = naming.claim(str(body["id"]))
    quote = cast("Json | None", body.get("quote"))
    agents = [
        {"type": "Agent", "id": naming.at("sources", slug), "label": naming.teller.called(slug)}
        for slug in dict.fromkeys(link["source"] for link in chain)
    ]
    entity: Json = {
        "type": "Entity",
        "id": name,
        "value": _said(body, naming),
        "generatedAtTime": body["recorded"],
        "wasAttributedTo": naming.at("sources", chain[0]["source"]),
        "qualifiedAttribution": [
            {
                "type": "Attribution",
                "agent": naming.at("sources", link["source"]),
                "hadRole": naming.path(f"/docs#{link['role']}"),
            }
            for link in chain
        ],
        **({"wasQuotedFrom": naming.at("documents", str(quote["document"]))} if quote else {}),
    }
    recording = _recording(body, naming, name)
    if recording:
        entity["wasGeneratedBy"] = recording[0]["id"]
    ending = cast("Json", body.get("ending") or {})
    instead = ending.get("replacement")
    corrected = [{"type": "Entity", "id": naming.claim(str(instead)), "wasRevisionOf": name}] if instead else []
    return {"graph": [entity, *agents, *recording, *corrected]}


def _recording(body: Json, naming: _Naming, name: str) -> list[Json]:
    """Return the recording of a claim and who did it, where that was noted; it is not who said it."""
    by = body.get("recorded_by")
    if not isinstance(by, str):
        return []
    who = naming.path(f"/#{escaped(by, safe=':')}")
    recording: Json = {"type": "Activity", "id": f"{name}#recording", "endedAtTime": body["recorded"]}
    return [{**recording, "wasAssociatedWith": who}, {"type": "Agent", "id": who, "label": by}]


def _belief_as_entity(body: Json, naming: _Naming, address: str, known: str | None) -> Json:
    name = naming.path(address)
    counted = [naming.claim(claim) for claim in _counted(body)]
    policy = naming.path(f"/v1/policies#{body['policy']}")
    told = f"{naming.teller.question(cast('Json', body['question']))}: {words.finding(body, naming.teller.called)}"
    entity: Json = {
        "type": "Entity",
        "id": name,
        "value": told,
        "wasDerivedFrom": counted,
        "wasGeneratedBy": f"{name}#judgement",
        **({"generatedAtTime": known} if known else {}),
    }
    judging: Json = {"type": "Activity", "id": f"{name}#judgement", "used": counted, "wasAssociatedWith": policy}
    agent: Json = {"type": "SoftwareAgent", "id": policy, "label": f"OnRecord, policy {body['policy']}"}
    return {"graph": [entity, judging, agent]}
