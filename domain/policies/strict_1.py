"""strict/1: like desk/1, but only two disinterested groups corroborate."""

from functools import partial

from domain.belief.policy import Policy
from domain.belief.rules import settle

policy = Policy(
    name="strict/1",
    summary="As desk/1, but corroboration needs two groups that are neutral or speak against their own interest.",
    settle=partial(settle, min_nonself=2),
    hears_stances=True,
)
