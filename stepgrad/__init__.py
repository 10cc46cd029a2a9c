"""Stepgrad: see the chain rule.

What there is to import are its packages `autograd`, `nn` and `viz`. This one holds the command,
`stepgrad` or `python -m stepgrad`, and notices other packages that go by the same names.
"""

__all__: list[str] = []
