"""What is believed is remembered by all that a policy can see of the last words: what looks the same is the same."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Sequence
from datetime import datetime
from functools import partial

from domain.aspects import Aspect
from domain.belief.asked import Asked
from domain.belief.bounds import breakpoints
from domain.belief.case import Cut, Made
from domain.belief.heard import Heard, Lasting, Spoken, Told
from domain.belief.inherit import Gathered
from domain.belief.judge import Outcome, assessment_on, heard_out, nothing_held, settled
from domain.belief.lasting import AtPart, Moment, last_word, last_word_above, last_words, last_words_above
from domain.belief.picture import Dirty, Terms, is_episodic
from domain.belief.policy import Policy
from domain.belief.present import Present
from domain.belief.shifts import Stretch, hull, stretch, tells_first
from domain.belief.voices import group_of, interest, origin_of
from domain.belief.word import At, Held, at_instant, at_present
from domain.claims import Question
from domain.times import read
from domain.values import Agreement, Interest

Believed = tuple[Outcome, str]
"""What is believed, and by which rule."""
_REMEMBERED = 20_000


class Outcomes:
    """Judges questions at the present, and says what `judge.settled` says of the same case; a `picture.Sight`."""

    def __init__(self, present: Present, policy: Policy) -> None:
        self.present = present
        self.terms = Terms(policy, present.without)
        self._policy = policy
        self._known: dict[Hashable, Believed] = {}
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
            agreement, rule = self._nothing(question, aspect, last)
            return Outcome(agreement, None, None, None), rule
        made = self._made(question, aspect, at, held)
        seen = self._seen(held, aspect, last, made)
        found = self._known.get(seen) if seen is not None else None
        if found is None:
            gathered = Gathered(present.cut, aspect, at, (), [_as_held(one) for one in held])
            judgement = heard_out(present.cut, Asked(question, at, self._policy, present.without), aspect, gathered)
            found = judgement.outcome(), judgement.rule
            if seen is not None:
                self._remember(seen, found)
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
            at_part = self._at_part(question, aspect)

            def above(spoken: Spoken, moment: Moment) -> Lasting | None:
                return last_word_above(own, spoken, at_part, moment)

            return stretch(own, claim, above, self._apparent)
        return stretch(own, claim, partial(last_word, own), self._apparent)

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

    def _remember(self, seen: Hashable, believed: Believed) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[seen] = believed

    def _held(self, question: Question, aspect: Aspect, moment: Moment) -> list[Lasting]:
        present = self.present
        if aspect.inherits is not None and aspect.inherits.direction == "up" and present.view.parts(question.location):
            at_part = self._at_part(question, aspect)
            return last_words_above(present.above(question, aspect), at_part, moment)
        held = last_words(present.heard(question, aspect), moment)
        if held or aspect.inherits is None or aspect.inherits.direction == "up":
            return held
        newest: dict[str, Lasting] = {}
        for one in self._from_wholes(question, aspect, moment, frozenset({question.location})).values():
            source = one.told.word.claim.source
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

    def _nothing(self, question: Question, aspect: Aspect, moment: datetime) -> tuple[Agreement, str]:
        is_up = aspect.inherits is not None and aspect.inherits.direction == "up"
        heard = self.present.above(question, aspect) if is_up else self.present.heard(question, aspect)
        return nothing_held(
            is_reported=bool(heard.reported) and heard.reported[0] <= moment,
            stands=bool(heard.standing) and heard.standing[0] <= moment,
        )

    def _made(self, question: Question, aspect: Aspect, at: At, held: list[Lasting]) -> Made | None:
        if not self.present.made.get(question):
            return None
        return assessment_on(self.present.cut, question, aspect, at, [_as_held(one) for one in held])

    def _seen(self, held: list[Lasting], aspect: Aspect, last: datetime | None, made: Made | None) -> Hashable | None:
        """Return all that the policy can see of the last words; None if it sees more than that."""
        if not self._policy.hears_stances:
            return None
        groups: dict[frozenset[str], set[Hashable]] = {}
        for one in held:
            group, stance = self._stance(one, last)
            groups.setdefault(group, set()).add(stance)
        alike = Counter(frozenset(stances) for stances in groups.values())
        return aspect.apart, made and made.position, frozenset(alike.items())

    def _stance(self, one: Lasting, last: datetime | None) -> tuple[frozenset[str], Hashable]:
        """Return who speaks, and the stance: what is said, to what end, and whether its source said otherwise too."""
        view = self.present.view
        stance, origin, favours, against, otherwise = self._apparent(one)
        moment = view.since(last)

        def voice() -> tuple[frozenset[str], Interest]:
            return group_of(view, origin, moment), interest(view, origin, favours, against, moment)

        key = ("voice", origin, favours, against, moment)
        group, interested = view.reckoned("source", key, voice)
        return group, (stance, interested, otherwise)

    def _apparent(self, one: Lasting) -> tuple[int, str, frozenset[str], frozenset[str], bool]:
        """Return what is to be seen of the word whatever its time: its stance, who takes it, and to whose good."""
        told, standing = one.told, one.told.word.standing
        carries = standing.claim.relations or standing.relations
        origin = origin_of(self.present.cut, standing) if carries else standing.claim.source
        otherwise = any(not other.word.says_the_same(told.word) for other in one.beside)
        return told.stance, origin, told.favours, told.against, otherwise


def _as_held(one: Lasting) -> Held:
    return Held(one.told.word, tuple(other.word for other in one.beside))
