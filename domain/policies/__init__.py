"""Every module of this folder that has a `policy` is a policy, and so is every entry point `onrecord.policies`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

from domain.belief.policy import Policy

DEFAULT = "desk/1"
"""The policy that is used where none is named."""


class UnknownPolicy(LookupError):
    """No policy has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no policy is called {name!r}; there are {', '.join(known)}")
        self.name = name
        self.known = known


@cache
def policies() -> dict[str, Policy]:
    """Return all policies by name; two of one name are refused with a RuntimeError, since answers would differ."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found = [importlib.import_module(f"{__name__}.{name}").policy for name in names]
    found += [point.load() for point in entry_points(group="onrecord.policies")]
    by_name: dict[str, Policy] = {}
    for policy in found:
        if not isinstance(policy, Policy) or policy.name in by_name:
            raise RuntimeError(f"{policy!r} is not a policy, or its name is taken")
        by_name[policy.name] = policy
    return by_name


def policy_named(name: str) -> Policy:
    """Return the policy. Raises UnknownPolicy."""
    known = policies()
    if name not in known:
        raise UnknownPolicy(name, tuple(known))
    return known[name]
