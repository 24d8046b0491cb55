"""The same name is found however somebody spells its accents and capitals."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_BETWEEN = re.compile(r"[\W_]+")
_WITHIN = dict.fromkeys(map(ord, "'’‘ʼʻʾʿ`"))
"""Marks inside a word that one transcription writes and another leaves out: Qa'im, Qaim."""
_PLAIN = str.maketrans({"đ": "d", "ð": "d", "ı": "i", "ł": "l", "ø": "o", "þ": "th", "æ": "ae", "œ": "oe"})
"""Letters that Unicode does not take apart into a plain one and a mark."""


@lru_cache(maxsize=100_000)
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, without accents."""
    return unkept_words_of(text)


def unkept_words_of(text: str) -> tuple[str, ...]:
    """Return the same, of a text that must not be kept in memory."""
    apart = unicodedata.normalize("NFKD", text.translate(_WITHIN)).casefold()
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_PLAIN)
    return tuple(word for word in _BETWEEN.split(plain) if word)
