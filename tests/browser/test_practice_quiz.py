"""A practice quiz: marked on the phone at once, without a network, and counted the same later."""

from tests.browser.study import (
    all_counted,
    answer_all,
    begin,
    download,
    events,
    pending,
    quiz_path,
    right_answers,
    submit_quiz,
    take_quiz,
)

PRACTICE = """
from quizzes.models import QuizPage
for page in QuizPage.objects.filter(locale__language_code="vi"):
    page = page.get_latest_revision_as_object()
    page.mode = "practice"
    page.save_revision().publish()
"""


def test_a_practice_quiz_is_marked_at_once_without_a_network_and_counts_the_same(site, phone):
    site.manage("shell", "-c", PRACTICE)
    phone.sign_in("CB-0001")
    download(phone)
    quiz = quiz_path(phone)
    phone.cut()
    take_quiz(phone, quiz)
    for words in ("Chưa đạt", "Đáp án đúng"):
        phone.until(f"document.querySelector('main').innerText.includes('{words}')")
    pending(phone, 1)
    score = phone.page.inner_text("main .score b")
    phone.goto(quiz)
    phone.until("document.querySelector('main .score b') !== null")
    assert phone.page.inner_text("main .score b") == score

    begin(phone.page)
    answer_all(phone.page, right_answers(site))
    submit_quiz(phone.page)
    phone.until("document.querySelector('main .score b')?.innerText === '10,0'")
    pending(phone, 2)
    assert events(site) == []

    phone.connect()
    phone.goto("/me/results/")
    all_counted(phone)
    assert [(kind, verdict) for kind, verdict, _, _ in events(site)] == [("quiz_submitted", "accepted")] * 2
    first, second = site.rows("select earned, possible, passed, counted from quizzes_attempt order by started_at")
    assert (first[2], second[2:]) == (0, (1, 1))
    assert second[0] == second[1]
    assert score == f"{10 * first[0] / first[1]:.1f}".replace(".", ",")
    assert not phone.errors
