"""Every call has an example, and every example does what the document says."""

from typing import Any

import pytest

from api.app import describe
from api.examples import EXAMPLES
from support.service import Answer, Desk


def operations(document: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every operation, by its id."""
    return {
        told["operationId"]: (method, path, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    }


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return describe()


def test_every_operation_has_an_example_and_every_example_an_operation(document: dict[str, Any]) -> None:
    assert set(operations(document)) == set(EXAMPLES)


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    silent = [
        name
        for name, (_, _, told) in operations(document).items()
        if not (told.get("summary") and told.get("description") and told.get("tags"))
    ]
    assert silent == []


def test_every_example_does_what_the_document_says(harbour: Desk, document: dict[str, Any]) -> None:
    # In their order: what one has made another asks for.
    told = {name: operations(document)[name] for name in EXAMPLES}
    answers = {name: answered(harbour, *told[name]) for name in EXAMPLES}
    wrong = {
        name: answer.text
        for name, answer in answers.items()
        if str(answer.status_code)
        != next(status for status in ("201", "202", "200") if status in told[name][2]["responses"])
    }
    assert wrong == {}


def answered(harbour: Desk, method: str, path: str, told: dict[str, Any]) -> Answer:
    """Call the operation as its example does."""
    given = {"path": {}, "query": {}, "header": {}}
    for parameter in told.get("parameters", []):
        given[parameter["in"]] |= {parameter["name"]: parameter["example"]} if "example" in parameter else {}
    content = told.get("requestBody", {}).get("content", {})
    media_type = next(iter(content), None)
    body = content[media_type]["example"] if media_type else None
    headers = {**given["header"], **({"Content-Type": media_type} if media_type else {})}
    seen = {"Ledger-Position": str(harbour.head)} if method == "get" and path.startswith("/v1/") else {}
    return harbour.client.request(
        method,
        path.format(**given["path"]),
        params=given["query"],
        headers={**headers, **seen},
        content=body if isinstance(body, str) else None,
        json=None if isinstance(body, str) else body,
    )
