"""A practice quiz: marked on the phone at once, without a network, and counted the same later."""

from tests.browser.test_official_story import (
    all_counted,
    download,
    events,
    pending,
    quiz_path,
    right_answers,
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
    take_quiz(phone, quiz, wrong=True)
    shown = phone.page.inner_text("main")
    assert "Chưa đạt" in shown
    assert "Đáp án đúng" in shown
    assert pending(phone) == 1
    score = phone.page.inner_text("main .score b")
    phone.goto(quiz)
    phone.until("document.querySelector('main .score b') !== null")
    assert phone.page.inner_text("main .score b") == score

    phone.page.click("[data-action=start-quiz]")
    take_quiz_again(phone, right_answers(site))
    phone.until("document.querySelector('main .score b')?.innerText === '10,0'")
    assert pending(phone) == 2
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


def take_quiz_again(phone, keys) -> None:
    """From the first question on the screen to its submission."""
    phone.page.locator("[data-question]:visible").wait_for()
    while phone.page.locator("[data-action=next-question]:visible").count():
        question = phone.page.locator("[data-question]:visible")
        for index in keys[question.get_attribute("data-question")]:
            question.locator(f"input[value='{index}']").check(force=True)
        phone.page.locator("[data-action=next-question]:visible").click()
    phone.page.locator("[data-action=submit-quiz]:visible").click()
