"""latest/1: whoever spoke of the latest time, last, is right; a baseline to compare with."""

from domain.belief.policy import Policy
from domain.belief.sides import sides_of
from domain.belief.verdict import Bench, Verdict


def take_latest(bench: Bench) -> Verdict:
    """Believe the last word with the greatest key that is not hearsay; nothing is ever contested."""
    heard = [voiced for voiced in bench.voices if not voiced.is_hearsay]
    if not heard:
        return Verdict("unreported", "R1")
    latest = max(heard, key=lambda voiced: voiced.word.key)
    sides = sides_of(bench.voices, bench.assessment, min_nonself=1)
    chosen = next(side for side in sides if latest in side.voices)
    rumours = tuple(side for side in sides if all(voiced.is_hearsay for voiced in side.voices))
    if chosen.denies:
        return Verdict("uncontested", "R4", objections=(chosen,), rumours=rumours, flags=frozenset({"denied-only"}))
    return Verdict("uncontested", "R4", side=chosen, rumours=rumours)


policy = Policy(
    name="latest/1",
    summary="The latest word counts, whoever spoke it.",
    settle=take_latest,
)
