"""Stepgrad: see the chain rule.

To use it, import `autograd`, `nn` and `viz`. This package holds the command, `stepgrad` or
`python -m stepgrad`, and what all floors need to know about imports: whether one is going on, and
whether another package of the same name was found instead of ours.
"""

__all__: list[str] = []
