"""A desk's rules are named, can be revised, and stay as long as a webhook goes by them."""

from __future__ import annotations

from domain.alerts import AlertRule
from domain.refusals import Problem, Refusal
from services.errors import UnknownThing
from services.shown import Json
from services.store.webhooks import HookStore


class RuleInUse(Refusal):
    """A webhook goes by the rule; without it, it would get everything, or nothing."""

    kind = "rule-in-use"
    title = "A webhook goes by this rule."


class AlertRules:
    """Keeps a desk's rules."""

    def __init__(self, store: HookStore) -> None:
        self._store = store

    def all(self) -> list[Json]:
        """Return all rules, by name."""
        return [rule_json(rule) for rule in self._store.rules()]

    def named(self, name: str) -> AlertRule:
        """Return the rule of this name. Raises UnknownThing."""
        for rule in self._store.rules():
            if rule.name == name:
                return rule
        raise UnknownThing("alert rule", name)

    def keep(self, rule: AlertRule) -> tuple[Json, bool]:
        """Keep the rule in place of the one of its name; tell whether there was none."""
        is_new = self._store.keep_rule(rule)
        return rule_json(rule), is_new

    def drop(self, name: str) -> None:
        """Drop the rule. Raises UnknownThing, and RuleInUse while a webhook goes by it."""
        if not self._store.drop_rule(name):
            self.named(name)
            using = ", ".join(hook.name for hook in self._store.hooks() if name in hook.rules)
            raise RuleInUse(Problem("", f"the rule {name!r} is used by {using}", "a rule that no webhook names"))


def rule_json(rule: AlertRule) -> Json:
    """Return the rule as it is sent and shown, with what it leaves open."""
    return rule.model_dump(mode="json")
