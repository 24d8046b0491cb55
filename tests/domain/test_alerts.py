"""A rule wants an alert if all that it says fits: the kind, the aspect, the place with its parts, what was crossed."""

from __future__ import annotations

from typing import Any

import pytest

from domain.alerts import AlertRule, Believed, Subject, fits, id_of_instant
from domain.times import read_instant
from support.builders import links, question, small_world, unlinks

WORLD = small_world()
VIEW = WORLD.registry


def changed(before: str, after: str, at: str = "minian/control") -> Subject:
    """A belief that was such as `uncontested S4` or `stale`, and is such now."""
    return Subject(question(at), believed(before), believed(after))


def believed(written: str) -> Believed:
    agreement, _, strength = written.partition(" ")
    return Believed(agreement, strength or None)


def wanted(subject: Subject, kind: str = "belief-changed", **rule: object) -> bool:
    return fits(AlertRule.model_validate({"name": "rule", **rule}, strict=False), kind, [subject], VIEW)


SOME = changed("unreported", "uncontested S2")


def test_a_rule_that_asks_for_nothing_wants_everything() -> None:
    assert wanted(SOME)
    assert wanted(Subject(question("syria/intent")), "plan-lapsed")


@pytest.mark.parametrize(
    ("rule", "fitting"),
    [
        ({"kinds": ["belief-changed"]}, True),
        ({"kinds": ["plan-lapsed", "edition-affected"]}, False),
        ({"aspects": ["control", "siege"]}, True),
        ({"aspects": ["siege"]}, False),
        ({"location": "minian"}, True),
        ({"location": "syria"}, True),
        ({"location": "syria", "parts": False}, False),
        ({"location": "minian", "aspects": ["siege"]}, False),
    ],
)
def test_every_member_must_fit(rule: dict[str, Any], fitting: bool) -> None:
    assert wanted(SOME, **rule) is fitting


def test_a_part_is_one_as_was_known_at_the_alert() -> None:
    world = small_world()
    before = world.head
    world.apply(unlinks("minian", "part_of", "aleppo"))
    rule = AlertRule(name="rule", location="aleppo")
    assert fits(rule, "belief-changed", [SOME], world.registry_at(before))
    assert not fits(rule, "belief-changed", [SOME], world.registry)
    world.apply(links("minian", "part_of", "aleppo"))
    assert fits(rule, "belief-changed", [SOME], world.registry)


@pytest.mark.parametrize(
    ("before", "after", "either", "reached", "left"),
    [
        ("unreported", "uncontested S4", True, True, False),
        ("uncontested S3", "uncontested S5", True, True, False),
        ("uncontested S5", "uncontested S4", False, False, False),
        ("uncontested S4", "contested", True, False, True),
        ("uncontested S2", "uncontested S3", False, False, False),
    ],
)
def test_a_strength_is_crossed(before: str, after: str, either: bool, reached: bool, left: bool) -> None:
    subject = changed(before, after)
    found = [wanted(subject, strength="S4", crossed=way) for way in ("either", "reached", "left")]
    assert found == [either, reached, left]


def test_an_agreement_is_crossed() -> None:
    ways = ("either", "reached", "left")
    disputed, settled = changed("uncontested S2", "contested"), changed("contested", "uncontested S5")
    assert [wanted(disputed, agreement="contested", crossed=way) for way in ways] == [True, True, False]
    assert [wanted(settled, agreement="contested", crossed=way) for way in ways] == [True, False, True]
    assert not wanted(changed("contested", "contested"), agreement="contested")


def test_of_two_things_to_cross_one_is_enough_and_what_crosses_nothing_is_not_wanted() -> None:
    assert wanted(changed("unreported", "uncontested S4"), agreement="contested", strength="S4")
    assert not wanted(Subject(question("minian/intent")), "plan-lapsed", agreement="contested")


def test_an_alert_of_several_questions_is_wanted_for_one_of_them() -> None:
    rule = AlertRule(name="rule", aspects=("siege",), strength="S4")
    siege = changed("unreported", "uncontested S2", at="minian/siege")
    assert not fits(rule, "edition-affected", [changed("unreported", "uncontested S4"), siege], VIEW)
    assert fits(rule, "edition-affected", [SOME, changed("stale", "uncontested S6", at="minian/siege")], VIEW)


def test_what_time_brings_about_has_one_name() -> None:
    moment = read_instant("2026-01-01T00:00:00Z")
    named = id_of_instant("belief-changed", "minian/control", moment)
    assert named == id_of_instant("belief-changed", "minian/control", read_instant("2026-01-01T01:00:00+01:00"))
    assert named != id_of_instant("plan-lapsed", "minian/control", moment)
