"""A ledger is read once, and its questions are judged as its picture is: very many of them, without views."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from domain.belief.judge import Outcome
from domain.belief.outcomes import Outcomes
from domain.belief.present import Present
from domain.belief.word import At
from domain.claims import Claim, Question
from domain.events import ClaimRecorded, Recorded
from domain.policies import policy_named
from domain.registry import Registry
from services.store.event_log import EventLog

PAGE = 5_000


class Spoken(NamedTuple):
    """A claim, as it was recorded."""

    recorded: Recorded
    claim: Claim

    @property
    def position(self) -> int:
        """Where it is recorded."""
        return self.recorded.position


class Paper:
    """The registry, and every claim by its question, in the order of the ledger."""

    def __init__(self, log: EventLog) -> None:
        """Read the whole log; the sets have no events but claims and the registry's."""
        self.registry = Registry()
        self.said: defaultdict[Question, list[Spoken]] = defaultdict(list)
        after = 0
        while page := log.read(after, PAGE):
            for one in page:
                self.registry.take(one)
                if isinstance(one.event, ClaimRecorded):
                    self.said[one.event.claim.question].append(Spoken(one, one.event.claim))
            after = page[-1].position


class Told:
    """What was said on one question up to a position, which only goes forward.

    What is said of larger places would come down to the question; the sets speak of none.
    """

    def __init__(self, paper: Paper, question: Question) -> None:
        self._question = question
        self._present = Present(paper.registry, 0)
        self._present.load([(question.location, question.aspect)], (), ())
        self._outcomes: dict[str, Outcomes] = {}

    def take(self, spoken: Spoken) -> None:
        """Take in the next claim."""
        self._present.take(spoken.recorded)

    def asked(self, at: At, policy: str) -> Outcome:
        """Return what is believed at this valid time, as it is known now, under the policy of this name."""
        outcomes = self._outcomes.get(policy)
        if outcomes is None:
            outcomes = self._outcomes[policy] = Outcomes(self._present, policy_named(policy))
        aspect = self._present.view.aspect(self._question.aspect)
        assert aspect is not None, "what was said was said on a known aspect"
        return outcomes.believed(self._question, aspect, at)[0]
