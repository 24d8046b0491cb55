"""wary/1: as desk/1, but nobody is heard of whom it is not known what they may gain."""

from dataclasses import replace

from domain.belief.policy import Policy
from domain.belief.rules import settle
from domain.belief.verdict import Bench, Verdict


def known_only(bench: Bench) -> Verdict:
    """Leave out voices of unknown interest, after last words are taken."""
    return settle(replace(bench, voices=tuple(voiced for voiced in bench.voices if voiced.interest != "unknown")))


policy = Policy(name="wary/1", summary="As desk/1, without voices of unknown interest.", settle=known_only)
