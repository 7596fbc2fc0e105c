"""Freezing questions: the same content is the same version, and nothing gives a key away."""

import hashlib
import json
import unicodedata
import uuid

import pytest

from courses.editions import canonical, current_edition, steps
from courses.models import Fragment
from courses.publishing import settle
from quizzes.freezing import contents, freeze
from quizzes.marking import mark_attempt
from quizzes.models import Paper, QuestionVersion
from tests.courses.conftest import question

pytestmark = pytest.mark.django_db


def multiple(text="Dấu hiệu nào đáng ngờ?", right=(0, 2), **extra):
    options = [{"text": f"{text} {index}", "correct": index in right} for index in range(4)]
    value = {"text": text, "points": 2, "explanation": "", "partial": True, "options": options, **extra}
    return {"type": "multiple", "value": value, "id": str(uuid.uuid4())}


def true_false(text="Giữ kín mã PIN.", is_true=True, **extra):
    value = {"text": text, "points": 1, "explanation": "", "is_true": is_true, **extra}
    return {"type": "true_false", "value": value, "id": str(uuid.uuid4())}


def names(quiz):
    return freeze(quiz).versions


def edit(page, **values):
    page = page.get_latest_revision_as_object()
    for name, value in values.items():
        setattr(page, name, value)
    page.save_revision().publish()
    return type(page).objects.get(pk=page.pk)


def test_each_type_of_question_becomes_what_marking_reads(site):
    quiz = site.quiz(site.course(), questions=[question(right=1), multiple(), true_false(is_true=False)])
    versions = [QuestionVersion.objects.get(pk=name).content for name in names(quiz)]
    assert [version["type"] for version in versions] == ["single", "multiple", "true_false"]
    assert [version["key"] for version in versions] == [[1], [0, 2], [1]]
    assert [version["rule"] for version in versions] == [{"name": "exact"}, {"name": "partial"}, {"name": "exact"}]
    assert versions[2]["options"] == ["Đúng", "Sai"]
    mark = mark_attempt(versions, [[1], [0], [1]], 75)
    assert (mark.percent_hundredths, mark.passed, mark.valid) == (7500, True, True)


def test_publishing_twice_writes_nothing_new(site):
    quiz = site.quiz(site.course())
    before = set(QuestionVersion.objects.values_list("name", flat=True)), Paper.objects.count()
    freeze(quiz)
    quiz.save_revision().publish()
    settle(quiz.get_parent().specific.translation_key)
    assert (set(QuestionVersion.objects.values_list("name", flat=True)), Paper.objects.count()) == before


def test_an_edit_makes_a_version_of_that_question_and_a_paper(site):
    quiz = site.quiz(site.course())
    before = names(quiz)
    quiz.questions[0].value["text"] = "Câu hỏi rõ hơn?"
    after = names(edit(quiz, questions=quiz.questions))
    assert after[0] != before[0]
    assert after[1] == before[1]
    identities = QuestionVersion.objects.filter(pk__in=[before[0], after[0]]).values_list("question", flat=True)
    assert len(set(identities)) == 1
    assert Paper.objects.count() == 2


def test_taking_an_edit_back_returns_to_the_version_before(site):
    quiz = site.quiz(site.course())
    before = names(quiz)
    first = quiz.latest_revision
    quiz.questions[0].value["text"] = "Câu hỏi khác?"
    edit(quiz, questions=quiz.questions)
    first.publish()
    assert names(type(quiz).objects.get(pk=quiz.pk)) == before


def test_text_typed_on_a_mac_is_the_same_version(site):
    quiz = site.quiz(site.course(), questions=[question("Địa chỉ nào thật?")])
    before = names(quiz)
    identity = quiz.questions[0].value["question"]
    raw = json.loads(unicodedata.normalize("NFD", json.dumps([question("Địa chỉ nào thật?")], ensure_ascii=False)))
    raw[0]["value"]["question"] = identity
    assert names(edit(quiz, questions=raw)) == before


def test_a_name_is_the_hash_of_salt_and_content_so_that_trying_all_keys_finds_nothing(site):
    quiz = site.quiz(site.course(), questions=[question()])
    version = QuestionVersion.objects.get()
    assert len(bytes(version.salt)) == 16
    about = {"question": str(version.question), "language": "vi", **version.content}
    assert version.name == hashlib.sha256(bytes(version.salt) + canonical(about)).hexdigest()
    tried = set()
    for key in ([0], [1], [2]):
        guess = {**about, "key": key}
        tried |= {hashlib.sha256(canonical(guess)).hexdigest(), hashlib.sha256(canonical({**guess})).hexdigest()}
    assert version.name not in tried
    assert names(quiz) == [version.name]


def test_the_same_question_in_two_quizzes_has_two_names(site):
    course = site.course()
    one = site.quiz(course, "mot", questions=[question()])
    two = site.quiz(course, "hai", questions=[question()])
    assert names(one) != names(two)


def test_a_paper_is_named_by_its_versions_in_order(site):
    quiz = site.quiz(site.course())
    paper = freeze(quiz)
    assert paper.name == hashlib.sha256("\n".join(paper.versions).encode()).hexdigest()
    assert paper.quiz_id == quiz.translation_key
    turned = edit(quiz, questions=list(reversed(quiz.questions.raw_data)))
    assert freeze(turned).name != paper.name


def test_freezing_takes_a_fixed_number_of_queries(site, django_assert_max_num_queries):
    quiz = site.quiz(site.course(), questions=[question(f"Câu {n}?") for n in range(30)])
    page = type(quiz).objects.select_related("locale").get(pk=quiz.pk)
    with django_assert_max_num_queries(4):  # two of them the savepoint
        freeze(page)


# --- what a phone is told ----------------------------------------------------------------------------------------


def test_an_assessed_quiz_tells_no_key_and_no_explanation_in_any_form(site, signed_in):
    right = "Không đọc cho ai"
    item = question(text="Có người hỏi mã OTP?", explanation="Mã OTP là chìa khóa")
    item["value"]["options"][1] = {"text": right, "correct": True}
    item["value"]["options"][0]["correct"] = False
    quiz = site.quiz(site.course(), questions=[item, multiple(), true_false()], mode="assessed")
    fragment = Fragment.objects.get(activity=quiz.translation_key)
    told = json.dumps(fragment.data, ensure_ascii=False) + signed_in.get(fragment.path).content.decode()
    assert right in told
    for word in ("chìa khóa", '"key"', '"rule"', '"explanation"', '"correct"', "checked"):
        assert word not in told
    for version in QuestionVersion.objects.all():
        assert version.content_hash not in told
        assert bytes(version.salt).hex() not in told
    assert set(fragment.data["questions"][0]) == {"name", "type", "points", "text", "options"}


def test_a_practice_quiz_brings_what_the_phone_marks_with(site):
    quiz = site.quiz(site.course(), questions=[question(right=2)], mode="practice", attempts_allowed=0)
    data = Fragment.objects.get(activity=quiz.translation_key).data
    assert (data["mode"], data["allowed"], data["pass_mark"]) == ("practice", 0, 80)
    [told] = data["questions"]
    assert told["key"] == [2]
    assert told["rule"] == {"name": "exact"}
    assert told["explanation"] == "Vì sao: Mật khẩu nào khó đoán nhất?"
    assert data["paper"] == freeze(quiz).name


def test_the_edition_names_rules_and_papers(site):
    quiz = site.quiz(site.course(), pass_mark=70, attempts_allowed=2)
    [step] = steps(current_edition(quiz.get_parent().specific.translation_key))
    assert step == {
        "activity": str(quiz.translation_key),
        "kind": "quiz",
        "titles": {"vi": "Bài kiểm tra cuối khóa"},
        "required": True,
        "mode": "assessed",
        "pass_mark": 70,
        "attempts": 2,
        "papers": {"vi": freeze(quiz).name},
    }


def test_the_form_without_script_names_the_paper_and_options_by_index(site, signed_in):
    quiz = site.quiz(site.course(), questions=[question("Có `a.example`?"), multiple()])
    html = signed_in.get("/attt-01/bai-kiem-tra/").content.decode()
    paper = freeze(quiz)
    assert f'<input type="hidden" name="activity" value="{quiz.translation_key}">' in html
    assert f'<input type="hidden" name="paper" value="{paper.name}">' in html
    assert f'<fieldset class="opts" data-question="{paper.versions[0]}">' in html
    assert '<input type="radio" name="q0" value="2">' in html
    assert '<input type="checkbox" name="q1" value="3">' in html
    assert 'Có <span class="addr">a.example</span>?' in html
    data = json.loads(html.split('id="quiz-data">')[1].split("</script>")[0])
    assert data == Fragment.objects.get(activity=quiz.translation_key).data


def test_questions_cannot_break_out_of_the_page(site, signed_in):
    site.quiz(site.course(), questions=[question("</script><script>alert(1)</script>")])
    html = signed_in.get("/attt-01/bai-kiem-tra/").content.decode()
    assert "<script>alert" not in html


# --- identity ----------------------------------------------------------------------------------------------------


def identities(quiz):
    return [identity for identity, _ in contents(quiz)]


def test_a_question_has_an_identity_before_anything_is_published(site):
    quiz = site.quiz(site.course(), live=False)
    draft = quiz.get_latest_revision_as_object()
    assert all(block.value["question"] for block in draft.questions)
    assert identities(draft) == identities(quiz)


def test_editing_and_reordering_keep_identities(site):
    quiz = site.quiz(site.course())
    before = identities(quiz)
    raw = list(reversed(quiz.questions.raw_data))
    raw[0]["value"]["text"] = "Viết lại?"
    assert identities(edit(quiz, questions=raw)) == before[::-1]


def test_a_duplicated_question_is_another_question(site):
    quiz = site.quiz(site.course(), questions=[question()])
    raw = list(quiz.questions.raw_data)
    twin = json.loads(json.dumps(raw[0]))
    twin["id"] = str(uuid.uuid4())
    after = identities(edit(quiz, questions=[*raw, twin]))
    assert after[0] == identities(quiz)[0]
    assert after[1] != after[0]


def test_translation_keeps_identities(site):
    course = site.course()
    quiz = site.quiz(course)
    site.translate(course)
    english = site.translate(quiz, title="Final quiz")
    assert identities(english) == identities(quiz)
    assert set(QuestionVersion.objects.values_list("language", flat=True)) == {"vi", "en"}


def test_a_copied_course_has_questions_of_its_own_in_page_and_revisions_alike(site):
    course = site.course()
    quiz = site.quiz(course)
    copy = course.copy(recursive=True, keep_live=True, update_attrs={"slug": "mau", "title": "Mẫu"})
    twin = copy.get_children().get().specific
    assert twin.translation_key != quiz.translation_key
    assert not set(identities(twin)) & set(identities(quiz))
    draft = twin.get_latest_revision_as_object()
    assert identities(draft) == identities(twin)
    draft.save_revision().publish()
    assert identities(type(quiz).objects.get(pk=twin.pk)) == identities(draft)
    assert not set(freeze(twin).versions) & set(freeze(quiz).versions)
    assert steps(current_edition(copy.translation_key)) != steps(current_edition(course.translation_key))
