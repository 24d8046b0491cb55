"""A sheet comes out as Markdown to paste or as a page to print, and nothing that a source wrote can be markup in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from services.sheet import Run, Sentence, Sheet

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
# A line that begins so would be a list, a quotation or a heading.
_OPENING = re.compile(r"^(\s*|\s*\d+)((?<!\d)[-+=]|(?<=\d)[.)])(?=\s|$)")


def html(sheet: Sheet) -> str:
    """Return a whole page without a script, which can be printed as it is."""
    return _template().render(sheet=sheet)


@cache
def _template() -> Template:
    source = (files("services") / "templates" / "sheet.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True, finalize=_without_control
    )
    return environment.from_string(source)


def _without_control(told: object) -> object:
    return _BREAKS.sub(" ", told) if type(told) is str else told


def markdown(sheet: Sheet) -> str:
    """Return CommonMark: a heading, sentences, lists of causes, and the stamps at the end."""
    return "\n".join(_lines(sheet)) + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    yield f"# {_plain(sheet.title)}"
    for sentence in sheet.lead:
        yield from ("", _sentence(sheet, sentence))
    for section in sheet.sections:
        yield from ("", f"## {_plain(section.title)}")
        for entry in section.entries:
            yield from ("", _sentence(sheet, entry.head))
            if entry.because:
                yield ""
            for sentence in entry.because:
                yield f"- {_sentence(sheet, sentence)}"
    yield from ("", "---", "")
    for stamp in sheet.stamps:
        told = f"<{sheet.address(stamp.link)}>" if stamp.link else _plain(stamp.told)
        yield f"- {_plain(stamp.label)}: {told}"


def _sentence(sheet: Sheet, sentence: Sentence) -> str:
    told = "".join(_run(sheet, run) for run in sentence)
    return _OPENING.sub(r"\1\\\2", told)


def _run(sheet: Sheet, run: Run) -> str:
    told = _plain(run.text)
    strong = f"**{told}**" if run.strong else told
    return strong if run.link is None else f"[{strong}](<{sheet.address(run.link)}>)"


def _plain(told: str) -> str:
    """Return the text on one line, with whatever Markdown would read as markup escaped."""
    return _MARKUP.sub(r"\\\1", _BREAKS.sub(" ", told))
