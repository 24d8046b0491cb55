"""The hand-made story of Aleppo is recorded line by line, and said again it is nothing new."""

import pytest

from domain.decide import wanted
from domain.refusals import QuoteNotFound
from services.story import lines
from support.builders import document, quoting, says
from support.ledger import ARTICLE, PaperLedger, loaded, needs_the_article


@pytest.fixture
def aleppo() -> PaperLedger:
    return loaded(lines("registry"))


def article() -> str:
    return ARTICLE.read_bytes().decode("utf-8")


def test_every_line_is_one_position(aleppo: PaperLedger) -> None:
    assert aleppo.head == 58
    assert loaded(lines("claims"), aleppo).head == 108
    assert loaded(lines("later"), aleppo).head == 121


@needs_the_article
def test_the_text_may_be_archived_and_every_quote_lies_in_it(aleppo: PaperLedger) -> None:
    aleppo.apply(document(article(), media_type="text/plain; charset=utf-8"))
    assert loaded(lines("claims"), aleppo).head == 109


def test_what_was_recorded_is_nothing_new(aleppo: PaperLedger) -> None:
    loaded(lines("claims"), aleppo)
    assert loaded(lines("registry"), aleppo).head == 108
    assert loaded(lines("claims"), aleppo).head == 108


@needs_the_article
def test_the_quotes_of_the_article_are_counted_in_code_points(aleppo: PaperLedger) -> None:
    aleppo.apply(document(article(), media_type="text/plain; charset=utf-8"))
    words = article()[517:556]
    aleppo.apply(says("sohr", "ongoing", quote=quoting(article(), 517, 556, words)))
    with pytest.raises(QuoteNotFound) as caught:
        aleppo.apply(says("sohr", "ongoing", claim="again", quote=quoting(article(), 520, 559, words)))
    assert caught.value.nearest == (517, 556)


def test_a_decision_says_beforehand_what_it_will_look_at() -> None:
    said = says("sohr", "ongoing", claim="c1", quote=quoting("text", 0, 4))
    assert said.quote is not None
    assert wanted(said).streams == {f"claim/{said.id}"}
    assert wanted(said).texts == {said.quote.document}
