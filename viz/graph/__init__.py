"""What is drawn of a graph: cards, tags and lines with their places, as a scene."""

__all__: list[str] = []
