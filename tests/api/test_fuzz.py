"""Calls of every kind, sound and broken, get documented answers, and never an error of ours."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis.strategies import sampled_from
from schemathesis import Case, CheckContext, DeserializationContext, GenerationMode, Response, SerializationContext
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from api.app import describe
from api.examples import EXAMPLES
from services.access.gate import Gate
from services.access.keys import NewKey
from services.access.roles import RIGHTS_OF
from support.chance import TIMES, tried_on
from support.service import Desk

LINES = "application/x-ndjson"
FUZZ = tried_on(6, shrinks=False, unless=[HealthCheck.filter_too_much])
OPERATIONS = {told["operationId"]: told for methods in describe()["paths"].values() for told in methods.values()}
# Whatever is sent to the others is sound: they have no parameters, or tell of broken lines in a report.
EXCLUDED = [positive_data_acceptance, ignored_auth]
"""The form alone does not make it true; and who may ask what has tests of its own, `test_access.py`."""
BREAKABLE = [name for name, told in OPERATIONS.items() if told.get("parameters") and name != "import_lines"]


@schemathesis.serializer(LINES)
def send_lines(context: SerializationContext, value: Any) -> bytes:  # noqa: ANN401 (whatever was made up)
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@schemathesis.deserializer(LINES)
def read_first_line(context: DeserializationContext, response: Response) -> object:
    return json.loads(response.content.splitlines()[0])


@pytest.fixture(scope="module", params=["open", *["keys"][: min(TIMES, 1)]])
def asking(request: pytest.FixtureRequest, harbour: Desk) -> tuple[Desk, list[str]]:
    """A service and the keys to ask with: of each role, none, and a wrong one. By day nobody is asked for a key."""
    if request.param == "open":
        return harbour, [""]
    kept = harbour.newsroom.keys
    made = [str(kept.make(NewKey(name=f"fuzz-{role}", role=role), "a test")["key"]) for role in RIGHTS_OF]
    # Most with all rights: what the others may do is the same code.
    return Desk(harbour.newsroom, Gate(kept)), [*made, made[-1], made[-1], made[-1], "", "onr_wrong"]


@pytest.fixture(scope="module")
def described(asking: tuple[Desk, list[str]]) -> OpenApiSchema:
    schema = schemathesis.openapi.from_asgi("/openapi.json", asking[0].app)
    # A tag that is none of ours is not malformed: it is not that of the thing.
    schema.config.checks.negative_data_rejection.expected_statuses.append("412")
    return schema


def is_a_form_of_ours(context: CheckContext, response: Response, case: Case) -> None:
    """What the document allows may be refused for what it means, but not for its form."""
    sound = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    if sound and response.status_code == 422 and response.json()["type"] == "/problems/malformed":
        refused = [one for one in response.json()["errors"] if not beyond_a_schema(one)]
        assert refused == []


def beyond_a_schema(error: dict[str, str]) -> bool:
    """Tell whether JSON Schema cannot say what is wrong: rules between fields, and 2.0, its idea of a whole number."""
    return error.get("expected") in (None, "a whole number", "a whole number or text")


def answered(case: Case, key: str) -> None:
    """Send a case and hold the answer against the document."""
    if key:
        case.headers["Authorization"] = f"Bearer {key}"
    # A position of the future is waited for, and then told with 503; that has a test of its own.
    if str(case.headers.get("Ledger-Position", "")).isdecimal():
        del case.headers["Ledger-Position"]
    answer = case.call()
    # An export of nothing has no line that could be held against anything.
    if answer.content or answer.status_code != 200:
        case.validate_response(answer, additional_checks=[is_a_form_of_ours], excluded_checks=EXCLUDED)


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("name", EXAMPLES)
def test_sound_calls_of(name: str, described: OpenApiSchema, asking: tuple[Desk, list[str]]) -> None:
    sound = described.find_operation_by_id(name).as_strategy(generation_mode=GenerationMode.POSITIVE)
    FUZZ(given(sound, sampled_from(asking[1]))(answered))()


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("name", BREAKABLE)
def test_broken_calls_of(name: str, described: OpenApiSchema, asking: tuple[Desk, list[str]]) -> None:
    broken = described.find_operation_by_id(name).as_strategy(generation_mode=GenerationMode.NEGATIVE)
    FUZZ(given(broken, sampled_from(asking[1]))(answered))()
