"""A belief does not depend on the order in which a set gives its members, which is another in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
DIGESTS = """
import sys
from domain.belief.asked import Asked
from domain.belief.explain import belief
from domain.policies import policies
from services.story import lines
from support.believing import at, case_of
from support.ledger import loaded
ledger = loaded([*lines("registry"), *lines("claims"), *lines("later")])
cut = case_of(ledger).at(ledger.head)
questions = sorted({one.claim.question.name: one.claim.question for one in ledger.standings.values()}.items())
for name, question in questions:
    for policy in policies().values():
        print(name, policy.name, belief(cut, Asked(question, at("2016-11-08"), policy))["digest"])
"""


def digests(seed: str) -> list[str]:
    """What every policy believes on every question of the story, in a process whose sets have this order."""
    known = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    ran = subprocess.run([sys.executable, "-c", DIGESTS], env=known, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return sorted(ran.stdout.splitlines())


def test_every_order_of_sets_leads_to_the_same_digests() -> None:
    first = digests("1")
    assert len(first) > 100
    assert digests("2") == first
    assert digests("3") == first
