"""Beliefs are told in an editor's words: every code of the rules has one sentence here, and no command has its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

Json = Mapping[str, object]
Called = Callable[[str], str]
"""Gives what a value is called: the name of a source for its slug, any other text as it is."""

STRENGTHS = {
    "S1": "hearsay",
    "S2": "one-sided",
    "S3": "single source",
    "S4": "corroborated",
    "S5": "conceded",
    "S6": "established",
}
STRENGTHS_MEAN = {
    "S1": "only an unnamed speaker said so, and others passed it on",
    "S2": "only those said so who gain by it, or whose interest is not known",
    "S3": "somebody who does not gain by it said so, alone",
    "S4": "at least two independent voices said so, one of them without gain",
    "S5": "somebody it hurts granted it",
    "S6": "an assessment found physical evidence of it",
}
AGREEMENTS = {
    "unreported": "unreported",
    "uncontested": "uncontested",
    "contested": "contested",
    "retracted": "retracted",
    "stale": "stale",
    "not-adjudicated": "not adjudicated",
}
RULES = {
    "R0": "opinions are listed and never adjudicated",
    "R1": "nobody had claimed anything that had begun by then",
    "R2": "all that was claimed was taken back, corrected or voided",
    "R3": "what was claimed stands, but holds no longer",
    "R4": "all who were heard on it say the same",
    "R5": "those who were heard contradict each other, so the desk takes no side",
    "R5b": "one camp both grants it and contradicts it, so the desk takes no side",
    "R6": "somebody who had said otherwise of the same time now grants it",
    "R7": "an assessment stands beside what the claims amount to",
}
INTERESTS = {
    "self": "in its own interest",
    "adverse": "against its own interest",
    "neutral": "no party to it",
    "unknown": "interest unknown",
}
FLAGS = {
    "tension": "in tension with another belief",
    "split-bloc": "one camp speaks with two tongues",
    "assessed": "assessed by an editor",
    "denied-only": "denied by somebody, asserted by nobody",
    "pending": "announced and still due",
    "fulfilled": "announced and done",
    "lapsed": "announced, and the time is over",
    "overtaken": "announced, and overtaken by what came",
}


def as_told(value: str) -> str:
    """Return a value as it is written."""
    return value


def sentence(text: str) -> str:
    """Return the text as a sentence: a capital, and a full stop if it has none."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!", "…")) else ".")


def listed(parts: Sequence[str]) -> str:
    """Return the parts as a sentence lists them."""
    if len(parts) < 2:
        return "".join(parts)
    between = "; " if any("," in part for part in parts) else ", "
    return f"{between.join(parts[:-1])} and {parts[-1]}"


def terms(what_if: Json) -> str:
    """Return what a what-if is judged by, as a part of a sentence."""
    without = listed(cast("Sequence[str]", what_if["without"]))
    told = [f"under {what_if['policy']}", f"without {without}" if without else ""]
    told.append("" if what_if["upto"] is None else f"up to position {what_if['upto']}")
    return ", ".join(part for part in told if part)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return the number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def strength(code: object) -> str:
    """Return a strength with its word, as in `S3 single source`."""
    return f"{code} {STRENGTHS.get(str(code), '')}".strip() if code else "no strength"


def value(given: object, called: Called = as_told) -> str:
    """Return a value as a reader would say it: text, a quantity, or the denial of a value."""
    if isinstance(given, Mapping):
        return _quantity(cast("Json", given))
    if given is None:
        return "no value"
    text = str(given)
    return f"not {called(text[4:])}" if text.startswith("not:") else called(text)


def _quantity(given: Json) -> str:
    low, high = (None if given.get(end) is None else _number(given[end]) for end in ("min", "max"))
    unit = f" {given['unit']}" if given.get("unit") else ""
    if low == high:
        return f"{low}{unit}"
    if high is None:
        return f"at least {low}{unit}"
    return f"at most {high}{unit}" if low is None else f"{low} to {high}{unit}"


def _number(given: object) -> str:
    return f"{given:,}" if isinstance(given, int) else str(given)


def question(asked: Json, called: Called = as_told) -> str:
    """Return a question without its place, as in `strike (russia)`."""
    aspect = str(asked["aspect"]).replace("_", " ")
    return f"{aspect} ({called(str(asked['subject']))})" if asked.get("subject") else aspect


def sides(outcome: Json) -> dict[str, str]:
    """Return the strength of each side that contends, the strongest first; empty where none do."""
    given = cast("Mapping[str, Json]", outcome.get("sides") or {})
    found = {name: str(side["strength"]) for name, side in given.items()}
    names = sorted(sorted(found), key=lambda name: found[name], reverse=True)
    return {name: found[name] for name in sorted(names, key=lambda name: name != outcome.get("lean"))}


def finding(outcome: Json, called: Called = as_told) -> str:
    """Return what is believed, to stand behind a colon; takes a belief, its short form, or an outcome of a change."""
    agreement = str(outcome["agreement"])
    if agreement == "contested":
        return _contested(outcome, called)
    if agreement == "uncontested":
        return _uncontested(outcome, called)
    if agreement == "stale":
        last = outcome.get("last")
        before = f"; last believed: {finding(cast('Json', last), called)}" if isinstance(last, Mapping) else ""
        return f"stale: nothing that was said holds any longer{before}"
    if agreement == "not-adjudicated":
        opinions = cast("Sequence[object]", outcome.get("opinions") or ())
        return f"not adjudicated: {counted(len(opinions), 'opinion')}"
    return {
        "unreported": "unreported: nobody has claimed anything on it",
        "retracted": "retracted: nothing that was claimed stands",
    }.get(agreement, agreement)


def _contested(outcome: Json, called: Called) -> str:
    found = sides(outcome)
    told = [f"{value(name, called)} ({strength(code)})" for name, code in found.items()]
    lean = outcome.get("lean")
    if lean is not None and lean in found and len(told) > 1:
        return f"contested, leaning to {told[0]} against {' and '.join(told[1:])}"
    return f"contested, leaning to neither: {' against '.join(told)}" if told else "contested"


def _uncontested(outcome: Json, called: Called) -> str:
    if outcome.get("value") is not None:
        return f"{value(outcome['value'], called)}, uncontested ({strength(outcome.get('strength'))})"
    if "denied-only" in cast("Sequence[str]", outcome.get("flags") or ()):
        return "denied, and asserted by nobody"
    told = [f"{value(name, called)} ({strength(code)})" for name, code in sides(outcome).items()]
    return f"uncontested, each value by itself: {listed(told)}" if told else "uncontested, without a value of its own"


def support(outcome: Json) -> str:
    """Return the two axes in short, as in `uncontested, S5 conceded`."""
    agreement = AGREEMENTS.get(str(outcome["agreement"]), str(outcome["agreement"]))
    if outcome.get("strength"):
        return f"{agreement}, {strength(outcome['strength'])}"
    if outcome.get("lean"):
        return f"{agreement}, leans to {value(outcome['lean'])}"
    return agreement


def believed(outcome: Json, called: Called = as_told) -> str:
    """Return what is believed in as few words as will do for a cell of a table."""
    if outcome["agreement"] == "contested":
        return " / ".join(f"{value(name, called)} {code}" for name, code in sides(outcome).items()) or "contested"
    if outcome.get("value") is not None:
        return value(outcome["value"], called)
    if outcome["agreement"] == "uncontested":
        return ", ".join(value(name, called) for name in sides(outcome)) or "several"
    return "-"


def facets(outcome: Json) -> str:
    """Return the facets with their strengths, as in `extent full: S4 corroborated`; empty if there are none."""
    given = cast("Mapping[str, Mapping[str, object]]", outcome.get("facets") or {})
    return ", ".join(
        f"{name.replace('_', ' ')} {held}: {strength(code)}"
        for name, those in given.items()
        for held, code in those.items()
    )


def flags(outcome: Json) -> list[str]:
    """Return the flags in words."""
    return [FLAGS.get(flag, flag) for flag in cast("Sequence[str]", outcome.get("flags") or ())]


def moment(text: object) -> str:
    """Return an instant (RFC 3339) for a reader, to the second."""
    told = str(text)
    return f"{told[:10]} {told[11:19]} UTC" if told.endswith("Z") and "T" in told else told


def cause(given: Json) -> str:
    """Return what brought a change about, in a few words."""
    kind = str(given["type"]).partition(".")[0]
    name = str(given["thing"]).partition("/")[2]
    claim = str(given.get("key") or given.get("claim") or "")
    speaker = f" of {given['source']}" if given.get("source") else ""
    reason = f" ({given['reason']})" if given.get("reason") else ""
    known = {
        "claim-recorded": f"claim {claim}{speaker}",
        "claim-corrected": f"the desk corrected a claim{speaker}{reason}",
        "claim-withdrawn": f"{given.get('source')} took back {claim}{reason}",
        "claim-voided": f"claim {claim} was voided{reason}",
        "relation-asserted": f"claim {claim} was related to another",
        "assessment-made": f"assessment {name}",
    }
    return known.get(kind, f"{kind.replace('-', ' ')}: {name}")
