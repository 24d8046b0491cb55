"""Laws are tried on the same examples each time, or on many more and others if somebody asks for it."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import settings

from support.chance import TIMES, tried_on

TESTS = Path(__file__).resolve().parents[1]
MODULES = sorted(str(path.relative_to(TESTS)) for path in TESTS.rglob("*.py") if "bench" not in path.parts)
OWN = ("support/chance.py", "architecture/test_chance.py")
TOLD = """
import json
from hypothesis import settings
from support.chance import be_certain, tried_on
be_certain()
print(json.dumps([[one.max_examples, one.derandomize] for one in (settings(), settings(max_examples=7), tried_on(7))]))
"""


def told(**variables: str) -> list[list[object]]:
    """How many examples, and whether always the same, of a law without settings, with its own, and with ours."""
    known = {**os.environ, "ONRECORD_TEST_EXAMPLES": "", "PYTHONPATH": str(TESTS), **variables}
    ran = subprocess.run([sys.executable, "-c", TOLD], env=known, capture_output=True, check=True, timeout=120)
    return json.loads(ran.stdout)


def test_by_itself_a_law_is_tried_on_the_same_examples() -> None:
    assert told() == [[100, True], [7, True], [7, True]]


def test_the_hunt_draws_others_and_more_of_them() -> None:
    assert told(ONRECORD_TEST_EXAMPLES="20") == [[2_000, False], [7, False], [140, False]]


def test_the_rule_holds_here() -> None:
    assert settings.default is not None
    assert settings.default.derandomize is (TIMES == 0)
    assert tried_on(1).deadline is None


def test_a_law_has_its_settings_from_where_the_hunt_can_raise_them() -> None:
    taken = [
        path
        for path in MODULES
        if path not in OWN
        for node in ast.walk(ast.parse((TESTS / path).read_text(encoding="utf-8"), filename=path))
        if isinstance(node, ast.ImportFrom) and node.module == "hypothesis"
        for name in node.names
        if name.name == "settings"
    ]
    assert taken == []
