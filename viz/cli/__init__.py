"""The command `stepgrad`: what people type, and what it answers."""

__all__: list[str] = []
