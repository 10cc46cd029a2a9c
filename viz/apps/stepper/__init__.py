"""The walk through a graph, step by step: a plan made in Python, and a front end that shows it."""

__all__: list[str] = []
