"""A quote points at the very words that its document has there, or it is refused with the place where they are."""

from __future__ import annotations

from domain.claims import Quote
from domain.decisions.known import Known
from domain.refusals import Place, Problem, QuoteNotFound, UnknownDocument, pointer
from domain.values import sha256_of


def check_quote(known: Known, quote: Quote | None, base: Place = ()) -> None:
    """Raise UnknownDocument, or QuoteNotFound if the span is empty or the text that is held is another one there.

    Offsets are Unicode code points, half-open; the text is compared as it is, never normalised. Where the text is not
    held, or the quote keeps no words, there is nothing to compare.
    """
    if quote is None:
        return
    at = (*base, "quote")
    if known.registry.document(quote.document) is None:
        raise UnknownDocument(
            Problem(
                pointer(*at, "document"), f"the document {quote.document} is not archived", "a document archived before"
            )
        )
    if quote.end <= quote.start:
        raise QuoteNotFound(Problem(pointer(*at, "end"), "the span is empty", f"an end beyond {quote.start}"))
    text = known.text(quote.document)
    if text is not None:
        _compare(text, quote, at)


def _compare(text: str, quote: Quote, at: Place) -> None:
    there = text[quote.start : quote.end]
    if quote.exact is not None and sha256_of(there) != quote.exact.sha256:
        nearest = nearest_occurrence(text, quote.exact.body, quote.start)
        where = f"they stand at {nearest[0]} to {nearest[1]}" if nearest else "they stand nowhere in it"
        raise QuoteNotFound(
            Problem(
                pointer(*at),
                f"the document does not have these words at {quote.start} to {quote.end}",
                where if quote.exact.body else "the very words of the document",
            ),
            nearest,
        )
    if quote.end > len(text):
        raise QuoteNotFound(
            Problem(pointer(*at, "end"), f"the document ends at {len(text)} (code points)", f"an end up to {len(text)}")
        )


def nearest_occurrence(text: str, words: str | None, start: int) -> tuple[int, int] | None:
    """Return the half-open span at which `words` stand in `text`, the one that begins closest to `start`."""
    if not words:
        return None
    found = (text.rfind(words, 0, start + len(words)), text.find(words, start))
    spans = [(abs(begin - start), begin) for begin in found if begin >= 0]
    if not spans:
        return None
    begin = min(spans)[1]
    return begin, begin + len(words)
