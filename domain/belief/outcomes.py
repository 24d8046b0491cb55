"""What is believed of a question at the present is what the whole case would say, found in what was heard."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from domain.aspects import Aspect
from domain.belief.asked import Asked
from domain.belief.bounds import breakpoints
from domain.belief.case import Cut
from domain.belief.heard import Heard, Lasting, Told
from domain.belief.judge import Outcome, nothing_held, settled
from domain.belief.lasting import AtPart, Moment, finds_above, last_word, last_words, last_words_above
from domain.belief.picture import Dirty, Terms, is_episodic
from domain.belief.policy import Policy
from domain.belief.present import Present
from domain.belief.scales import Believed, Scales
from domain.belief.shifts import Stretch, hull, stretch, tells_first
from domain.belief.sweep import Asker, Follower, Listener, Sweep
from domain.belief.word import At, at_instant, at_present
from domain.claims import Question
from domain.times import read

_REMEMBERED = 20_000


class Outcomes:
    """Judges questions at the present, and says what `judge.settled` says of the same case; a `picture.Sight`."""

    def __init__(self, present: Present, policy: Policy) -> None:
        self.present = present
        self.terms = Terms(policy, present.without)
        self._policy = policy
        self._scales = Scales(present, policy)
        self._parts: dict[Question, dict[str, Question]] = {}

    @property
    def cut(self) -> Cut:
        """What is known now."""
        return self.present.cut

    def bounds(self, question: Question, aspect: Aspect, after: datetime | None) -> list[datetime]:
        """Return, in order, the instants behind `after` at which a belief on the question could change."""
        present = self.present
        if aspect.kind in ("plan", "opinion"):
            return [bound for bound in breakpoints(present.cut, question) if after is None or bound > after]
        lists = [present.case.registry.edge_dates, *(one.bounds for one in self._bearing(question, aspect))]
        found = {bound for one in lists for bound in (one if after is None else one[bisect_right(one, after) :])}
        for made in present.made.get(question, ()):
            interval = read(made.assessment.valid.edtf, made.assessment.tz).interval
            found |= {one for one in (interval.start, interval.end) if one is not None and (not after or one > after)}
        return sorted(found)

    def _bearing(self, question: Question, aspect: Aspect) -> Sequence[Heard]:
        if aspect.inherits is not None and aspect.inherits.direction == "up":
            return [self.present.above(question, aspect)]
        places = [question.location]
        if aspect.inherits is not None:
            places += self.present.view.surroundings(question.location)
        return [self.present.heard(question.model_copy(update={"location": one}), aspect) for one in places]

    def at(self, question: Question, aspect: Aspect, moment: datetime, *, latest: bool) -> Believed:
        """Return what is believed of the instant; with `latest` of the latest episode that had begun by then."""
        return self.believed(question, aspect, at_present(moment) if latest else at_instant(moment))

    def believed(self, question: Question, aspect: Aspect, at: At) -> Believed:
        """Return what is believed at a valid time of any kind."""
        present, last = self.present, at.last
        is_long = is_episodic(aspect) and at.given is not None and not at.given.is_instant
        if last is None or is_long or self._is_odd(question, aspect):
            judgement = settled(present.cut, Asked(question, at, self._policy, present.without))
            return judgement.outcome(), judgement.rule
        held = self._held(question, aspect, Moment.of(at))
        if not held:
            return self._nothing(question, aspect, last)
        return self._scales.weigh(question, aspect, at, held)

    def along(self, question: Question, aspect: Aspect, *, latest: bool) -> Callable[[datetime], Believed]:
        """Return what tells what is believed of one instant after another, each later than the one before."""
        is_plain = not self._is_odd(question, aspect) and not self.present.made.get(question)
        if not is_plain or not self._policy.hears_stances:
            return lambda moment: self.at(question, aspect, moment, latest=latest)
        sweep = Sweep(question, aspect, self._listeners(question, aspect, latest=latest), self._scales, latest=latest)
        return lambda moment: sweep.at(moment) or self._nothing(question, aspect, moment)

    def _listeners(self, question: Question, aspect: Aspect, *, latest: bool) -> list[Listener]:
        if latest and is_episodic(aspect):
            return [Asker(partial(self._held, question, aspect), self._scales)]
        if self._counts_parts(question, aspect):
            heard = self.present.above(question, aspect)
            return [Follower(heard, finds_above(heard, self._at_part(question, aspect)), self._scales)]
        heard = self.present.heard(question, aspect)
        found: list[Listener] = [Follower(heard, partial(last_word, heard), self._scales)]
        if self._comes_down(aspect) and self.present.view.wholes(question.location):
            found.append(Asker(partial(self._from_above, question, aspect), self._scales))
        return found

    def touched(self, question: Question, aspect: Aspect, dirty: Dirty, *, latest: bool) -> Stretch | None:
        """Return the instants at which what an event brought can make a difference; None if it makes none."""
        claim = dirty.claim
        if claim is None or latest or not self._policy.hears_stances:
            return dirty.start, None
        if self.present.made.get(question) or self._is_odd(question, aspect):
            return dirty.start, None
        own, *above = self._bearing(question, aspect)
        if tells_first(own, claim):
            return dirty.start, None
        found = [self._shifted(question, own, claim)]
        # Of what comes down from wholes the newest of a source counts: there it matters which word it is.
        found += [stretch(heard, claim, partial(last_word, heard), lambda one: one.told.key) for heard in above]
        return hull([one for one in found if one is not None])

    def _shifted(self, question: Question, own: Heard, claim: str) -> Stretch | None:
        aspect = own.aspect
        if aspect.inherits is not None and aspect.inherits.direction == "up":
            return stretch(own, claim, finds_above(own, self._at_part(question, aspect)), self._scales.apparent)
        return stretch(own, claim, partial(last_word, own), self._scales.apparent)

    def over(self, question: Question, aspect: Aspect, dirty: Dirty, *, latest: bool) -> datetime | None:
        """Return where a later word of the same source, or a later episode, covers what a claim brought."""
        if is_episodic(aspect) and not latest:
            return dirty.end
        if dirty.claim is None:
            return None
        found = [
            self._covered(heard, told)
            for heard in self._bearing(question, aspect)
            for told in heard.told.get(dirty.claim, ((), False))[0]
        ]
        known = [one for one in found if one is not None]
        return max(known) if known and len(known) == len(found) else None

    def _covered(self, heard: Heard, told: Told) -> datetime | None:
        inherits = heard.aspect.inherits
        if heard.voice_of(told) not in heard.spoken or self._is_odd(told.word.question, heard.aspect):
            return None
        if heard.spans is not None:
            is_down = inherits is not None and inherits.direction == "down"
            return None if heard.mute or is_down else heard.spans.next_episode(told)
        spoken = heard.spoken[heard.voice_of(told)]
        over = spoken.over_after(told)
        is_up = inherits is not None and inherits.direction == "up"
        return over if over is not None or is_up else spoken.settled_after(told)

    def _is_odd(self, question: Question, aspect: Aspect) -> bool:
        """Tell whether the question must be judged the long way."""
        if aspect.kind in ("plan", "opinion"):
            return True
        return aspect.apart and (
            (aspect.inherits is not None and aspect.inherits.direction == "down")
            or any(heard.odd for heard in self._bearing(question, aspect))
        )

    def _counts_parts(self, question: Question, aspect: Aspect) -> bool:
        is_up = aspect.inherits is not None and aspect.inherits.direction == "up"
        return is_up and bool(self.present.view.parts(question.location))

    def _comes_down(self, aspect: Aspect) -> bool:
        return aspect.inherits is not None and aspect.inherits.direction == "down"

    def _held(self, question: Question, aspect: Aspect, moment: Moment) -> list[Lasting]:
        present = self.present
        if self._counts_parts(question, aspect):
            return last_words_above(present.above(question, aspect), self._at_part(question, aspect), moment)
        held = last_words(present.heard(question, aspect), moment)
        return self._from_above(question, aspect, moment) if not held and self._comes_down(aspect) else held

    def _from_above(self, question: Question, aspect: Aspect, moment: Moment) -> list[Lasting]:
        """Return what comes down from the wholes: of each source the newest."""
        newest: dict[str, Lasting] = {}
        for one in self._from_wholes(question, aspect, moment, frozenset({question.location})).values():
            source = one.told.source
            if source not in newest or newest[source].told.key < one.told.key:
                newest[source] = one
        return list(newest.values())

    def _at_part(self, question: Question, aspect: Aspect) -> AtPart:
        parts = self._asked_of_parts(question)

        def at_part(place: str) -> Heard:
            there = parts.get(place)
            if there is None:
                there = parts[place] = question.model_copy(update={"location": place})
            return self.present.heard(there, aspect)

        return at_part

    def _asked_of_parts(self, question: Question) -> dict[str, Question]:
        """Return the same question about parts, as far as it was asked: it is asked of them at every instant."""
        parts = self._parts.get(question)
        if parts is None:
            if len(self._parts) >= _REMEMBERED:
                self._parts.clear()
            parts = self._parts[question] = {}
        return parts

    def _from_wholes(
        self, question: Question, aspect: Aspect, moment: Moment, seen: frozenset[str]
    ) -> dict[str, Lasting]:
        """Return what the wholes pass on, by claim, step by step; see `inherit`."""
        found: dict[str, Lasting] = {}
        for whole in self.present.view.wholes(question.location):
            if whole not in seen:
                above = question.model_copy(update={"location": whole})
                held = last_words(self.present.heard(above, aspect), moment)
                passed = {one.told.word.standing.claim.id: one for one in held if one.told.travels}
                found |= passed if held else self._from_wholes(above, aspect, moment, seen | {whole})
        return found

    def _nothing(self, question: Question, aspect: Aspect, moment: datetime) -> Believed:
        """Return what is believed, and by which rule, where nobody has a last word."""
        is_up = aspect.inherits is not None and aspect.inherits.direction == "up"
        heard = self.present.above(question, aspect) if is_up else self.present.heard(question, aspect)
        agreement, rule = nothing_held(
            is_reported=bool(heard.reported) and heard.reported[0] <= moment,
            stands=bool(heard.standing) and heard.standing[0] <= moment,
        )
        return Outcome(agreement, None, None, None), rule
