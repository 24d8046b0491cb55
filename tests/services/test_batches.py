"""The picture's rows are the same however its events are cut into batches, and whoever goes on with them."""

from __future__ import annotations

from random import Random
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.folding import Share
from services.picture import PictureStep
from services.remembered import Most
from services.store.asking import ViewReader
from support.builders import assesses, says, withdraws
from support.chance import tried_on
from support.ledger import PaperLedger
from support.lively import lively_ledgers, lively_world
from support.paper_views import Interrupted, PaperPicture, PaperViews, carried

# What fails is not made smaller: that takes minutes.
some = tried_on(30, shrinks=False)


@some
@given(ledger=lively_ledgers(), cuts=st.sets(st.integers(1, 40)))
def test_the_rows_do_not_depend_on_the_batches(ledger: PaperLedger, cuts: set[int]) -> None:
    at_once = carried(ledger, ())
    assert carried(ledger, range(0, ledger.head, 7)) == at_once
    assert carried(ledger, range(ledger.head)) == at_once
    assert carried(ledger, [cut for cut in cuts if cut < ledger.head]) == at_once


@some
@given(ledger=lively_ledgers(), cuts=st.sets(st.integers(1, 40)))
def test_whoever_goes_on_remembering_nothing_writes_the_same_rows(ledger: PaperLedger, cuts: set[int]) -> None:
    taken_over = [cut for cut in cuts if cut < ledger.head]
    assert carried(ledger, range(0, ledger.head, 3), taken_over=taken_over) == carried(ledger, ())


@some
@given(ledger=lively_ledgers())
def test_shares_together_write_the_rows_of_the_whole(ledger: PaperLedger) -> None:
    shared = [row for number in range(3) for row in carried(ledger, range(0, ledger.head, 5), share=Share(number, 3))]
    assert sorted(shared, key=lambda row: row[:2]) == carried(ledger, ())


@some
@given(ledger=lively_ledgers(), claims=st.integers(2, 8), of_one=st.integers(1, 3))
def test_it_does_not_matter_how_much_is_remembered(ledger: PaperLedger, claims: int, of_one: int) -> None:
    little = Most(claims, claims * 3, of_one)
    assert carried(ledger, range(0, ledger.head, 2), most=little) == carried(ledger, ())
    assert carried(ledger, range(0, ledger.head, 2), most=Most(of_one=of_one)) == carried(ledger, ())


@pytest.mark.parametrize("most", [Most(of_one=5), Most(40, 40, 5)])
def test_it_does_not_matter_that_old_words_are_let_go(most: Most) -> None:
    ledger = a_month()
    assert carried(ledger, range(0, ledger.head, 3), most=most) == carried(ledger, ())


def test_two_who_carry_it_in_the_midst_of_each_other_write_what_each_would_alone() -> None:
    ledger, step = a_month(), PictureStep()
    replayed = PaperPicture(cast("ViewReader", PaperViews(ledger)))
    views = Interrupted(ledger, lambda: replayed.take_next(step, ledger, 1))
    live = PaperPicture(cast("ViewReader", views))
    while live.reached < ledger.head:
        live.take_next(step, ledger, 3)
    replayed.take_next(step, ledger, ledger.head)
    assert live.stored() == replayed.stored() == carried(ledger, ())


def test_the_rows_of_a_table_that_another_one_has_replaced_are_remembered_no_longer() -> None:
    ledger = a_month()
    damaged, built, step = half_painted(ledger), half_painted(ledger), PictureStep()
    damaged.rows.clear()
    damaged.take_next(step, ledger, 20)
    built.take_next(PictureStep(), ledger, 20)
    built.generation += 1
    built.take_next(step, ledger, ledger.head)
    assert built.stored() == carried(ledger, ())


def test_the_claims_are_remembered_when_another_table_is_put_in_place_of_the_one_before() -> None:
    loads = {name: loads_after(replaced=name) for name in ("nothing", "table", "step")}
    assert loads["table"] == loads["nothing"] < loads["step"]


def half_painted(ledger: PaperLedger, views: PaperViews | None = None) -> PaperPicture:
    picture = PaperPicture(cast("ViewReader", views or PaperViews(ledger)))
    picture.take_next(PictureStep(), ledger, ledger.head // 2)
    return picture


def loads_after(*, replaced: str) -> int:
    """How often claims are loaded for the events after something was replaced."""
    ledger, step = a_month(), PictureStep()
    loads: list[None] = []
    picture = half_painted(ledger, Interrupted(ledger, lambda: loads.append(None)))
    picture.take_next(step, ledger, 20)
    picture.generation += replaced == "table"
    loads.clear()
    picture.take_next(PictureStep() if replaced == "step" else step, ledger, 20)
    return len(loads)


def a_month() -> PaperLedger:
    random = Random("old words")
    ledger = lively_world()
    for day in range(1, 29):
        for number in range(5):
            valid = f"2016-11-{max(1, day - random.choice([0, 0, 0, 0, 12])):02d}"
            place, value = random.choice(["minian", "aleppo", "syria"]), random.choice(["government", "rebels"])
            said = {"valid": random.choice([valid, valid, valid, f"{valid}/{valid}"]), "stated": valid}
            extent = {"extent": random.choice(["full", "partial"])}
            speaker = random.choice(["sohr", "reuters", "army", "rebels"])
            name = f"{day} {number}"
            ledger.apply(says(speaker, value, at=f"{place}/control", claim=name, facets=extent, **said))
        ledger.apply(*[withdraws(f"{day} {number}") for number in range(5) if random.random() < 0.1])
    return ledger


def test_a_place_that_was_assessed_before_anybody_spoke_of_it_is_painted_once() -> None:
    ledger = lively_world()
    ledger.apply(says("reuters", "government", at="minian/control", claim="a"))
    ledger.apply(says("rebels", "rebels", at="aleppo/control", claim="b", facets={"extent": "full"}))
    ledger.apply(assesses("west", "west/control", "government", valid={"edtf": "2016-11-08"}, physical_evidence=["x"]))
    ledger.apply(says("rebels", "government", at="west/control", claim="c", facets={"extent": "full"}))
    assert carried(ledger, range(ledger.head)) == carried(ledger, ())
