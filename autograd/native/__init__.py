"""The same Value, and a machine for programs, compiled.

Nothing here is needed: without it everything works, in Python. `kernels.py` prints the C of every
row of the table when the package is built; `value.pyx` records and sweeps, `machine.pyx` runs
programs.
"""
