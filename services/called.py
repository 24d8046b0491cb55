"""What is registered is found by how words of its names begin, however somebody spells their accents and capitals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

_BETWEEN = re.compile(r"[\W_]+")
_WITHIN = dict.fromkeys(map(ord, "'’‘ʼʻʾʿ`"))
"""Marks inside a word that one transcription writes and another leaves out: Qa'im, Qaim."""
_PLAIN = str.maketrans({"đ": "d", "ð": "d", "ı": "i", "ł": "l", "ø": "o", "þ": "th", "æ": "ae", "œ": "oe"})
"""Letters that Unicode does not take apart into a plain one and a mark."""

Names = tuple[str, ...]
Fits = Callable[[Names], bool]


@lru_cache(maxsize=100_000)
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text.translate(_WITHIN)).casefold()
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_PLAIN)
    return tuple(word for word in _BETWEEN.split(plain) if word)


def called(wanted: str | None) -> Fits:
    """Return what tells whether each word wanted begins a word of these names; None, or no word, fits all."""
    words = words_of(wanted or "")

    def fits(names: Iterable[str]) -> bool:
        held = [word for name in names for word in words_of(name)]
        return all(any(one.startswith(word) for one in held) for word in words)

    return fits if words else _all_fit


def _all_fit(names: Names) -> bool:
    return True
