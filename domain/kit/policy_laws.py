"""A policy that obeys these laws gives the same belief on every machine, in whatever order the claims arrived.

Each law is a function of a policy and a ledger that raises BrokenLaw. Every question that the ledger speaks of is
judged, and the law is held against every bench that comes before the policy meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import cast, get_args

from domain.belief.affected import spoken_on
from domain.belief.asked import Asked
from domain.belief.explain import belief
from domain.belief.judge import judge
from domain.belief.policy import Policy
from domain.belief.sides import Side
from domain.belief.verdict import Bench, Verdict
from domain.kit.broken import BrokenLaw
from domain.kit.judging import NOON, PRESENT, cut_of, moment_at
from domain.kit.paper import PaperLedger
from domain.values import Strength

Law = Callable[[Policy, PaperLedger], None]
NAMED = "a policy is named `word/version`, and says in a sentence what it does"
TOTAL = "whatever the last words are, there is a verdict"
PURE = "the same words give the same verdict"
ORDER = "the order in which voices are heard decides nothing"
HEARD = "a verdict cites only whom it heard"
COHERENT = "a verdict is one of three: nobody is heard, one value stands, or sides contend"
EXPLAINED = "the same question gives the same belief, to the byte"
_NAME = re.compile(r"[a-z][a-z0-9-]*/[1-9][0-9]*")
_STRENGTHS = frozenset(get_args(Strength))
_SETTLED = ("unreported", "uncontested", "contested")


def is_named(policy: Policy, ledger: PaperLedger) -> None:
    """The name can be printed with a belief for ever, and the summary be read by an editor."""
    del ledger
    if not _NAME.fullmatch(policy.name):
        raise BrokenLaw(_who(policy), NAMED, f"{policy.name!r} is not such a name, as `desk/1` is")
    if not policy.summary.strip():
        raise BrokenLaw(_who(policy), NAMED, "its summary says nothing")


def is_total(policy: Policy, ledger: PaperLedger) -> None:
    """No bench makes it raise, and it never answers anything but a verdict."""

    def see(bench: Bench) -> None:
        for one in (bench, replace(bench, voices=())):
            try:
                found = cast("object", policy.settle(one))
            except Exception as error:  # noqa: BLE001 (whatever it is, whoever asks would get it)
                raise BrokenLaw(_who(policy), TOTAL, f"{_told(one)} {type(error).__name__}: {error}") from error
            if not isinstance(found, Verdict):
                raise BrokenLaw(_who(policy), TOTAL, f"{_told(one)} it answers {found!r}")

    _judge_all(policy, ledger, see)


def is_pure(policy: Policy, ledger: PaperLedger) -> None:
    """Settling a bench a second time gives the same verdict."""

    def see(bench: Bench) -> None:
        if _shown(policy.settle(bench)) != _shown(policy.settle(bench)):
            raise BrokenLaw(_who(policy), PURE, f"{_told(bench)} a second hearing ends otherwise")

    _judge_all(policy, ledger, see)


def does_not_mind_order(policy: Policy, ledger: PaperLedger) -> None:
    """Voices turned round, and each of them put first, give the same verdict."""

    def see(bench: Bench) -> None:
        first = _shown(policy.settle(bench))
        orders = [bench.voices[::-1], *(bench.voices[cut:] + bench.voices[:cut] for cut in range(1, len(bench.voices)))]
        for voices in orders:
            other = _shown(policy.settle(replace(bench, voices=voices)))
            if other != first:
                told = ", ".join(
                    f"{name} is {other[name]!r}, and was {first[name]!r}" for name in _unlike(first, other)
                )
                raise BrokenLaw(_who(policy), ORDER, f"{_told(bench)} heard in another order, {told}")

    _judge_all(policy, ledger, see)


def cites_whom_it_heard(policy: Policy, ledger: PaperLedger) -> None:
    """Whoever stands on a side of the verdict stood before the bench."""

    def see(bench: Bench) -> None:
        verdict = policy.settle(bench)
        for side in _sides(verdict):
            strange = [voiced for voiced in side.voices if voiced not in bench.voices]
            if strange:
                told = f"{_told(bench)} {strange[0].word.claim.id} is cited for {side.name!r} and was not heard"
                raise BrokenLaw(_who(policy), HEARD, told)

    _judge_all(policy, ledger, see)


def is_coherent(policy: Policy, ledger: PaperLedger) -> None:
    """Agreement, rule, value, sides and lean of a verdict fit each other."""

    def see(bench: Bench) -> None:
        wrong = _incoherent(policy.settle(bench))
        if wrong:
            raise BrokenLaw(_who(policy), COHERENT, f"{_told(bench)} {wrong}")

    _judge_all(policy, ledger, see)


def explains_itself_alike(policy: Policy, ledger: PaperLedger) -> None:
    """Every belief can be explained, and has the same digest when it is asked again."""

    def asking(asked: Asked) -> None:
        first, second = belief(cut_of(ledger), asked), belief(cut_of(ledger), asked)
        if first["digest"] != second["digest"]:
            raise BrokenLaw(_who(policy), EXPLAINED, f"on {asked.question.name}, asked twice, the digests differ")

    _ask_all(policy, ledger, asking)


LAWS: dict[str, Law] = {
    NAMED: is_named,
    TOTAL: is_total,
    PURE: is_pure,
    ORDER: does_not_mind_order,
    HEARD: cites_whom_it_heard,
    COHERENT: is_coherent,
    EXPLAINED: explains_itself_alike,
}
"""Each law of a policy by its sentence."""


def _ask_all(policy: Policy, ledger: PaperLedger, ask: Callable[[Asked], None]) -> None:
    view = ledger.registry
    told = {standing.claim.question for standing in ledger.standings.values()}
    for question in sorted({up for one in told for up in spoken_on(view, one)}, key=lambda one: one.name):
        for valid in (NOON, PRESENT):
            ask(Asked(question, moment_at(valid), policy))


def _judge_all(policy: Policy, ledger: PaperLedger, see: Callable[[Bench], None]) -> None:
    """Judge every question that the ledger speaks of, and show each bench before it is settled.

    What the policy says goes no further if it is not coherent: its faults are told here, and not by who relies on it.
    """

    def settle(bench: Bench) -> Verdict:
        see(bench)
        verdict = policy.settle(bench)
        return Verdict("unreported", "R1") if _incoherent(verdict) else verdict

    cut = cut_of(ledger)

    def ask(asked: Asked) -> None:
        judge(cut, asked)

    _ask_all(replace(policy, settle=settle), ledger, ask)


def _incoherent(verdict: Verdict) -> str | None:
    """Return what does not fit; None if all does."""
    stands, contend = verdict.side is not None, bool(verdict.sides)
    found = {
        "no rule is named": not verdict.rule,
        "a side has no strength": any(side.strength not in _STRENGTHS for side in _sides(verdict)),
        "one value stands, and yet sides contend": stands and contend,
        "it leans to a side that does not contend": verdict.lean is not None and verdict.lean not in verdict.sides,
        "it is contested, and no sides contend": verdict.agreement == "contested" and not contend,
        "sides contend, and it is not contested": verdict.agreement != "contested" and contend,
        "it is uncontested, and no value stands": verdict.agreement == "uncontested"
        and not (stands or "denied-only" in verdict.flags),
        "a value stands, and it is not uncontested": verdict.agreement != "uncontested" and stands,
        "such an agreement is settled before a policy is asked": verdict.agreement not in _SETTLED,
    }
    return next((wrong for wrong, so in found.items() if so), None)


def _sides(verdict: Verdict) -> tuple[Side, ...]:
    leading = (verdict.side,) if verdict.side else ()
    return (*leading, *verdict.sides, *verdict.rumours, *verdict.objections)


def _shown(verdict: Verdict) -> dict[str, object]:
    """Return all that a verdict says, whatever the order in which it lists it."""

    def shown(side: Side | None) -> object:
        return None if side is None else (side.name, side.strength, side.claims, sorted(side.facets.items()))

    return {
        "agreement": verdict.agreement,
        "rule": verdict.rule,
        "value": verdict.value,
        "side": shown(verdict.side),
        "sides": sorted(repr(shown(side)) for side in verdict.sides),
        "lean": shown(verdict.lean),
        "rumours": sorted(repr(shown(side)) for side in verdict.rumours),
        "objections": sorted(repr(shown(side)) for side in verdict.objections),
        "refuted": sorted(verdict.refuted),
        "flags": sorted(verdict.flags),
    }


def _unlike(one: dict[str, object], other: dict[str, object]) -> list[str]:
    return [name for name in one if one[name] != other[name]]


def _who(policy: Policy) -> str:
    return f"the policy {policy.name!r}"


def _told(bench: Bench) -> str:
    said = ", ".join(f"{voiced.origin} says {voiced.word.value or voiced.word.quantity}" for voiced in bench.voices)
    return f"on {bench.aspect.name}, where {said or 'nobody speaks'}:"
