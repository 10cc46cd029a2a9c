"""Training in a page without Python: the table as data, a machine that runs it, and its worker."""

__all__ = ["worker_script"]

from viz.apps.machine.printed import worker_script
