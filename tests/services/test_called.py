"""What is registered is found by the beginnings of the words that it is called by."""

import pytest

from services.called import called

PLACES = {
    "al-qaim": ("Al-Qa'im", "القائم"),
    "lodz": ("Łódź",),
    "sao-tome": ("São Tomé", "Saint Thomas"),
    "strasse-12": ("Große Straße 12",),
    "kyiv": ("Kyiv", "Київ", "Kiev"),
}


def found(wanted: str | None) -> list[str]:
    fits = called(wanted)
    return [slug for slug, names in PLACES.items() if fits((slug, *names))]


@pytest.mark.parametrize(
    ("wanted", "slug"),
    [
        ("KYIV", "kyiv"),
        ("київ", "kyiv"),
        ("sao tome", "sao-tome"),
        ("Tomé São", "sao-tome"),
        ("sao_tome", "sao-tome"),
        ("thom", "sao-tome"),
        ("lodz", "lodz"),
        ("ŁÓD", "lodz"),
        ("qaim", "al-qaim"),
        ("Al-Qaʼim", "al-qaim"),
        ("القَائم", "al-qaim"),
        ("GROSSE strasse", "strasse-12"),
        ("12", "strasse-12"),
    ],
)
def test_a_place_is_found_however_it_is_spelled(wanted: str, slug: str) -> None:
    assert found(wanted) == [slug]


@pytest.mark.parametrize("wanted", ["tome kyiv", "hom", "łódźka", "2"])
def test_every_word_has_to_begin_a_word(wanted: str) -> None:
    assert found(wanted) == []


@pytest.mark.parametrize("wanted", [None, "", " - "])
def test_no_word_leaves_nothing_out(wanted: str | None) -> None:
    assert found(wanted) == list(PLACES)
