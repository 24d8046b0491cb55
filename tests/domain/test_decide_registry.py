"""The registry names only what is there, ties nothing to itself, and says nothing twice."""

import pytest

from domain.commands import Command, RegisterLocation
from domain.events import AffiliationEnded, AspectRegistered, LeanDeclared, LeanEnded, LocationLinkEnded
from domain.refusals import (
    AlreadyRecorded,
    AspectFixed,
    AspectIncoherent,
    NotATime,
    NotInForce,
    PartOfItself,
    Refusal,
    TiedToItself,
    UnknownAffiliation,
    UnknownLocation,
    UnknownSource,
)
from support.builders import (
    aspect,
    leans,
    leans_no_more,
    links,
    location,
    rates,
    small_world,
    source,
    tie,
    unlinks,
    unties,
)
from support.ledger import PaperLedger


@pytest.fixture
def ledger() -> PaperLedger:
    return small_world()


def refused(ledger: PaperLedger, command: Command, kind: type[Refusal]) -> Refusal:
    before = ledger.head
    with pytest.raises(kind) as caught:
        ledger.apply(command)
    assert ledger.head == before
    return caught.value


def at(refusal: Refusal) -> list[str]:
    return [problem.pointer for problem in refusal.problems]


def events(ledger: PaperLedger, command: Command) -> list[type]:
    return [type(one.event) for one in ledger.apply(command)]


SAID_ONCE = {
    "source": source("sana", "state_media"),
    "tie": tie("reuters", "owned_by", "interfax", valid="2016/.."),
    "lean": leans("sohr", "rebels"),
    "rating": rates("sohr", "desk-grade", "B"),
    "location": location("homs"),
    "link": links("minian", "adjacent_to", "syria"),
    "aspect": aspect("water_supply", values=["running", "cut"]),
}


@pytest.mark.parametrize("command", SAID_ONCE.values(), ids=SAID_ONCE.keys())
def test_the_same_again_is_nothing_new(ledger: PaperLedger, command: Command) -> None:
    assert len(ledger.apply(command)) == 1
    assert ledger.apply(command) == ()


REVISED = {
    "source": (source("sana"), source("sana", "state_media")),
    "location": (location("homs"), location("homs", "region")),
    "aspect": (aspect("water_supply"), aspect("water_supply", horizon_hours=72)),
    "rating": (rates("sohr", "desk-grade", "B"), rates("sohr", "desk-grade", "C")),
}


@pytest.mark.parametrize("versions", REVISED.values(), ids=REVISED.keys())
def test_an_entry_is_revised_and_revised_back(ledger: PaperLedger, versions: tuple[Command, Command]) -> None:
    first, second = versions
    assert len(ledger.apply(first, second, first)) == 3


# ---- ties between sources ----


def test_both_ends_of_a_tie_are_registered(ledger: PaperLedger) -> None:
    assert at(refused(ledger, tie("nobody", "member_of", "noone"), UnknownSource)) == ["/from", "/to"]


def test_a_source_is_not_tied_to_itself(ledger: PaperLedger) -> None:
    refused(ledger, tie("army", "opposes", "army"), TiedToItself)


def test_the_id_of_a_tie_is_its_own(ledger: PaperLedger) -> None:
    again = tie("army", "member_of", "government", valid="2016")
    assert at(refused(ledger, again, AlreadyRecorded)) == ["/id"]


def test_the_time_of_a_tie_can_be_read(ledger: PaperLedger) -> None:
    assert at(refused(ledger, tie("army", "opposes", "sohr", valid="long ago"), NotATime)) == ["/valid/edtf"]


def test_a_tie_ends_once(ledger: PaperLedger) -> None:
    assert events(ledger, unties("army", "member_of", "government", at="2016-12")) == [AffiliationEnded]
    assert events(ledger, unties("army", "member_of", "government", at="2016-12")) == []
    refused(ledger, unties("army", "member_of", "government"), NotInForce)


def test_a_tie_that_ended_does_not_come_back_under_its_id(ledger: PaperLedger) -> None:
    ledger.apply(unties("army", "member_of", "government"))
    assert ledger.apply(tie("army", "member_of", "government")) == ()
    assert ledger.apply(tie("army", "member_of", "government", id="again"))


def test_a_tie_that_nobody_asserted_cannot_end(ledger: PaperLedger) -> None:
    assert at(refused(ledger, unties("army", "opposes", "sohr"), UnknownAffiliation)) == ["/affiliation"]


@pytest.mark.parametrize("edtf", ["soon", "../2016-12"])
def test_the_end_of_a_tie_says_when(ledger: PaperLedger, edtf: str) -> None:
    assert at(refused(ledger, unties("army", "member_of", "government", at=edtf), NotATime)) == ["/at/edtf"]


# ---- leans and ratings ----


def test_a_lean_is_between_registered_sources(ledger: PaperLedger) -> None:
    assert at(refused(ledger, leans("sohr", "nobody"), UnknownSource)) == ["/towards"]


def test_nobody_leans_towards_itself(ledger: PaperLedger) -> None:
    refused(ledger, leans("army", "army"), TiedToItself)


def test_a_lean_ends_and_may_be_declared_again(ledger: PaperLedger) -> None:
    assert events(ledger, leans("sohr", "rebels")) == [LeanDeclared]
    assert events(ledger, leans_no_more("sohr", "rebels")) == [LeanEnded]
    assert events(ledger, leans_no_more("sohr", "rebels")) == []
    assert events(ledger, leans("sohr", "rebels")) == [LeanDeclared]


def test_a_lean_that_was_never_declared_cannot_end(ledger: PaperLedger) -> None:
    refused(ledger, leans_no_more("sohr", "rebels"), NotInForce)


def test_the_lean_of_nobody_cannot_end(ledger: PaperLedger) -> None:
    refused(ledger, leans_no_more("nobody", "rebels"), UnknownSource)


def test_only_a_registered_source_is_rated(ledger: PaperLedger) -> None:
    refused(ledger, rates("nobody", "desk-grade", "B"), UnknownSource)


# ---- places ----


def test_both_ends_of_a_link_are_registered(ledger: PaperLedger) -> None:
    assert at(refused(ledger, links("atlantis", "part_of", "lemuria"), UnknownLocation)) == ["/from", "/to"]


def test_a_place_is_not_linked_to_itself(ledger: PaperLedger) -> None:
    refused(ledger, links("minian", "adjacent_to", "minian"), TiedToItself)


def test_a_place_is_no_part_of_its_parts(ledger: PaperLedger) -> None:
    refusal = refused(ledger, links("syria", "part_of", "minian"), PartOfItself)
    assert isinstance(refusal, PartOfItself)
    assert refusal.path == ("syria", "minian", "aleppo", "syria")


def test_a_place_may_be_part_of_two(ledger: PaperLedger) -> None:
    ledger.apply(location("province"), links("minian", "part_of", "province"))
    assert ledger.apply(links("province", "part_of", "syria"))


def test_surroundings_may_be_mutual(ledger: PaperLedger) -> None:
    assert len(ledger.apply(links("minian", "vicinity_of", "aleppo"), links("aleppo", "vicinity_of", "minian"))) == 2


def test_a_link_that_ended_no_longer_closes_a_circle(ledger: PaperLedger) -> None:
    assert events(ledger, unlinks("minian", "part_of", "aleppo")) == [LocationLinkEnded]
    assert events(ledger, unlinks("minian", "part_of", "aleppo")) == []
    assert ledger.apply(links("syria", "part_of", "minian"))


def test_a_link_that_never_was_cannot_end(ledger: PaperLedger) -> None:
    refused(ledger, unlinks("minian", "part_of", "syria"), NotInForce)


def test_a_link_of_an_unknown_place_cannot_end(ledger: PaperLedger) -> None:
    refused(ledger, unlinks("atlantis", "part_of", "syria"), UnknownLocation)


def test_a_place_keeps_its_geometry(ledger: PaperLedger) -> None:
    point = RegisterLocation.model_validate(
        {
            "slug": "homs",
            "names": ("Homs",),
            "precision": "locality",
            "geometry": {"type": "Point", "coordinates": [36.7, 34.7]},
        }
    )
    ledger.apply(point)
    assert ledger.apply(point) == ()


# ---- aspects ----


def test_the_kind_of_an_aspect_is_fixed(ledger: PaperLedger) -> None:
    ledger.apply(aspect("water_supply"))
    assert at(refused(ledger, aspect("water_supply", "occurrence"), AspectFixed)) == ["/kind"]


def test_the_kind_of_a_built_in_aspect_is_fixed(ledger: PaperLedger) -> None:
    assert at(refused(ledger, aspect("strike", "tally", quantity=True), AspectFixed)) == ["/kind", "/quantity"]


def test_the_rules_of_a_built_in_aspect_may_be_revised(ledger: PaperLedger) -> None:
    revised = aspect("fighting", values=["ongoing", "none"], horizon_hours=48)
    assert events(ledger, revised) == [AspectRegistered]


@pytest.mark.parametrize(
    ("rules", "pointer"),
    [
        ({"values": ["a", "a"]}, "/values"),
        ({"inherits": {"direction": "up", "values": ["z"]}}, "/inherits/values"),
        ({"benefits": [{"values": ["z"], "favours": "subject"}]}, "/benefits/0/values"),
        (
            {"implies": [{"values": ["z"], "aspect": "fighting", "value": "ongoing", "force": "soft"}]},
            "/implies/0/values",
        ),
        ({"implies": [{"values": ["a"], "aspect": "weather", "value": "wet", "force": "soft"}]}, "/implies/0/aspect"),
        ({"implies": [{"values": ["a"], "aspect": "casualties", "value": "12", "force": "soft"}]}, "/implies/0/aspect"),
        ({"implies": [{"values": ["a"], "aspect": "fighting", "value": "heavy", "force": "soft"}]}, "/implies/0/value"),
        (
            {"implies": [{"values": ["a"], "aspect": "fighting", "value": "@subject", "force": "hard"}]},
            "/implies/0/value",
        ),
        ({"implies": [{"values": ["a"], "aspect": "control", "value": "nobody", "force": "hard"}]}, "/implies/0/value"),
        ({"tension": [{"value": "z", "aspect": "fighting", "other": "ongoing"}]}, "/tension/0/value"),
        ({"tension": [{"aspect": "weather", "other": "wet"}]}, "/tension/0/aspect"),
        ({"tension": [{"aspect": "own", "other": "z"}]}, "/tension/0/other"),
    ],
)
def test_the_rules_of_an_aspect_fit_together(ledger: PaperLedger, rules: dict[str, object], pointer: str) -> None:
    refusal = refused(ledger, aspect("own", **{"values": ["a", "b"], **rules}), AspectIncoherent)
    assert at(refusal) == [pointer]


def test_an_aspect_may_imply_and_be_in_tension_with_others(ledger: PaperLedger) -> None:
    own = aspect(
        "ceasefire",
        values=["kept", "broken"],
        implies=[
            {"values": ["broken"], "aspect": "fighting", "value": "ongoing", "force": "soft"},
            {"values": ["kept"], "aspect": "control", "value": "@subject", "force": "soft"},
            {"values": ["kept"], "aspect": "control", "value": "rebels", "force": "soft"},
            {"values": ["kept"], "aspect": "damage", "value": "none", "force": "soft"},
        ],
        tension=[{"value": "kept", "aspect": "fighting", "other": "ongoing"}, {"aspect": "ceasefire", "other": "kept"}],
    )
    assert events(ledger, own) == [AspectRegistered]
