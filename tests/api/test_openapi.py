"""The contract is written down; a change of it is seen, and calls of every kind get only documented answers."""

import json

from api.app import describe
from api.contract import SNAPSHOT, written


def test_the_contract_is_the_one_that_is_written_down() -> None:
    assert written(describe()) == SNAPSHOT.read_text(encoding="utf-8"), "python -m api.contract writes it anew"


def test_the_contract_is_openapi_31() -> None:
    assert json.loads(SNAPSHOT.read_text(encoding="utf-8"))["openapi"].startswith("3.1.")
