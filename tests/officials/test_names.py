"""Vietnamese names: one spelling, found without marks, sorted by the given name as Vietnamese sorts."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.officials.names import clean, fold, sort_key

LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
WORD = st.text(alphabet=LETTERS, min_size=1, max_size=7)
NAME = st.lists(WORD, min_size=1, max_size=5).map(" ".join)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Lò   Thị\tHương ", "Lò Thị Hương"),
        (unicodedata.normalize("NFD", "Vàng Thị Mỷ"), "Vàng Thị Mỷ"),
        ("Lò\u200b Thị \u200eHương\ufeff", "Lò Thị Hương"),
        ("\u200b", ""),
        ("", ""),
    ],
)
def test_one_spelling_is_kept(typed, kept):
    assert clean(typed) == kept


@pytest.mark.parametrize(
    ("text", "found_by"), [("Đào", "dao"), ("ĐÀO", "dao"), ("Nguyễn Thị Ửng", "nguyen thi ung")]
)
def test_names_are_found_without_marks(text, found_by):
    assert fold(text) == found_by


def test_both_places_of_the_tone_are_found():
    assert fold("Hoà") == fold("Hòa")


def test_the_given_name_counts_first_then_the_whole_name():
    names = ["Vàng A Páo", "Giàng A Páo", "Lò Thị An", "Lò Văn Ánh", "Đèo Thị Đào", "Đèo Thị Dung", "Lý Thị Ân"]
    assert sorted(names, key=sort_key) == [
        "Lò Thị An",
        "Lò Văn Ánh",
        "Lý Thị Ân",
        "Đèo Thị Dung",
        "Đèo Thị Đào",
        "Giàng A Páo",
        "Vàng A Páo",
    ]


def test_tones_are_in_the_order_of_the_dictionary():
    assert sorted(["má", "mạ", "mà", "ma", "mả", "mã"], key=sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ"]


def test_a_letter_with_a_hat_comes_after_the_bare_one_whatever_the_tone():
    assert sort_key("ạn") < sort_key("ăn") < sort_key("ân") < sort_key("ba")


@given(NAME)
def test_folding_twice_is_folding_once(name):
    assert fold(fold(name)) == fold(name)


@given(NAME)
def test_a_folded_name_is_plain_ascii(name):
    assert set(fold(name)) <= set(string.ascii_lowercase + " ")


@given(NAME)
def test_spelling_and_spaces_change_neither_key(name):
    other = "  " + unicodedata.normalize("NFD", name).upper().replace(" ", "   ")
    assert sort_key(other) == sort_key(name)
    assert fold(other) == fold(name)


@given(NAME)
def test_a_key_is_ascii_so_that_every_database_sorts_it_alike(name):
    assert set(sort_key(name)) <= set(string.ascii_lowercase + "0")


@given(NAME, NAME)
def test_whose_folded_given_name_comes_first_letter_by_letter_never_sorts_behind_by_its_tone_alone(one, other):
    bare_one, bare_other = fold(one).split()[-1], fold(other).split()[-1]
    plain = not set("ăâđêôơư") & set(unicodedata.normalize("NFC", one + other))
    letters = all(unicodedata.normalize("NFD", c)[1:2] not in ("\u0306", "\u0302", "\u031b") for c in one + other)
    if plain and letters and bare_one < bare_other:
        assert sort_key(one) < sort_key(other)


@given(WORD, NAME)
def test_two_with_the_same_given_name_stand_together(given_name, family):
    key = sort_key(f"{family} {given_name}")
    assert key.startswith(sort_key(given_name)[: len(sort_key(given_name)) // 2])
