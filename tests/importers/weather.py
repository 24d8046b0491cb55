"""What sixteen sites say of the weather in thirty cities, hour by hour, becomes claims with a number and an hour.

python tests/importers/weather.py SOURCE.ndjson.gz > lines.ndjson
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

from neutral import Line, Statement, claim_id, link, main, place_lines, slug

UNITS = {"temperature": "°F", "humidity": "%", "pressure": "inHg", "visibility": "mi", "realfeel": "°F"}
NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,6})?")


def read(statements: Iterator[Statement]) -> Iterator[Line]:
    """Yield registry lines and claims in the order of the statements; what is no number is told and left out."""
    for name in UNITS:
        yield {"type": "aspect", "name": f"weather-{name}", "kind": "state", "quantity": True}
    unread = 0
    for statement in statements:
        if NUMBER.fullmatch(statement["value"]) is None:
            unread += 1
            sys.stderr.write(f"{statement['id']}: value: {statement['value']!r} is no number\n")
            continue
        site = slug(statement["source"].removeprefix("site:"))
        yield {"type": "source", "slug": site, "kind": "outlet", "name": site}
        yield from place_lines(statement["location"])
        yield _claim(statement, site)
    sys.stderr.write(f"{unread} statements left out\n")


def _claim(statement: Statement, site: str) -> Line:
    name = statement["question"].removeprefix("weather.")
    stated = {"edtf": f"{statement['stated_at']}Z"}
    hour = datetime.fromisoformat(f"{statement['event_time']}+00:00")
    return {
        "type": "claim",
        "id": claim_id(statement["id"], statement["stated_at"]),
        "key": statement["id"],
        "question": {"location": slug(statement["location"]["id"]), "aspect": f"weather-{name}"},
        "quantity": {
            "min": number(statement["value"]),
            "max": number(statement["value"]),
            "unit": UNITS[name],
            "verbatim": statement["value"],
        },
        # The reading is the site's own; whose thermometer it was, it does not say.
        "basis": "unstated",
        "chain": [link(site, "publisher", "paraphrase")],
        "valid": {"edtf": f"{_written(hour)}/{_written(hour + timedelta(hours=1))}"},
        "stated": stated,
        "published": stated,
    }


def number(text: str) -> str:
    """Return a number as the shortest decimal text: `30.30` and `30.3` are the same reading."""
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    main(read)
