"""Who holds a town, by three maps and the parties that one of them quotes, becomes claims about `control`.

python tests/importers/ua_control.py SOURCE.ndjson.gz > lines.ndjson
"""

from __future__ import annotations

from collections.abc import Iterator

from neutral import Line, Statement, claim_id, link, main, place_lines, slug

SOURCES = {
    "org:ISW": {"slug": "isw", "kind": "monitor", "name": "Institute for the Study of War"},
    "org:DeepState": {"slug": "deepstate", "kind": "monitor", "name": "DeepState"},
    "org:Liveuamap": {"slug": "liveuamap", "kind": "monitor", "name": "Liveuamap"},
    "org:NZZ": {"slug": "nzz", "kind": "outlet", "name": "Neue Zürcher Zeitung"},
    "side:UA": {"slug": "ukraine", "kind": "party", "name": "Ukraine"},
    "side:RU": {"slug": "russia", "kind": "party", "name": "Russia"},
}
HOLDERS = {"UA": "ukraine", "RU": "russia"}
LAST_DAY = {"isw": "2023-08-31", "deepstate": "2025-08-03"}
"""The last day of an archive that ended. A map that was not kept any longer says nothing of the days after."""
PARTISANS = {
    "type": "aspect", "name": "partisan_activity", "kind": "state", "values": ["yes", "no"],
}  # fmt: skip


def read(statements: Iterator[Statement]) -> Iterator[Line]:
    """Yield registry lines and claims in the order of the statements."""
    for source in SOURCES.values():
        yield {"type": "source", **source}
    yield {
        "type": "affiliation", "id": "russia-opposes-ukraine", "from": "russia", "relation": "opposes", "to": "ukraine",
    }  # fmt: skip
    yield PARTISANS
    shown: dict[tuple[str, str], str] = {}
    for statement in statements:
        yield from place_lines(statement["location"])
        yield _claim(statement, shown)


def _claim(statement: Statement, shown: dict[tuple[str, str], str]) -> Line:
    """Return the claim; `shown` remembers the side that each map coloured each place with last."""
    map_and_place = (statement["source"], statement["location"]["id"])
    value = statement["value"]
    contested = value == "contested"
    if statement["question"] == "control" and not contested:
        value = shown[map_and_place] = HOLDERS[value]
    return {
        "type": "claim",
        "id": claim_id(statement["id"], statement["stated_at"]),
        "key": statement["id"],
        "question": {"location": slug(statement["location"]["id"]), "aspect": statement["question"]},
        "value": shown[map_and_place] if contested else value,
        **({"facets": {"extent": "partial"}} if contested else {}),
        "modality": "presupposed" if statement["x"]["basis"] == "absence" else "asserted",
        "chain": _chain(statement),
        "valid": _valid(statement),
        "stated": {"edtf": statement["stated_at"]},
        "published": {"edtf": statement["stated_at"]},
        "tags": [f"basis:{statement['x']['basis']}", f"shown as:{statement['value']}", f"url:{statement['url']}"],
    }


def _chain(statement: Statement) -> list[Line]:
    speaker = SOURCES[statement["source"]]
    # Who in Kyiv or Moscow made the claim is not on the map: only whose it is.
    naming = "org_only" if speaker["kind"] == "party" else "named"
    publishers = [link(SOURCES[one]["slug"], "publisher", "paraphrase") for one in statement["via"]]
    return [link(speaker["slug"], "speaker", "paraphrase", naming), *publishers]


def _valid(statement: Statement) -> Line:
    """Return from when it held: what a map first shows after a gap came about some time between the two maps."""
    window = statement["event_time"]
    begin = f"{window.rpartition('/')[2]}~" if window else statement["stated_at"]
    end = LAST_DAY.get(SOURCES[statement["source"]]["slug"], "..")
    return {"edtf": f"{begin}/{end}", **({"words": f"between {window.replace('/', ' and ')}"} if window else {})}


if __name__ == "__main__":
    main(read)
