"""Each alert that a webhook wants reaches it at least once, under one name, whoever is killed and however often."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from services.alerts import Alerts
from services.posting import NotDelivered
from services.store.alerts import AlertReader, AlertWriter
from services.store.webhooks import Hook, HookStore, Outcome
from services.tireless import Tireless, Work
from services.webhooks import Message, Webhooks

LOCK = "webhooks"
ATTEMPTS = 12
"""How often an alert is tried before it is given up: over about a day."""
_FIRST_PAUSE, _GROWTH, _LONGEST = 5.0, 3.0, 6 * 3_600.0
"""Seconds before the second attempt, by what they grow, and at most; each by chance between half of it and all."""
_AT_ONCE = 50
_RECEIVERS = 16
"""Receivers that are posted to side by side, each one message at a time."""
_PAUSE = 0.5
_GONE = 410
"""By Standard Webhooks the answer of who wants nothing more."""


def pause_after(attempts: int, asked: float | None = None, chance: Callable[[], float] = random.random) -> float | None:
    """Return the seconds until the next attempt after so many; None if there is none. `asked` is a Retry-After."""
    if attempts >= ATTEMPTS:
        return None
    full = min(_FIRST_PAUSE * _GROWTH ** (attempts - 1), _LONGEST)
    return max(full * (0.5 + chance() / 2), min(asked or 0.0, _LONGEST))


class Deliverer:
    """Posts alerts to webhooks, in a thread of its own with some helpers; one process at a time, by a lock.

    That an alert is wanted is noted in the transaction in which the webhook's place in the alerts moves; what became
    of it after each attempt. Whoever is killed in between leaves a pending delivery, which is made again.
    """

    def __init__(
        self,
        alerts: Alerts,
        reader: AlertReader,
        store: HookStore,
        webhooks: Webhooks,
        open_holder: Callable[[], AlertWriter],
        pause: Callable[[int, float | None], float | None] = pause_after,
    ) -> None:
        """Nothing is touched before the first `step`."""
        self._alerts = alerts
        self._reader = reader
        self._store = store
        self._webhooks = webhooks
        self._open_holder = open_holder
        self._pause = pause
        self._holder: AlertWriter | None = None
        self._helpers: ThreadPoolExecutor | None = None
        self._under_way: dict[str, Future[None]] = {}
        self._tireless = Tireless(Work(LOCK, self.step, self._rest, self._give_up), _PAUSE)

    def start(self) -> None:
        """Deliver in a thread of its own until `stop`."""
        self._tireless.start()

    def stop(self) -> None:
        """Finish the messages under way and give the lock up to others."""
        self._tireless.stop()

    def _rest(self) -> None:
        self._tireless.wait(_PAUSE)

    def step(self) -> bool:
        """Note what webhooks are to get, and begin to post what is due; False if there was nothing to do."""
        if not self._is_held():
            return False
        moved = False
        for hook in self._store.hooks():
            if hook.enabled:
                moved = self._offer(hook) or moved
                moved = self._post_due(hook) or moved
        return moved

    def settle(self) -> None:
        """Wait until everything that was begun is done, and raise what went wrong."""
        for future in list(self._under_way.values()):
            future.result()

    def _is_held(self) -> bool:
        """Tell whether the lock is ours; it goes with its connection, which is asked every time."""
        if self._holder is None:
            holder = self._open_holder()
            if not holder.hold(LOCK):
                holder.close()
                return False
            self._holder = holder
        self._holder.look()
        return True

    def _offer(self, hook: Hook) -> bool:
        found = self._reader.after(hook.after, _AT_ONCE * 10)
        if not found:
            return False
        rules = [rule for rule in self._store.rules() if rule.name in hook.rules]
        wanted = [one.number for one in found if not hook.rules or self._alerts.is_wanted(one, rules)]
        return self._store.offer(hook, wanted, found[-1].number)

    def _post_due(self, hook: Hook) -> bool:
        """Begin to post what is due, unless the webhook has messages under way."""
        before = self._under_way.get(hook.name)
        if before is not None and not before.done():
            return False
        if before is not None:
            del self._under_way[hook.name]
            before.result()
        due = self._store.due(hook.name, _AT_ONCE)
        if not due:
            return False
        if self._helpers is None:
            self._helpers = ThreadPoolExecutor(_RECEIVERS, thread_name_prefix="webhook")
        self._under_way[hook.name] = self._helpers.submit(self._post, hook, dict(due))
        return True

    def _post(self, hook: Hook, due: dict[int, int]) -> None:
        """Post alerts one after the other; after one that fails the webhook is looked at again before the next."""
        for alert in self._reader.numbered(sorted(due)):
            if self._tireless.is_ending:
                return
            outcome = self._outcome(hook, due[alert.number], self._webhooks.message_of(alert))
            self._store.tried(hook.name, alert.number, outcome)
            if not outcome.is_delivered:
                if outcome.status == _GONE:
                    self._store.switch_off(hook.name, "the receiver answered 410: it wants nothing more")
                return

    def _outcome(self, hook: Hook, attempts: int, message: Message) -> Outcome:
        """Post a message that was tried so often before, and return how that went."""
        try:
            reply = self._webhooks.send(hook, message)
        except NotDelivered as error:
            return Outcome(None, str(error), None if error.is_final else self._pause(attempts + 1, None))
        if 200 <= reply.status < 300:
            return Outcome(reply.status)
        said = f"it answered {reply.status}"
        return Outcome(reply.status, said, self._pause(attempts + 1, reply.retry_after))

    def _give_up(self) -> None:
        """Let what is under way come to its end, which is soon, and give the lock back."""
        wait(self._under_way.values())
        self._under_way.clear()
        if self._helpers is not None:
            self._helpers.shutdown()
            self._helpers = None
        if self._holder is not None:
            self._holder.close()
            self._holder = None
