"""What can be told of a recorded graph, in words and formulas; the sweep gives every number."""

__all__: list[str] = []
