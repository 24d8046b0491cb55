"""Every call has an example that works, on a ledger that holds the lines of the import's example.

The story is invented: a strike in a harbour, told by a union, a company and an agency.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from domain.values import sha256_of

Members = dict[str, JsonValue]
LEAFLET = "Nobody works the north quay until the night shift is paid."
LETTER = "To the harbour master: we have let the night shift go."


def _id(number: int) -> str:
    return f"0192f0c4-7a00-7000-8000-{number:012d}"


def _claim(number: int, source: str, said: str | None, day: str, **more: JsonValue) -> Members:
    """Return a claim on the stoppage at the north quay, as the agency carried it."""
    chain: list[JsonValue] = [{"source": source, "role": "speaker", "mode": "paraphrase", "naming": "named"}]
    if source != "coast-wire":
        chain.append({"source": "coast-wire", "role": "publisher", "mode": "paraphrase", "naming": "named"})
    return {
        "id": _id(number),
        "story": ["harbour-strike"],
        "question": {"location": "north-quay", "aspect": "stoppage"},
        "value": said,
        "chain": chain,
        "tz": "+01:00",
        "valid": {"edtf": day},
        "published": {"edtf": day},
        **more,
    }


WORLD: tuple[Members, ...] = (
    {"type": "source", "slug": "dockers-union", "kind": "party", "name": "Dockers' union"},
    {"type": "source", "slug": "port-company", "kind": "party", "name": "Port company"},
    {"type": "source", "slug": "coast-wire", "kind": "wire", "name": "Coast Wire"},
    {
        "type": "affiliation",
        "id": "dockers-union/opposes/port-company",
        "from": "dockers-union",
        "relation": "opposes",
        "to": "port-company",
    },
    {"type": "lean", "source": "coast-wire", "towards": "port-company"},
    {
        "type": "location",
        "slug": "harbour",
        "names": ["the harbour"],
        "precision": "region",
        "geometry": {"type": "Point", "coordinates": [9.97, 53.54]},
    },
    {
        "type": "location",
        "slug": "north-quay",
        "names": ["North Quay"],
        "precision": "exact",
        "geometry": {"type": "Point", "coordinates": [9.99, 53.55]},
    },
    {"type": "location", "slug": "fish-market", "names": ["the fish market"], "precision": "locality"},
    {"type": "location_link", "from": "north-quay", "relation": "part_of", "to": "harbour"},
    {"type": "location_link", "from": "fish-market", "relation": "vicinity_of", "to": "north-quay"},
    {"type": "aspect", "name": "stoppage", "kind": "state", "values": ["on", "off"], "inherits": {"direction": "down"}},
    {"type": "aspect", "name": "ballot", "kind": "tally", "quantity": True},
    {"type": "story", "slug": "harbour-strike", "title": "The harbour strike", "tz": "+01:00"},
    {"type": "document", "sha256": sha256_of(LEAFLET), "media_type": "text/plain", "text": LEAFLET},
    {"type": "document", "sha256": sha256_of(LETTER), "media_type": "text/plain", "text": LETTER},
    _claim(1, "dockers-union", "on", "2024-11-04", statement="The union says that nobody works at the north quay."),
    _claim(
        2, "coast-wire", "on", "2024-11-04", statement="The agency's reporter saw no crane move.", basis="witnessed"
    ),
    _claim(3, "port-company", "on", "2024-11-04", statement="The company speaks of a stoppage."),
    _claim(4, "port-company", "off", "2024-11-05", statement="The company says that work goes on."),
    _claim(5, "dockers-union", "off", "2024-11-06", statement="A message in the union's name calls the strike off."),
    _claim(
        6,
        "dockers-union",
        None,
        "2024-11-03",
        question={"location": "north-quay", "aspect": "ballot", "subject": "night-shift"},
        quantity={"min": 212, "verbatim": "212 votes"},
        statement="The union counts 212 votes of the night shift for a strike.",
    ),
    {
        "type": "edition",
        "story": "harbour-strike",
        "title": "Cranes stand still at the north quay",
        "published": {"edtf": "2024-11-04T18:00:00+01:00"},
        "as_of": 18,
        "policy": "desk/1",
        "claims": [_id(1), _id(2)],
    },
    {
        "type": "source",
        "slug": "crane-driver",
        "kind": "witness",
        "name": "somebody who works at the quay",
        "confidential": True,
        "identity": {"name": "Jonte Harms", "note": "Only by telephone."},
    },
)
"""What the other examples presuppose: one line each, in this order."""


@dataclass(frozen=True, slots=True)
class Example:
    """What is sent in one call: the values of parameters by name, and the body."""

    given: Mapping[str, JsonValue] = field(default_factory=dict)
    body: JsonValue = None


_QUAY = {"location": "north-quay"}
_THEN: Members = {"as_of": "20", "valid_at": "2024-11-05", "tz": "+01:00"}
_RELATED: Members = {"type": "confirms", "claim": _id(1)}

EXAMPLES: dict[str, Example] = {
    "import_lines": Example(body="".join(json.dumps(line) + "\n" for line in WORLD)),
    "record_claim": Example(
        {"Idempotency-Key": "harbour/7"},
        _claim(7, "port-company", "on", "2024-11-07", statement="The company concedes that no ship was unloaded."),
    ),
    "preview_claim": Example(
        body=_claim(9, "port-company", "off", "2024-11-08", statement="The company says that the quay works again."),
    ),
    "correct_claim": Example(
        {"claim": _id(3)},
        {
            "replacement": _claim(8, "port-company", "off", "2024-11-04", statement="The company denies a stoppage."),
            "reason": "The desk had read the statement the wrong way round.",
        },
    ),
    "withdraw_claim": Example({"claim": _id(4)}, {"source": "port-company", "reason": "The company took it back."}),
    "void_claim": Example({"claim": _id(5)}, {"reason": "The union did not send this message."}),
    "relate_claim": Example({"claim": _id(2)}, _RELATED),
    "get_claim": Example({"claim": _id(1)}),
    "get_claim_changes": Example({"claim": _id(1), "valid_at": "2024-11-04"}),
    "search_claims": Example({"source": "dockers-union", "q": "quay", "limit": 10}),
    "register_source": Example({"source": "harbour-radio"}, {"kind": "outlet", "name": "Harbour Radio"}),
    "tie_source": Example(
        {"source": "dockers-union"},
        {"id": "dockers-union/allied_with/port-company", "relation": "allied_with", "to": "port-company"},
    ),
    "end_tie": Example(
        {"source": "dockers-union", "affiliation": "dockers-union/opposes/port-company", "at": "2024-12"}
    ),
    "declare_lean": Example({"source": "coast-wire"}, {"towards": "dockers-union"}),
    "end_lean": Example({"source": "coast-wire", "towards": "port-company"}),
    "rate_source": Example(
        {"source": "coast-wire"},
        {"scale": "admiralty", "grade": "B2", "rationale": "Two of three reports of the year were confirmed."},
    ),
    "list_sources": Example({"q": "coast", "limit": 2}),
    "get_source": Example({"source": "coast-wire"}),
    "get_identity": Example({"source": "crane-driver"}),
    "get_stances": Example({"source": "port-company", **_THEN}),
    "get_track_record": Example({"source": "coast-wire"}),
    "register_location": Example({"location": "south-quay"}, {"names": ["South Quay"], "precision": "exact"}),
    "link_location": Example({"location": "fish-market"}, {"relation": "adjacent_to", "to": "harbour"}),
    "end_link": Example({"location": "fish-market", "relation": "vicinity_of", "to": "north-quay"}),
    "list_locations": Example({"q": "quay", "limit": 10}),
    "get_location": Example(_QUAY),
    "get_picture": Example(_QUAY),
    "get_belief": Example({**_QUAY, "aspect": "stoppage", **_THEN, "without": ["coast-wire"]}),
    "get_history": Example({**_QUAY, "aspect": "stoppage", "axis": "recorded"}),
    "get_words": Example({**_QUAY, "aspect": "stoppage", **_THEN}),
    "get_words_on_subject": Example({**_QUAY, "aspect": "ballot", "subject": "night-shift"}),
    "get_belief_on_subject": Example({**_QUAY, "aspect": "ballot", "subject": "night-shift"}),
    "get_history_on_subject": Example({**_QUAY, "aspect": "ballot", "subject": "night-shift", "axis": "valid"}),
    "register_aspect": Example({"aspect": "ships_waiting"}, {"kind": "state", "quantity": True, "horizon_hours": 48}),
    "list_aspects": Example(),
    "get_aspect": Example({"aspect": "stoppage"}),
    "make_assessment": Example(
        body={
            "id": "north-quay-webcam",
            "question": {"location": "north-quay", "aspect": "stoppage"},
            "value": "on",
            "valid": {"edtf": "2024-11-04"},
            "physical_evidence": ["webcam of the harbour, 4 November"],
            "rationale": "No crane moves in nine hours of pictures.",
        }
    ),
    "archive_document": Example(body={"sha256": sha256_of("Held elsewhere."), "media_type": "text/plain"}),
    "get_document": Example({"sha256": sha256_of(LEAFLET)}),
    "get_passage": Example({"sha256": sha256_of(LEAFLET), "start": 7, "end": 32}),
    "erase_text": Example({"sha256": sha256_of(LETTER)}, {"reason": "A court forbids its publication."}),
    "register_story": Example({"story": "harbour-votes"}, {"title": "The votes", "tz": "+01:00"}),
    "publish_edition": Example(
        {"story": "harbour-strike"}, {"title": "The company concedes", "valid_at": "2024-11-07", "tz": "+01:00"}
    ),
    "list_stories": Example(),
    "get_story": Example({"story": "harbour-strike"}),
    "get_story_picture": Example({"story": "harbour-strike", "valid_at": "2024-11-05"}),
    "get_timeline": Example({"story": "harbour-strike", "aspect": "stoppage"}),
    "get_difference": Example({"story": "harbour-strike", "from": "edition/1", "to": "20"}),
    "get_timeline_of_location": Example({"location": "harbour", "strength": "S4", **_THEN}),
    "get_timeline_of_source": Example({"source": "port-company", **_THEN}),
    "get_difference_of_location": Example({"location": "harbour", "from": "15", **_THEN}),
    "get_difference_of_source": Example({"source": "port-company", "from": "15", **_THEN}),
    "get_timemap": Example({**_QUAY, "aspect": "stoppage", **_THEN}),
    "get_timemap_on_subject": Example({**_QUAY, "aspect": "ballot", "subject": "night-shift"}),
    "get_timemap_of_story": Example({"story": "harbour-strike", **_THEN}),
    "get_edition": Example({"story": "harbour-strike", "number": 1}),
    "list_editions": Example({"affected": "true", "limit": 10}),
    "list_beliefs": Example({"agreement": "contested", "bbox": "9.5,53.0,10.5,54.0"}),
    "list_belief_histories": Example({"aspect": "stoppage", "axis": "valid", "bbox": "9.5,53.0,10.5,54.0"}),
    "list_contradictions": Example({"story": "harbour-strike", "valid_at": "2024-11-05", "limit": 10}),
    "list_map_layers": Example(),
    "get_map_layer": Example({"layer": "boundaries"}),
    "compare_pictures": Example({"policy": ["desk/1", "latest/1"], "valid_at": "2024-11-05"}),
    "list_policies": Example(),
    "list_events": Example({"after": "15", "types": ["claim-recorded.v1"], "limit": 3}),
    "export_ledger": Example({"location": "harbour", "valid_at": "2024-11-05"}),
    "keep_alert_rule": Example(
        {"rule": "harbour-disputed"},
        {"location": "harbour", "aspects": ["stoppage"], "agreement": "contested", "note": "For the labour desk."},
    ),
    "get_alert_rule": Example({"rule": "harbour-disputed"}),
    "list_alert_rules": Example(),
    "list_alerts": Example({"location": "harbour", "kinds": ["belief-changed"], "limit": 10}),
    "keep_webhook": Example(
        {"webhook": "labour-desk"}, {"url": "https://desk.example/alerts", "rules": ["harbour-disputed"]}
    ),
    "make_webhook": Example(body={"name": "picture-desk", "url": "https://desk.example/pictures"}),
    "get_webhook": Example({"webhook": "labour-desk"}),
    "list_webhooks": Example(),
    "test_webhook": Example({"webhook": "labour-desk"}),
    "list_deliveries": Example({"webhook": "labour-desk", "state": "dead"}),
    "resend_alerts": Example({"webhook": "labour-desk"}, {"alerts": [1]}),
    "renew_webhook_secret": Example({"webhook": "labour-desk"}),
    "drop_webhook": Example({"webhook": "labour-desk"}),
    "drop_alert_rule": Example({"rule": "harbour-disputed"}),
    "list_projections": Example(),
    "get_projection": Example({"name": "claims"}),
    "list_projection_rows": Example({"name": "stances", "limit": 2}),
    "start_replay": Example({"name": "picture"}, {"as": "wary", "policy": "strict/1", "without": ["port-company"]}),
    "drop_projection": Example({"name": "wary"}),
    "cancel_replay": Example({"name": "claims"}),
    "drop_retired": Example({"name": "claims"}),
    "retry_projection": Example({"name": "claims"}),
    "list_keys": Example(),
    "make_key": Example(body={"name": "anna", "role": "reporter", "expires": "2099-01-01T00:00:00Z"}),
    "get_key": Example({"key": "anna"}),
    "revoke_key": Example({"key": "anna"}),
    "begin_session": Example(body={"key": "onr_5nVrFyWEPPW2n2Sug3Iu0cM5GV-tmvxcFcXBLVvvCoM"}),
    "get_session": Example(),
    "end_session": Example(),
    "make_checkpoint": Example(),
    "list_checkpoints": Example({"limit": 10}),
    "get_checkpoint": Example({"checkpoint": "newest"}),
    "prove_consistency": Example({"checkpoint": "newest", "from": len(WORLD)}),
    "prove_claim": Example({"claim": _id(1)}),
    "prove_event": Example({"position": 16, "checkpoint": len(WORLD)}),
    "prove_belief": Example({**_QUAY, "aspect": "stoppage", **_THEN}),
    "get_verifier": Example(),
    "get_tlog_checkpoint": Example(),
    "get_entries": Example({"number": f"000.p/{len(WORLD)}"}),
    "get_tile": Example({"level": 0, "number": f"000.p/{len(WORLD)}"}),
    "get_health": Example(),
    "get_readiness": Example(),
    "get_metrics": Example(),
}
"""By operation id, in an order in which they can be tried one after the other."""


def with_examples(operation: dict[str, Any]) -> None:
    """Write the example of an operation of an OpenAPI document into it."""
    example = EXAMPLES[operation["operationId"]]
    for parameter in operation.get("parameters", []):
        if parameter["name"] in example.given:
            parameter["example"] = example.given[parameter["name"]]
    for media in operation.get("requestBody", {}).get("content", {}).values():
        media["example"] = example.body
