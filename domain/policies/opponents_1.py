"""opponents/1: nobody is heard in their own cause, as on Wikipedia's war map."""

from dataclasses import replace

from domain.belief.policy import Policy
from domain.belief.rules import settle
from domain.belief.verdict import Bench, Verdict


def without_self(bench: Bench) -> Verdict:
    """Leave out last words of self interest, after last words are taken; if none is left, nothing was reported."""
    return settle(replace(bench, voices=tuple(voiced for voiced in bench.voices if voiced.interest != "self")))


policy = Policy(
    name="opponents/1",
    summary="As desk/1, but what a side says in its own favour is not heard.",
    settle=without_self,
    hears_stances=True,
)
