"""desk/1: what a careful verification desk believes (semantics, section 5)."""

from domain.belief.policy import Policy
from domain.belief.rules import settle

policy = Policy(
    name="desk/1",
    summary="Independent voices count, interest is weighed, and who concedes against its own side is believed most.",
    settle=settle,
    hears_stances=True,
)
