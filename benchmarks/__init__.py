"""How fast this house is beside others: `python -m benchmarks` prints a table of ratios."""
