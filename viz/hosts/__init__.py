"""Where an app is shown: in a notebook, on a page that this machine serves, in a file."""

__all__: list[str] = []
