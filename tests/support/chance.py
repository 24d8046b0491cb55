"""No verdict hangs on chance: laws are tried on the same examples each time, unless somebody goes hunting for others.

`ONRECORD_TEST_EXAMPLES=20` tries each law on twenty times as many examples, which are others every time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("ONRECORD_TEST_EXAMPLES") or 0)
"""How many times as many examples the hunt wants; 0 if nobody hunts."""
_USUAL = 100
# How fast examples are made says something about the machine and nothing about the law, and so does a deadline.
_MACHINE = (HealthCheck.too_slow, HealthCheck.data_too_large)


def tried_on(examples: int, *, shrinks: bool = True, unless: Iterable[HealthCheck] = ()) -> settings:
    """Return the settings of a law that is tried on this many examples, or on as many times more as the hunt wants.

    With `shrinks=False` a counterexample is shown as it was found, for laws that take minutes to make it smaller;
    `unless` names further checks of Hypothesis's own that the law cannot pass.
    """
    return settings(
        max_examples=examples * (TIMES or 1),
        derandomize=not TIMES,
        deadline=None,
        suppress_health_check=[*_MACHINE, *unless],
        phases=list(Phase) if shrinks else [Phase.explicit, Phase.generate],
        print_blob=True,
    )


def be_certain() -> None:
    """Make this the rule for laws that do not say how many examples they want; before the first law is imported."""
    settings.register_profile("onrecord", tried_on(_USUAL))
    settings.load_profile("onrecord")
