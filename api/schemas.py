"""The OpenAPI document says what the ledger takes and gives, from the models of the domain themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from api import access, foreseen, heard, inbox, limits, proven, said, shown, told, who, wire
from api.drafts import ClaimDraft, Credential, EditionDraft, NewWebhook, ReplayDraft, Resend
from api.examples import with_examples
from api.patterns import PLAIN
from domain.alerts import AlertRule
from domain.claims import Relation
from domain.commands import COMMANDS
from domain.values import Text
from services.access.keys import NewKey
from services.webhooks import Webhook

NOTE = """A ledger of who said what about a location. Claims go in, what can be believed at any date comes out, and
nothing is ever overwritten.

Every read answers at a cut: `as_of` (what was known then) and, for beliefs, `valid_at` (what was so then). Every error
is a problem (RFC 9457). Whoever has just recorded something sends its position as `Ledger-Position` with a read, and is
answered from what includes it. Lists go on with the `Link` header. `security` names the right that a call asks for."""
TAGS = [
    {"name": "Recording", "description": "Nothing is overwritten; what is sent twice is recorded once."},
    {"name": "Asking", "description": "What is believed, and why, at any two times."},
    {"name": "Running", "description": "For whoever runs the service."},
]
POSITION = {
    "description": "The position of the ledger that the answer was computed from.",
    "schema": {"type": "integer", "minimum": 0},
}
PROJECTION = {
    "description": "The projection that was asked, if one was named.",
    "schema": {"type": "string"},
}


MEMENTO = {
    "description": "When the ledger came to stand there, if the past was asked for (RFC 7089).",
    "schema": {"type": "string"},
}

_PLACE = {"type": "array", "items": {"type": "number", "minimum": -180, "maximum": 180}, "minItems": 2, "maxItems": 2}
_LINE = {"type": "array", "items": _PLACE, "minItems": 2}
_RINGS = {"type": "array", "items": {**_LINE, "minItems": 4}, "minItems": 1}
_COORDINATES = {
    "Point": _PLACE,
    "MultiPoint": {"type": "array", "items": _PLACE, "minItems": 1},
    "LineString": _LINE,
    "MultiLineString": {"type": "array", "items": _LINE, "minItems": 1},
    "Polygon": _RINGS,
    "MultiPolygon": {"type": "array", "items": _RINGS, "minItems": 1},
}
GEOMETRY: JsonSchemaValue = {
    "description": "A GeoJSON geometry (RFC 7946): longitude and latitude in degrees, rings closed, no collection.",
    "anyOf": [
        {
            "type": "object",
            "required": ["type", "coordinates"],
            "properties": {"type": {"const": kind}, "coordinates": coordinates},
        }
        for kind, coordinates in _COORDINATES.items()
    ],
}


class WireSchema(GenerateJsonSchema):
    """JSON Schema that also tells what our own validators check, where it can be told."""

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> JsonSchemaValue:
        """Add what the domain's validators of text and lists demand."""
        told = super().function_after_schema(schema)
        name = getattr(schema["function"]["function"], "__name__", "")
        match name:
            case "_storable" if "pattern" not in told:
                return {**told, "pattern": PLAIN}
            case "_decimal_text":
                return {**told, "pattern": r"^-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,12})?$"}
            case "_once":
                return {**told, "uniqueItems": True}
            case "checked_geometry":
                return GEOMETRY
            case _:
                return told

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Say that names of another form than the given one are not taken."""
        told = super().dict_schema(schema)
        return {**told, "additionalProperties": False} if "patternProperties" in told else told

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Show a text as it is sent: the words, or the hash of words that are held elsewhere or were erased."""
        if schema["cls"] is Text:
            by_hash = {"type": "object", "properties": {"sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}}
            closed = {**by_hash, "required": ["sha256"], "additionalProperties": False}
            return {"title": "Text", "anyOf": [{"type": "string", "pattern": PLAIN}, closed]}
        return super().model_schema(schema)


def described(app: FastAPI, addressed: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Return the OpenAPI document; `addressed` are, by schema, the fields that stand in the address."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary="Claims in, beliefs out",
            description=NOTE,
            tags=TAGS,
            license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            routes=app.routes,
        )
        document["components"] = {
            "schemas": _schemas(addressed),
            "securitySchemes": access.SCHEMES,
            "headers": limits.HEADERS,
        }
        for method, operation in _operations(document):
            access.tell_access(operation, method)
            _finish(operation)
        app.openapi_schema = document
    return app.openapi_schema


def _schemas(addressed: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    shapes = [
        kind
        for module in (foreseen, heard, inbox, proven, said, shown, told, who, wire)
        for kind in vars(module).values()
    ]
    answers = {kind for kind in shapes if isinstance(kind, type) and issubclass(kind, wire.Shown)}
    drafts = (ClaimDraft, EditionDraft, ReplayDraft, AlertRule, Webhook, NewWebhook, Resend, NewKey, Credential)
    models: list[type[BaseModel]] = [*COMMANDS.values(), Relation, *drafts, *answers]
    _, made = models_json_schema(
        [(model, "validation") for model in models],
        ref_template="#/components/schemas/{model}",
        schema_generator=WireSchema,
    )
    schemas = made["$defs"]
    for name, fields in addressed.items():
        schema = schemas[name]
        # They may be repeated in the body, but who reads the document need not know of two places for one thing.
        schema["required"] = [one for one in schema.get("required", []) if one not in fields]
        schema["properties"] = {one: told for one, told in schema["properties"].items() if one not in fields}
    return dict(sorted(schemas.items()))


def _operations(document: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    for path in document["paths"].values():
        yield from path.items()


def _finish(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _present(parameter["schema"])
    takes = {parameter["name"] for parameter in operation.get("parameters", [])}
    for status, answer in operation["responses"].items():
        if "Ledger-Position" in takes and status == "200":
            answer["headers"] = {"Ledger-Position": POSITION}
        if "Accept-Datetime" in takes and status == "200":
            answer.setdefault("headers", {})["Memento-Datetime"] = MEMENTO
        if "projection" in takes and status == "200":
            answer["headers"]["Ledger-Projection"] = PROJECTION
    if "Accept-Datetime" in takes:
        operation["responses"]["400"] = {
            **operation["responses"]["422"],
            "description": "Accept-Datetime is no HTTP date.",
        }
        operation["responses"] = dict(sorted(operation["responses"].items()))
    with_examples(operation)


def _present(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that is given: one that is not given is absent, and never null."""
    some = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if len(some) != 1:
        return schema
    return {**{name: told for name, told in schema.items() if name != "anyOf"}, **some[0]}
