"""Files as bytes: read when they are not too large, and written whole or not at all."""

import os
import re
import stat
from collections.abc import Collection
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from autograd.errors import AutogradError

__all__ = ["MAX_BYTES", "FileError", "check_writable", "read", "replace", "suffix_of"]

MAX_BYTES = 64 * 2**20  # of a file: 8 million numbers, which as Values take 2 GB


class FileError(AutogradError, ValueError):
    """A file or a path that is not what it should be, or a model that no file can hold."""


def read(path: Path) -> bytes:
    """The bytes of a file that is not too large to look at."""
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    if not path.is_file():
        raise FileError(f"{path} cannot be read: it is no file")
    if (size := path.stat().st_size) > MAX_BYTES:
        raise FileError(f"{path} cannot be read: {size:,} bytes are too many, over {MAX_BYTES:,}")
    return path.read_bytes()


def replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: in one move, from a temporary file beside it.

    An existing file keeps its permissions, and a read-only one is refused. Where the path is a
    symbolic link, the file that it leads to is replaced. Temporary files that a killed program has
    left for the same file are removed.

    Raises FileNotFoundError for a folder that is missing, FileError for a path that is no file,
    PermissionError for a file that is read-only, and OSError for what else goes wrong.
    """
    path = follow(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}: make it first")
    mode = check_writable(path)
    stem = path.name if len(os.fsencode(path.name)) <= 200 else digest(path.name)
    ours = re.compile(rf"\.{re.escape(stem)}\.[0-9a-f]{{8}}\.tmp")
    temporary = path.with_name(f".{stem}.{token_hex(4)}.tmp")
    try:
        strays = [name for name in os.listdir(path.parent) if ours.fullmatch(name)]
        with open(temporary, "xb") as file:
            if mode is not None and hasattr(os, "fchmod"):  # not on every Windows
                os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.replace(temporary, path)
        except FileNotFoundError:
            # Another process that saved to the same path removed our file as a stray, after we had
            # begun and it had finished. So one of them always finishes, and we try again.
            if not path.parent.is_dir():
                raise
            replace(path, data)
    except OSError as error:
        reason = f"cannot be written, {error.strerror or error}"
        raise OSError(error.errno, reason, str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)
    for name in strays:
        with suppress(OSError):
            path.with_name(name).unlink()


def follow(path: Path) -> Path:
    """The file that a path leads to, through symbolic links."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def check_writable(path: Path) -> int | None:
    """The permissions of an existing file, None where there is none. Raises FileError for a path
    that is no file, PermissionError for a file that is read-only."""
    path = follow(path)
    if not path.exists():
        return None
    if not path.is_file():
        raise FileError(f"{path} cannot be written: it is no file, and stays as it is")
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o222 or not os.access(path, os.W_OK):
        raise PermissionError(f"{path} cannot be written: it is read-only, and stays as it is")
    return mode


def suffix_of(path: Path, known: Collection[str]) -> str:
    """The suffix of a path in small letters. Raises ValueError for one that is not known."""
    suffix = path.suffix.lower()
    if suffix not in known:
        raise ValueError(
            f"cannot write {path.name!r:.80}: end its name in one of {', '.join(known)}"
        )
    return suffix


def digest(name: str) -> str:
    """A short name that stands for one too long to be added to."""
    return sha256(os.fsencode(name)).hexdigest()[:32]
