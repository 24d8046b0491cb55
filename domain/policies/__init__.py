"""Every module of this folder that has a `policy` is a policy, and so is every entry point `onrecord.policies`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from domain.belief.policy import Policy
from domain.installed import added

DEFAULT = "desk/1"
"""The policy that is used where none is named."""
GROUP = "onrecord.policies"
"""The entry points that name a module-level `policy` of another package: `wary = "desk_tallies.wary:policy"`."""


class UnknownPolicy(LookupError):
    """No policy has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no policy is called {name!r}; there are {', '.join(known)}")
        self.name = name
        self.known = known


class TwoPolicies(ValueError):
    """Two policies have one name, and so a belief would not tell by which it was judged."""

    def __init__(self, name: str, first: str, second: str) -> None:
        super().__init__(f"the policy {name!r} is in {first} and in {second}; one of them needs another name")
        self.name = name


@cache
def policies() -> dict[str, Policy]:
    """Return all policies by name, ours first. Raises TwoPolicies, and UnfitPlugin for a package that promises none."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found = [(importlib.import_module(f"{__name__}.{name}").policy, "onrecord") for name in names]
    found += [(one.what, f"the package {one.package}") for one in added(GROUP, Policy)]
    homes: dict[str, str] = {}
    by_name: dict[str, Policy] = {}
    for policy, home in found:
        if policy.name in by_name:
            raise TwoPolicies(policy.name, homes[policy.name], home)
        by_name[policy.name], homes[policy.name] = policy, home
    return by_name


def policy_named(name: str) -> Policy:
    """Return the policy. Raises UnknownPolicy."""
    known = policies()
    if name not in known:
        raise UnknownPolicy(name, tuple(known))
    return known[name]
