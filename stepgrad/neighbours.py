"""Other people's packages and files named `autograd` or `nn`, noticed before they do harm."""

from importlib.util import find_spec
from os.path import abspath, dirname, exists, isdir, join, samefile

BOTH = (
    "Stepgrad and HIPS/autograd are installed in the same place, and have overwritten each other's "
    "files, as both have a package named autograd: pip uninstall both stepgrad and autograd, then "
    "install each into an environment of its own"
)


def require(name: str, beside: str) -> None:
    """Raise ImportError, which says the way out, unless the package of that name that is about to
    be imported is Stepgrad's: the one in the folder of the package whose `__file__` is `beside`.

    Nothing is imported for that.
    """
    home = dirname(dirname(abspath(beside)))
    if is_mixed(join(home, name)):
        raise ImportError(BOTH)
    try:
        spec = find_spec(name)
    except ValueError:  # a module that was put together by hand
        return
    if spec is None or spec.origin is None:
        raise ImportError(
            f"Stepgrad's package {name} has lost its files, as it does where HIPS/autograd was "
            "beside it and is uninstalled: pip install --force-reinstall stepgrad"
        )
    folder = dirname(dirname(abspath(spec.origin)))
    if folder == home or (isdir(folder) and samefile(folder, home)):
        return
    if is_mixed(dirname(spec.origin)):
        raise ImportError(
            f"autograd is HIPS/autograd here ({spec.origin}), which hides Stepgrad's package of "
            "that name: install Stepgrad into an environment of its own"
        )
    raise ImportError(
        f"{spec.origin} hides Stepgrad's package {name}: rename it, or keep it where Python does "
        "not look first"
    )


def is_mixed(folder: str) -> bool:
    """Whether HIPS/autograd has files in there."""
    return exists(join(folder, "numpy")) and exists(join(folder, "tracer.py"))
