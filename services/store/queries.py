"""Every statement is text in a `.sql` file of the package, and only such text is ever run."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import LiteralString, cast

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def script(package: str, path: str) -> LiteralString:
    """Return the text of a `.sql` file inside a package; raises FileNotFoundError if there is none."""
    # The one place where text becomes trusted: it was shipped with the program, and no caller can add to it.
    return cast(LiteralString, files(package).joinpath(path).read_text(encoding="utf-8"))


class Statements:
    """The named statements of one file in `services/store/sql`, read when first asked for."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._named: dict[str, LiteralString] = {}

    def __getitem__(self, name: str) -> LiteralString:
        if not self._named:
            self._named = _split(script("services.store", f"sql/{self._file}"))
        return self._named[name]


def _split(text: LiteralString) -> dict[str, LiteralString]:
    marks = list(_NAME.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return {mark.group(1): text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)}
