"""A geometry that the registry holds is one that every map can draw."""

from __future__ import annotations

from typing import cast

from pydantic import JsonValue

_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
MAX_POSITIONS = 100_000
"""Most positions (vertices) that one geometry may have."""


def checked_geometry(geometry: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the GeoJSON geometry (RFC 7946, section 3.1) if it is well formed.

    Raises ValueError with what was wrong: an unknown type, a position that is not longitude and latitude in degrees,
    a ring that is not closed. Geometry collections are refused: a place has one shape.
    """
    kind = geometry.get("type")
    if not isinstance(kind, str) or kind not in _DEPTH:
        raise ValueError(f"a geometry's type is one of {', '.join(_DEPTH)}")
    if set(geometry) - {"type", "coordinates", "bbox"}:
        raise ValueError("a geometry has 'type' and 'coordinates', and no other members")
    count = _checked(geometry.get("coordinates"), _DEPTH[kind], closed="Polygon" in kind)
    if count > MAX_POSITIONS:
        raise ValueError(f"a geometry has at most {MAX_POSITIONS} positions")
    return geometry


def _checked(part: JsonValue, depth: int, *, closed: bool) -> int:
    if not isinstance(part, list):
        raise ValueError("coordinates are lists of numbers, nested as the geometry's type says")
    if depth == 0:
        _check_position(part)
        return 1
    if not part:
        raise ValueError("coordinates may not be empty")
    count = sum(_checked(inner, depth - 1, closed=closed) for inner in part)
    if closed and depth == 1 and (len(part) < 4 or part[0] != part[-1]):
        raise ValueError("a ring has at least four positions and ends where it began")
    return count


def _check_position(position: list[JsonValue]) -> None:
    numbers = [part for part in position if isinstance(part, (int, float)) and not isinstance(part, bool)]
    if len(numbers) != len(position) or not 2 <= len(numbers) <= 3:
        raise ValueError("a position is longitude and latitude, and perhaps a height, as numbers")
    longitude, latitude = numbers[0], numbers[1]
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError(f"longitude {longitude} or latitude {latitude} is out of range (degrees, WGS 84)")


def point_of(geometry: dict[str, JsonValue]) -> tuple[float, float] | None:
    """Return longitude and latitude of the geometry's first position: enough to place it in a box."""
    part: JsonValue = geometry.get("coordinates")
    while isinstance(part, list) and part and isinstance(part[0], list):
        part = part[0]
    if not isinstance(part, list) or len(part) < 2:
        return None
    longitude, latitude = cast("float", part[0]), cast("float", part[1])
    return longitude, latitude
