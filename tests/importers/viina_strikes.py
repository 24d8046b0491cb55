"""News of strikes on military and energy targets becomes claims that a strike occurred, each in its outlet's own voice.

python tests/importers/viina_strikes.py SOURCE.ndjson.gz > lines.ndjson
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from neutral import Line, Statement, claim_id, link, main, place_lines, slug

SOURCES = {
    "24tvua": ("outlet", "24 Kanal"),
    "espreso": ("outlet", "Espreso"),
    "forbesua": ("outlet", "Forbes Ukraine"),
    "interfaxua": ("wire", "Interfax-Ukraine"),
    "kp": ("outlet", "Komsomolskaya Pravda"),
    "liga": ("outlet", "LIGA.net"),
    "liveuamap": ("monitor", "Liveuamap"),
    "meduza": ("outlet", "Meduza"),
    "militarnyy": ("outlet", "Militarnyi"),
    "mz": ("outlet", "Mediazona"),
    "ng": ("outlet", "Nezavisimaya Gazeta"),
    "ntv": ("state_media", "NTV"),
    "nv": ("outlet", "NV"),
    "pravdaua": ("outlet", "Ukrainska Pravda"),
    "ria": ("state_media", "RIA Novosti"),
    "t-me": ("unnamed", "somebody on Telegram"),
    "twitter-com": ("unnamed", "somebody on Twitter"),
    "unian": ("wire", "UNIAN"),
}
CLASS = "strike_on."


def read(statements: Iterator[Statement]) -> Iterator[Line]:
    """Yield registry lines, documents and claims in the order of the statements."""
    for name, (kind, title) in SOURCES.items():
        yield {"type": "source", "slug": name, "kind": kind, "name": title}
    yield {"type": "source", "slug": "russia", "kind": "party", "name": "Russia"}
    # A federal state enterprise; of the other outlets no owner is a party of this war.
    yield {"type": "affiliation", "id": "ria-owned-by-russia", "from": "ria", "relation": "owned_by", "to": "russia"}
    documents: set[str] = set()
    for statement in statements:
        yield from place_lines(statement["location"]) if statement["location"] else _nowhere(statement)
        if _is_its_own(statement) and (text := _sha256(statement["quote"])) not in documents:
            documents.add(text)
            yield _document(statement, text)
        yield _claim(statement)


def _claim(statement: Statement) -> Line:
    said = statement["x"]
    day = {"edtf": statement["event_time"]}
    source = slug(statement["source"].removeprefix("media:"))
    naming = "unnamed" if SOURCES[source][0] == "unnamed" else "named"
    quote = {"document": _sha256(statement["quote"]), "start": 0, "end": len(statement["quote"])}
    return {
        "type": "claim",
        "id": claim_id(statement["id"], statement["stated_at"]),
        "key": statement["id"],
        "question": {"location": _place(statement), "aspect": "strike"},
        "value": statement["value"],
        "facets": {"target": statement["question"].removeprefix(CLASS)},
        "chain": [link(source, "speaker", "quote" if _is_its_own(statement) else "paraphrase", naming)],
        "basis": "unstated",
        "valid": day,
        "stated": {"edtf": statement["stated_at"]},
        "published": {"edtf": statement["stated_at"]},
        **({"quote": quote} if _is_its_own(statement) else {}),
        "tags": [
            f"incident:{_incident(statement)}",
            f"quote is:{said['quote_is']}",
            *(f"a model says:{side}" for side in ("ukr", "rus") if said[f"model_actor_{side}"] == "1"),
            *([f"url:{statement['url']}"] if statement["url"] else []),
        ],
    }


def _is_its_own(statement: Statement) -> bool:
    """Tell whether the words are surely those of this report, and not of another one of the same incident."""
    return statement["x"]["quote_is"] == "this report"


def _document(statement: Statement, sha256: str) -> Line:
    """Return the report by its hash: the words are their publisher's."""
    return {
        "type": "document",
        "sha256": sha256,
        "media_type": "text/plain",
        "source": slug(statement["source"].removeprefix("media:")),
        "published": {"edtf": statement["stated_at"]},
        "url": statement["url"],
    }


def _incident(statement: Statement) -> str:
    return statement["id"].rpartition(":")[0]


def _place(statement: Statement) -> str:
    return slug(statement["location"]["id"] if statement["location"] else _incident(statement))


def _nowhere(statement: Statement) -> Iterator[Line]:
    """Yield a place of the incident's own: two strikes whose place nobody gave must not confirm each other."""
    name = f"where incident {_incident(statement)} was"
    yield {"type": "location", "slug": _place(statement), "names": [name], "precision": "unspecified"}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    main(read)
