"""Whoever runs the service may look up under which licences, and none of them forbids what this project allows."""

import re
from pathlib import Path
from runpy import run_path

import pytest

LICENCES = run_path(str(Path(__file__).parents[2] / "deploy" / "licences.py"))
TOLD: dict[str, str] = LICENCES["told"]()
KNOWN = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"}
WEAK_COPYLEFT = {"psycopg", "psycopg-binary", "psycopg-pool"}
"""Under the LGPL: used as they are, from packages of their own, which whoever runs the service may replace."""


def test_every_package_of_the_lock_is_told() -> None:
    assert list(TOLD) == LICENCES["locked"]()


@pytest.mark.parametrize("package", TOLD)
def test_a_licence_is_the_one_declared_and_one_that_we_know(package: str) -> None:
    assert LICENCES["declared"](package) in (None, TOLD[package])
    assert package in WEAK_COPYLEFT or set(re.split(r" (?:OR|AND) ", TOLD[package])) <= KNOWN
