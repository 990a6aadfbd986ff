"""A folder of output that appears whole or not at all, and never in place of anything but its like."""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.errors import CandorError
from analysis.readers import shown

# The list of a site's files, by which it is known as ours when it is built again. A model needs none.
LISTING = ".candor-site"


def check_folder(out: str | Path, what: str = "site", files: Collection[str] | None = None) -> Path:
    """Resolve the name of a folder to write, and refuse it where that would remove anything but its like.

    Parameters
    ----------
    out : path
    what : str
        What is written, for the error.
    files : collection of str, optional
        The files that it consists of; without them it keeps a list of its own.

    Returns
    -------
    Path

    Raises
    ------
    CandorError
        If `out` is a file, holds a file that is not part of `what`, or lies in a folder that is not there.
    """
    folder = Path(out).resolve()
    name = shown(out)
    if not folder.parent.is_dir():
        raise CandorError(f"{name}: the folder that it lies in does not exist; make it first")
    if not folder.exists():
        return folder
    if not folder.is_dir():
        raise CandorError(f"{name}: is a file; name a folder")
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}
    if not there:
        return folder
    if strange := sorted(there - (_listed(folder) if files is None else set(files))):
        raise CandorError(
            f"{name}: holds {shown(strange[0])}, which is not part of a {what}; name a new or empty folder"
        )
    return folder


def _listed(folder: Path) -> set[str]:
    listing = folder / LISTING
    return {LISTING, *(listing.read_text(encoding="utf-8").splitlines() if listing.is_file() else ())}


@contextmanager
def whole_folder(out: str | Path, what: str = "site", files: Collection[str] | None = None) -> Iterator[Path]:
    """Give an empty folder to fill, which takes the name `out` when all is written.

    An error or an interrupt on the way leaves what was there before, and nothing beside it.

    Parameters
    ----------
    out, what, files
        As of `check_folder`.

    Yields
    ------
    Path
        The folder to write into.

    Raises
    ------
    CandorError
        As `check_folder`, and if the disk or its rights do not let the folder be written.
    """
    folder = check_folder(out, what, files)
    temporary = None
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name[:60]}.", suffix=".part", dir=folder.parent))
        new, old = temporary / "new", temporary / "old"
        new.mkdir()  # with the rights that the user's folders have, which the temporary one lacks
        yield new
        if files is None:
            made = sorted(str(path.relative_to(new)) for path in new.rglob("*") if path.is_file())
            (new / LISTING).write_text("".join(f"{name}\n" for name in made), encoding="utf-8")
        check_folder(folder, what, files)  # someone may have written there meanwhile
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except BaseException:
            if old.exists():
                old.rename(folder)
            raise
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise CandorError(
            f"{shown(out)}: cannot be written ({reason}); check the folder, its rights and the space left"
        ) from None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
