"""What one service asks another live, because it cannot have been told before: outside the streams."""

from shared.questions.question import Question, Refusal, Refused, questions

__all__ = ["Question", "Refusal", "Refused", "questions"]
