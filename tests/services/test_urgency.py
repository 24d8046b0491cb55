"""What was printed as sure and is wrong comes before what is only weaker."""

from __future__ import annotations

import pytest

from services.shown import Json
from services.urgency import ORDER, last_change, urgency


def believed(value: str | None, strength: str | None, agreement: str = "uncontested", **sides: str) -> Json:
    """An outcome; `sides` are values that stand beside each other, or contend, with their strengths."""
    body: Json = {"agreement": agreement, "value": value, "strength": strength}
    return {**body, "sides": {name: {"strength": code} for name, code in sides.items()}} if sides else body


def changed(before: Json, after: Json) -> Json:
    row: Json = {"before": before, "after": after, "because": [{"position": 9}]}
    return {"beliefs": [row], "claims": []}


CONTESTED = believed(None, None, "contested", army="S3", rebels="S2")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (believed("army", "S5"), CONTESTED, "overturned"),
        (believed("army", "S6"), believed("rebels", "S2"), "overturned"),
        (believed(None, None, army="S5", rebels="S2"), believed("rebels", "S2"), "overturned"),
        (believed("army", "S4"), believed("rebels", "S5"), "reversed"),
        (believed("army", "S3"), CONTESTED, "unsettled"),
        (believed("army", "S3"), believed(None, None, "retracted"), "unsettled"),
        (CONTESTED, believed("army", "S5"), "settled"),
        (believed("army", "S5"), believed("army", "S2"), "weakened"),
        (believed("army", "S2"), believed("army", "S5"), "strengthened"),
        (CONTESTED, believed(None, None, "contested", army="S4", rebels="S2"), "shifted"),
    ],
)
def test_the_urgency_of_a_changed_belief(before: Json, after: Json, expected: str) -> None:
    assert urgency(changed(before, after), None) == expected


def test_the_most_urgent_of_several_counts_and_an_answer_comes_last() -> None:
    both = {
        "beliefs": changed(believed("army", "S3"), believed("army", "S2"))["beliefs"],
        "claims": [{"status": "voided", "because": {"position": 12}}],
    }
    assert urgency(both, None) == "voided"
    assert last_change(both) == 12
    assert urgency(both, 4) == "answered" == ORDER[-1]


def test_an_edition_of_which_nothing_changed_has_no_urgency() -> None:
    assert urgency({"beliefs": [], "claims": []}, None) is None
