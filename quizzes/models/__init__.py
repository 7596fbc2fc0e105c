"""What is asked: quiz pages, frozen questions, papers; and what was answered: attempts."""

from quizzes.models.attempt import Attempt
from quizzes.models.frozen import Paper, QuestionVersion
from quizzes.models.pages import QuizPage

__all__ = ["Attempt", "Paper", "QuestionVersion", "QuizPage"]
