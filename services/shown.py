"""What the ledger keeps is shown in the forms that it was recorded in, with the texts that are still held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from domain.claims import Claim
from domain.standing import Standing
from domain.values import Fact, Text

Json = dict[str, object]
Texts = Mapping[str, str | None]


def hashes_of(claims: Iterable[Claim]) -> set[str]:
    """Return the hashes of the texts that the claims refer to."""
    return {text.sha256 for claim in claims for text in _texts(claim)}


def _texts(claim: Claim) -> Iterator[Text]:
    if claim.statement:
        yield claim.statement
    if claim.quote and claim.quote.exact:
        yield claim.quote.exact


def entry_json(entry: Fact) -> Json:
    """Return a registry entry, without what is absent."""
    return entry.model_dump(mode="json", exclude_none=True)


def claim_json(claim: Claim, texts: Texts) -> Json:
    """Return the claim in its wire form; a text that is not held any more is shown by its hash."""
    body = entry_json(claim)
    body["value"] = claim.value
    if claim.statement:
        body["statement"] = text_json(claim.statement, texts)
    if claim.quote and claim.quote.exact:
        body["quote"] = {**cast("Json", body["quote"]), "exact": text_json(claim.quote.exact, texts)}
    return body


def text_json(text: Text, texts: Texts) -> object:
    """Return the words, or the hash in their place."""
    held = texts.get(text.sha256)
    return {"sha256": text.sha256} if held is None else held


def standing_json(standing: Standing, texts: Texts, position: int) -> Json:
    """Return a claim with all that became of it up to `position`."""
    ending = standing.ended_by(position)
    later = [one for one in standing.relations if one.position <= position]
    return {
        **claim_json(standing.claim, texts),
        "position": standing.recorded,
        "status": ending.kind if ending else "standing",
        "ending": entry_json(ending) if ending else None,
        "later_relations": [{"position": one.position, **entry_json(one.relation)} for one in later],
    }
