"""Marking, held to its properties and to tests/contract/marking.json, as the phone's marking is."""

import json
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quizzes.marking import PARTS_PER_POINT, grade, mark_attempt

CASES = json.loads((Path(__file__).parent.parent / "contract/marking.json").read_text(encoding="utf-8"))


def by_sentence(case):
    return case["shows"]


@pytest.mark.parametrize("case", CASES["grade"], ids=by_sentence)
def test_an_answer_is_marked_as_the_contract_says(case):
    if case["expect"] == {"error": True}:
        with pytest.raises(ValueError, match="unknown"):
            grade(case["question"], case["answer"])
    else:
        assert asdict(grade(case["question"], case["answer"])) == case["expect"]


@pytest.mark.parametrize("case", CASES["attempts"], ids=by_sentence)
def test_an_attempt_is_marked_as_the_contract_says(case):
    mark = asdict(mark_attempt(case["questions"], case["answers"], case["pass_mark_percent"]))
    mark["earned_each"] = [each["earned"] for each in mark.pop("marks")]
    assert mark == case["expect"]


def test_the_contract_is_large_and_every_case_says_something_of_its_own():
    sentences = [case["shows"] for case in CASES["grade"] + CASES["attempts"]]
    assert len(sentences) >= 120
    assert len(set(sentences)) == len(sentences)


@st.composite
def questions(draw, types=("single", "multiple", "true_false"), rules=("exact", "partial")):
    kind = draw(st.sampled_from(types))
    count = 2 if kind == "true_false" else draw(st.integers(1, 14))
    keys = st.sets(st.integers(0, count - 1), max_size=count if kind == "multiple" else 1)
    return {
        "type": kind,
        "points": draw(st.integers(0, 20)),
        "rule": {"name": draw(st.sampled_from(rules))},
        "options": [str(n) for n in range(count)],
        "key": sorted(draw(keys)),
    }


@st.composite
def answered(draw, **kinds):
    question = draw(questions(**kinds))
    most = len(question["options"]) if question["type"] == "multiple" else 1
    chosen = draw(st.sets(st.integers(0, len(question["options"]) - 1), min_size=1, max_size=most))
    return question, sorted(chosen)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)


@given(questions(), json_values)
def test_no_json_value_raises_or_leaves_the_bounds(question, answer):
    mark = grade(question, answer)
    assert 0 <= mark.earned <= mark.possible == question["points"] * PARTS_PER_POINT
    assert mark.earned == 0 or (mark.valid and mark.answered)


@given(answered(), st.randoms())
def test_the_order_of_the_chosen_options_is_irrelevant(pair, random):
    question, chosen = pair
    shuffled = random.sample(chosen, len(chosen))
    key = random.sample(question["key"], len(question["key"]))
    assert grade(question, chosen) == grade({**question, "key": key}, shuffled)


@given(answered(types=["multiple"]), st.data())
def test_one_more_right_option_never_costs_and_one_more_wrong_option_never_pays(pair, data):
    question, chosen = pair
    open_options = sorted(set(range(len(question["options"]))) - set(chosen))
    assume(open_options)
    added = data.draw(st.sampled_from(open_options))
    before = grade(question, chosen).earned
    after = grade(question, [*chosen, added]).earned
    if added in question["key"]:
        assert after >= before
    else:
        assert after <= before


@given(answered(types=["multiple"]))
def test_the_exact_rule_never_gives_more_than_the_partial_rule(pair):
    question, chosen = pair
    exact = grade({**question, "rule": {"name": "exact"}}, chosen)
    partial = grade({**question, "rule": {"name": "partial"}}, chosen)
    assert exact.earned <= partial.earned
    assert exact.correct == partial.correct
    if partial.correct:
        assert exact.earned == partial.earned == exact.possible


@given(answered(types=["multiple"], rules=["partial"]))
def test_a_partial_mark_is_within_half_a_part_of_the_fraction(pair):
    question, chosen = pair
    key = set(question["key"])
    right = sum(index in key for index in chosen)
    share = Fraction(max(0, 2 * right - len(chosen)), len(key)) if key else Fraction(0)
    mark = grade(question, chosen)
    distance = abs(mark.earned - share * mark.possible)
    assert distance <= Fraction(1, 2)
    if len(key) <= 10:
        assert distance == 0


@given(st.lists(answered(), max_size=8), st.integers(0, 100))
def test_an_attempt_is_the_sum_of_its_questions_and_shows_what_it_decided(pairs, pass_mark):
    paper = [question for question, _ in pairs]
    answers = [chosen for _, chosen in pairs]
    mark = mark_attempt(paper, answers, pass_mark)
    assert mark.marks == tuple(grade(*pair) for pair in pairs)
    assert mark.earned == sum(each.earned for each in mark.marks)
    assert 0 <= mark.percent_hundredths <= 10_000
    # The number a person reads and the verdict beside it never contradict each other.
    assert mark.passed == (mark.possible > 0 and mark.percent_hundredths >= pass_mark * 100)
    assert mark.valid


@given(st.lists(answered(), min_size=1, max_size=6), st.integers(0, 99))
def test_a_higher_pass_mark_never_passes_what_a_lower_one_did_not(pairs, pass_mark):
    paper = [question for question, _ in pairs]
    answers = [chosen for _, chosen in pairs]
    higher = mark_attempt(paper, answers, pass_mark + 1)
    assert not higher.passed or mark_attempt(paper, answers, pass_mark).passed


@given(st.lists(questions(), max_size=4), json_values)
def test_no_json_value_in_place_of_the_answers_raises(paper, answers):
    mark = mark_attempt(paper, answers, 80)
    assert 0 <= mark.earned <= mark.possible
    assert len(mark.marks) == len(paper)
