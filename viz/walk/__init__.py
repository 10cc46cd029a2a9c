"""The walk through both passes as stills: its scenes, the film and the handout."""

__all__: list[str] = []
