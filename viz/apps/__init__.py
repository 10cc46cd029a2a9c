"""What people step through and play with: each a state in Python and a front end."""

__all__: list[str] = []
