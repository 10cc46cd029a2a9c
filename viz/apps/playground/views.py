"""One playground that is shown more than once: in two tabs, or twice in a notebook."""

from typing import Any

from viz.apps.playground.core import Place, Playground

__all__ = ["Views"]

MOST = 16  # views that are remembered; one beyond goes on from where the others are


class Views:
    """The views of a playground, each of which finds it as it left it."""

    def __init__(self, playground: Playground) -> None:
        self.playground = playground
        self._now = ""  # the view that spoke last
        self._places: dict[str, Place] = {}  # of the others

    def handle(self, view: str, message: Any) -> dict[str, Any]:
        """The answer to a message of a view, a new one or one that spoke before."""
        if view != self._now:
            if self._now:
                self._places[self._now] = self.playground.place
            if place := self._places.pop(view, None):
                self.playground.return_to(place)
            while len(self._places) > MOST:
                del self._places[next(iter(self._places))]
            self._now = view
        return self.playground.handle(message)
