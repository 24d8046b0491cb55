"""The small words of the ledger hold what they say, exactly, and nothing that a store or a map cannot keep."""

import pytest
from pydantic import JsonValue, TypeAdapter, ValidationError

from domain.geometry import checked_geometry, point_of
from domain.values import Line, Quantity, Text, sha256_of


def quantity(least: int | str | None, most: int | str | None = None, unit: str | None = None) -> Quantity:
    return Quantity(min=least, max=most, unit=unit, verbatim="some")


# ---- texts ----


def test_a_text_is_known_by_its_hash() -> None:
    assert Text.of("hills").sha256 == sha256_of("hills")


def test_a_plain_string_is_a_text_with_its_body() -> None:
    assert TypeAdapter(Text).validate_python("hills") == Text.of("hills")


def test_a_text_is_written_without_its_body() -> None:
    assert Text.of("hills").model_dump() == {"sha256": sha256_of("hills")}


def test_a_hash_of_another_text_is_refused() -> None:
    with pytest.raises(ValidationError, match="the hash is not that of the text"):
        Text(sha256=sha256_of("hills"), body="town")


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_what_no_store_can_keep_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Line).validate_python(text)


# ---- quantities ----


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (quantity(10, 20), quantity(20, 30), True),
        (quantity(10, 20), quantity(21), False),
        (quantity(12), quantity(100), True),
        (quantity("12.5", "12.5"), quantity(12, 13), True),
        (quantity("0.1", "0.1"), quantity("0.10", "0.10"), True),
        (quantity(10, 20, "people"), quantity(10, 20, "houses"), False),
        (quantity(None), quantity(10), False),
        (quantity(10**30, 10**30), quantity(10**30 - 1, 10**30 - 1), False),
    ],
)
def test_quantities_overlap_exactly_and_either_way_round(one: Quantity, other: Quantity, overlap: bool) -> None:
    assert (one.overlaps(other), other.overlaps(one)) == (overlap, overlap)


@pytest.mark.parametrize("digits", ["1e5", "+1", "01", "1.", ".5", "1,5", "١", ""])
def test_a_decimal_number_is_plainly_written(digits: str) -> None:
    with pytest.raises(ValidationError):
        Quantity(min=digits)


def test_the_most_is_not_less_than_the_least() -> None:
    with pytest.raises(ValidationError, match="less than the least"):
        Quantity(min=10, max="9.9")


def test_a_quantity_is_a_number_or_words() -> None:
    with pytest.raises(ValidationError, match="verbatim"):
        Quantity(max=10)


# ---- geometries ----

RING: list[JsonValue] = [[0, 0], [1, 0], [1, 1], [0, 0]]
DRAWN: list[dict[str, JsonValue]] = [
    {"type": "Point", "coordinates": [37.1, 36.2]},
    {"type": "Point", "coordinates": [37.1, 36.2, 380]},
    {"type": "MultiPoint", "coordinates": [[37.1, 36.2]]},
    {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
    {"type": "Polygon", "coordinates": [RING]},
    {"type": "MultiPolygon", "coordinates": [[RING], [RING]]},
]
NOT_DRAWN: dict[str, dict[str, JsonValue]] = {
    "no type": {"coordinates": [0, 0]},
    "a collection": {"type": "GeometryCollection", "geometries": []},
    "a stranger's member": {"type": "Point", "coordinates": [0, 0], "crs": "EPSG:3857"},
    "no coordinates": {"type": "Point"},
    "too few numbers": {"type": "Point", "coordinates": [0]},
    "too many numbers": {"type": "Point", "coordinates": [0, 0, 0, 0]},
    "not numbers": {"type": "Point", "coordinates": ["0", True]},
    "latitude first": {"type": "Point", "coordinates": [36.2, 137.1]},
    "an open ring": {"type": "Polygon", "coordinates": [RING[:-1] + [[2, 2]]]},
    "a ring too short": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0]]]},
    "nothing": {"type": "Polygon", "coordinates": []},
    "too much": {"type": "MultiPoint", "coordinates": [RING[0]] * 100_001},
}


@pytest.mark.parametrize("geometry", DRAWN)
def test_a_geometry_that_a_map_can_draw_is_kept(geometry: dict[str, JsonValue]) -> None:
    assert checked_geometry(geometry) is geometry


@pytest.mark.parametrize("geometry", NOT_DRAWN.values(), ids=NOT_DRAWN.keys())
def test_a_geometry_that_no_map_can_draw_is_refused(geometry: dict[str, JsonValue]) -> None:
    with pytest.raises(ValueError, match=r"geometry|coordinates|position|longitude|ring"):
        checked_geometry(geometry)


def test_a_geometry_is_placed_by_its_first_position() -> None:
    assert point_of(DRAWN[0]) == (37.1, 36.2)
    assert point_of(DRAWN[5]) == (0, 0)
    assert point_of({"type": "Point"}) is None
