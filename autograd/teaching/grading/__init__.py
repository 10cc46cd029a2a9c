"""A bench for engines of one's own: graphs that grow more difficult, and the mistake by name."""

from autograd.teaching.grading.bench import Grade, grade

__all__ = ["Grade", "grade"]
