"""Claims, beliefs and quotes are read as JSON-LD by a library that may fetch nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn, cast

import pytest
from pyld import jsonld

from api.examples import LEAFLET, _claim, _id
from domain.values import sha256_of
from support.database import Cluster, fresh_database
from support.service import Desk, open_desk

QUAY = "/v1/locations/north-quay/beliefs/stoppage?valid_at=2024-11-04&tz=%2B01:00"
HERE = "http://localhost"
QUOTED = _id(70)
SCHEMA, PROV, OA = "https://schema.org/", "http://www.w3.org/ns/prov#", "http://www.w3.org/ns/oa#"
EXACT = "the north quay"
START = LEAFLET.index(EXACT)
Nodes = list[dict[str, Any]]


@pytest.fixture(scope="module")
def desk(cluster: Cluster) -> Iterator[Desk]:
    """The ledger of the examples, and a claim that quotes the leaflet."""
    with fresh_database(cluster) as fresh, open_desk(fresh) as opened:
        opened.load()
        span = {"document": sha256_of(LEAFLET), "start": START, "end": START + len(EXACT), "exact": EXACT}
        said = _claim(70, "dockers-union", "on", "2024-11-04", quote=span, statement="The quay stands <still>.")
        assert opened.send("/v1/claims", said).status_code == 201
        yield opened


def offline(address: str, options: object) -> NoReturn:
    raise AssertionError(f"{address} was fetched")


def read(desk: Desk, path: str, accept: str = "application/ld+json") -> Nodes:
    """What a reader of linked data makes of an answer, without a network."""
    answer = desk.ask(path, {"Accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/ld+json"
    given: Any = {"documentLoader": offline}
    statements: Any = jsonld.to_rdf(answer.json(), given)
    assert statements["@default"]
    return cast("Nodes", jsonld.flatten(answer.json(), None, given))


def of_type(nodes: Nodes, kind: str) -> dict[str, Any]:
    return next(node for node in nodes if kind in node.get("@type", ()))


def value(node: dict[str, Any], name: str) -> object:
    first = node[name][0]
    return first.get("@value", first.get("@id"))


def test_a_claim_is_a_schema_org_claim(desk: Desk) -> None:
    nodes = read(desk, f"/v1/claims/{QUOTED}?form=schema")
    claim = of_type(nodes, f"{SCHEMA}Claim")
    assert claim["@id"] == f"{HERE}/v1/claims/{QUOTED}"
    assert value(claim, f"{SCHEMA}text") == "The quay stands <still>."
    assert value(claim, f"{SCHEMA}author") == f"{HERE}/v1/sources/dockers-union"
    assert value(claim, f"{SCHEMA}appearance") == f"{HERE}/v1/documents/{sha256_of(LEAFLET)}"
    author = next(node for node in nodes if node["@id"] == f"{HERE}/v1/sources/dockers-union")
    assert value(author, f"{SCHEMA}name") == "Dockers' union"


def test_a_belief_is_a_claim_review_with_its_digest(desk: Desk) -> None:
    plain = desk.ask(QUAY).json()
    nodes = read(desk, QUAY)
    review = of_type(nodes, f"{SCHEMA}ClaimReview")
    assert value(review, f"{SCHEMA}identifier") == f"sha-256:{plain['digest']}"
    assert str(value(review, f"{SCHEMA}claimReviewed")).startswith("North Quay, stoppage: on, uncontested")
    rating = of_type(nodes, f"{SCHEMA}Rating")
    assert value(rating, f"{SCHEMA}ratingValue") == int(plain["strength"][1:])
    based = {one["@id"] for one in review[f"{SCHEMA}isBasedOn"]}
    assert based == {f"{HERE}/v1/claims/{name}" for name in (*plain["supporters"], *plain["objectors"])}
    assert desk.ask(str(review["@id"]).removeprefix(HERE)).json()["digest"] == plain["digest"]


def test_what_is_contested_has_no_rating(desk: Desk) -> None:
    found = desk.ask("/v1/beliefs?agreement=contested").json()["beliefs"][0]["question"]
    nodes = read(desk, f"/v1/locations/{found['location']}/beliefs/{found['aspect']}?form=schema")
    assert f"{SCHEMA}ratingValue" not in of_type(nodes, f"{SCHEMA}Rating")


def test_a_claim_has_a_provenance(desk: Desk) -> None:
    nodes = read(desk, f"/v1/claims/{QUOTED}?form=prov")
    entity = next(node for node in nodes if node["@id"] == f"{HERE}/v1/claims/{QUOTED}")
    assert entity["@type"] == [f"{PROV}Entity"]
    assert value(entity, f"{PROV}wasAttributedTo") == f"{HERE}/v1/sources/dockers-union"
    assert value(entity, f"{PROV}wasQuotedFrom") == f"{HERE}/v1/documents/{sha256_of(LEAFLET)}"
    roles = [value(node, f"{PROV}hadRole") for node in nodes if f"{PROV}Attribution" in node.get("@type", ())]
    assert sorted(map(str, roles)) == [f"{HERE}/docs#publisher", f"{HERE}/docs#speaker"]


def test_a_belief_is_derived_from_its_claims(desk: Desk) -> None:
    nodes = read(desk, f"{QUAY}&form=prov")
    entity = of_type(nodes, f"{PROV}Entity")
    assert f"{HERE}/v1/claims/{QUOTED}" in {one["@id"] for one in entity[f"{PROV}wasDerivedFrom"]}
    judging = of_type(nodes, f"{PROV}Activity")
    assert value(judging, f"{PROV}wasAssociatedWith") == of_type(nodes, f"{PROV}SoftwareAgent")["@id"]


def test_a_quote_is_a_web_annotation(desk: Desk) -> None:
    nodes = read(desk, f"/v1/claims/{QUOTED}?form=annotation")
    assert value(of_type(nodes, f"{OA}Annotation"), f"{OA}hasBody") == f"{HERE}/v1/claims/{QUOTED}"
    quote = of_type(nodes, f"{OA}TextQuoteSelector")
    told = [value(quote, f"{OA}{name}") for name in ("prefix", "exact", "suffix")]
    assert "".join(map(str, told)) in LEAFLET
    assert told[1] == EXACT
    place = of_type(nodes, f"{OA}TextPositionSelector")
    assert [int(str(value(place, f"{OA}{name}"))) for name in ("start", "end")] == [START, START + len(EXACT)]


def test_a_claim_without_a_quote_has_no_annotation(desk: Desk) -> None:
    answer = desk.ask(f"/v1/claims/{_id(2)}?form=annotation")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "form")


def test_plain_json_is_what_everybody_else_gets(desk: Desk) -> None:
    assert desk.ask(QUAY).headers["Content-Type"] == "application/json"
    assert desk.ask(QUAY, {"Accept": "text/html,*/*;q=0.8"}).headers["Content-Type"] == "application/json"
    assert desk.ask(f"/v1/claims/{QUOTED}?form=rdf").status_code == 422
