"""Cuts between two changes share what was reckoned of the registry, and never see another cut's ties."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.registry import Registry
from domain.registry_view import RegistryView
from support.believing import moment
from support.chance import tried_on
from support.ledger import PaperLedger
from support.lively import INSTANTS, PLACES, lively_ledgers

few = tried_on(15)


@few
@given(lively_ledgers(), st.data())
def test_what_cuts_share_is_what_each_would_reckon_alone(ledger: PaperLedger, data: st.DataObject) -> None:
    growing = Registry()
    for recorded in ledger.history:
        growing.take(recorded)
        for position in {recorded.position, data.draw(st.integers(0, recorded.position))}:
            alone = RegistryView(Registry(ledger.history[: recorded.position]), position)
            shared = RegistryView(growing, position)
            when = moment(data.draw(st.sampled_from(INSTANTS)))
            for source in growing.sources:
                assert shared.bloc(source, when) == alone.bloc(source, when)
            for place in PLACES:
                assert set(shared.parts(place)) == set(alone.parts(place))
            assert shared.aspects() == alone.aspects()
