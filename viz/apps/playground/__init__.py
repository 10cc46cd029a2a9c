"""A small network that is built, trained and opened while one watches: a core in Python that does
what messages ask, and a front end."""

__all__: list[str] = []
