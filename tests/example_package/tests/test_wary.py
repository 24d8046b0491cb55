"""Given who is who and what they said, when a question is asked, then wary/1 believes this."""

from desk_tallies.wary import policy
from domain.kit import given, obeys_the_laws, says, source


def test_somebody_of_whom_nothing_is_known_is_not_heard() -> None:
    given(policy, source("somebody", "unnamed"), says("somebody", "ongoing")).asked().then(agreement="unreported")


def test_who_has_nothing_to_win_decides() -> None:
    given(
        policy,
        source("somebody", "unnamed"),
        source("sohr", "monitor"),
        says("somebody", "ongoing"),
        says("sohr", "none"),
    ).asked().then(agreement="uncontested", value="none", strength="S3")


def test_it_obeys_the_laws_of_policies() -> None:
    obeys_the_laws(policy)
