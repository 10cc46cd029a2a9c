"""How a scene is drawn: its font, its colours, and the writers of files."""

__all__: list[str] = []
