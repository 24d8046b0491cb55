"""Going back claim by claim finds the changes that judging the whole case at each position finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.belief.asked import NOBODY, Asked
from domain.belief.history import last_transition, transitions
from domain.belief.past import changes, last_change
from domain.belief.word import at_instant, at_present
from domain.policies import policies, policy_named
from support.believing import at, case_of, moment
from support.chance import tried_on
from support.ledger import PaperLedger
from support.lively import INSTANTS, lively_ledgers, spoken_of

few = tried_on(30)
TIMES = [
    *(at_instant(moment(text)) for text in INSTANTS),
    *(at_present(moment(text)) for text in INSTANTS),
    at("2016-11-08"),
    at("2016-11-03/2016-11-09"),
    at("2016-11-05/.."),
    at("../2016-11-06"),
]


@few
@given(lively_ledgers(), st.data())
def test_going_back_finds_what_judging_each_position_finds(ledger: PaperLedger, data: st.DataObject) -> None:
    case = case_of(ledger)
    policy = policy_named(data.draw(st.sampled_from(["desk/1", *policies()])))
    without = data.draw(st.sampled_from([NOBODY, NOBODY, frozenset({"rebels"}), frozenset({"army-spokesman"})]))
    upto = data.draw(st.integers(0, ledger.head))
    after = data.draw(st.integers(0, upto))
    for question in data.draw(st.lists(st.sampled_from(spoken_of(ledger)), min_size=1, max_size=4)):
        asked = Asked(question, data.draw(st.sampled_from(TIMES)), policy, without)
        assert last_change(case, asked, upto) == last_transition(case, asked, upto)
        assert changes(case, asked, upto, after) == list(transitions(case, asked, upto, after))
