"""What a document shows is read out of it: its commands, what they must answer, and what it names.

A ```sh block is run as it stands. The block that follows it, if it is ```json or ```text, must be in the answer:

- json: documents that the command prints, in order and the last of them last. An object may have more members than are
  shown, a list more elements; `[]` and `{}` are empty. `…` in a text stands for any text.
- text: lines that the command prints, in order, with others between them. `…` stands for any text.

A ```shell block is typed by the reader alone: it stops the reader's shell, or sets the scene.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Example:
    """A command, and what its answer has to show: nothing, JSON documents or lines."""

    command: str
    kind: str = ""
    shown: str = ""

    def is_shown_by(self, printed: str) -> bool:
        """Tell whether the answer has what is shown."""
        if not self.shown:
            return True
        if self.kind == "json":
            answers = documents(printed)
            wanted = documents(self.shown)
            return bool(answers) and holds(wanted, answers) and holds(wanted[-1], answers[-1])
        return holds(self.shown.rstrip().splitlines(), [line.rstrip() for line in printed.splitlines()])


def blocks(document: str) -> list[tuple[str, str]]:
    """Return language and text of each fenced block."""
    return _FENCED.findall((ROOT / document).read_text(encoding="utf-8"))


def examples(document: str) -> Iterator[Example]:
    """Yield the commands of a document, in order, each with what must follow."""
    found = blocks(document)
    for (kind, text), (next_kind, next_text) in zip(found, [*found[1:], ("", "")], strict=False):
        if kind == "sh":
            yield Example(text, next_kind, next_text) if next_kind in ("json", "text") else Example(text)


def spans(document: str) -> Iterator[str]:
    """Yield every piece of code of a document: lines of its blocks (continued ones joined), and code in its prose."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for _, block in _FENCED.findall(text):
        yield from block.replace("\\\n", "").splitlines()
    yield from _SPAN.findall(_FENCED.sub("", text))


def documents(text: str) -> list[object]:
    """Return the JSON documents that stand one behind the other in a text; raises ValueError for anything else."""
    found: list[object] = []
    rest = text.strip()
    while rest:
        one, end = json.JSONDecoder().raw_decode(rest)
        found.append(one)
        rest = rest[end:].lstrip()
    return found


def holds(shown: object, answer: object) -> bool:
    """Tell whether the answer has all that is shown, as the docstring of this module says."""
    if isinstance(shown, dict):
        if not isinstance(answer, dict) or not shown:
            return shown == answer
        return all(name in answer and holds(value, answer[name]) for name, value in shown.items())
    if isinstance(shown, list):
        return holds_in_order(shown, answer) if isinstance(answer, list) and shown else shown == answer
    if isinstance(shown, str) and isinstance(answer, str):
        return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), answer, re.DOTALL) is not None
    return type(shown) is type(answer) and shown == answer


def holds_in_order(shown: Sequence[object], answers: Sequence[object]) -> bool:
    """Tell whether each that is shown is among the answers, behind the one before it."""
    rest = iter(answers)
    return all(any(holds(one, answer) for answer in rest) for one in shown)
