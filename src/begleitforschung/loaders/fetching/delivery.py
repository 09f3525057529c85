"""A fetched file and its sidecar, put into the user's folder together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from begleitforschung.errors import FetchError, TerritoryError
from begleitforschung.loaders.sidecar import Sidecar, checked_state, dump_sidecar, sidecar_path
from begleitforschung.loaders.writing import put_files
from begleitforschung.provenance import file_sha256

NOT_STATED = (
    "edition and territorial state are not stated by the interface; enter them in the sidecar"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file that was fetched.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    sidecar : pathlib.Path
        ``<file>.meta.yaml`` beside it.
    sha256 : str
        Checksum of the file.
    notes : tuple of str
        What the user should know.
    """

    path: Path
    sidecar: Path
    sha256: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a fetched file goes.

    Parameters
    ----------
    folder : pathlib.Path
        An existing folder.
    replace : bool
        Whether a file with other content may be replaced.
    gebietsstand : str
        Territorial state as ISO date, or ``"unknown"``.

    Raises
    ------
    FetchError
        If the folder is missing.
    TerritoryError
        If `gebietsstand` is no date.
    """

    folder: Path
    replace: bool = False
    gebietsstand: str = "unknown"

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise FetchError(f"the folder {self.folder} does not exist; create it first")
        try:
            checked_state(self.gebietsstand)
        except ValueError as error:
            raise TerritoryError(str(error)) from None

    def deliver(
        self, name: str, content: bytes, sidecar: Sidecar, notes: tuple[str, ...]
    ) -> Fetched:
        """Write file and sidecar.

        Parameters
        ----------
        name : str
            Name of the file.
        content : bytes
            Its content.
        sidecar : Sidecar
            What is known of it; checksum and territorial state are put in here.
        notes : tuple of str
            What the user should know.

        Returns
        -------
        Fetched
            The file.

        Raises
        ------
        FetchError
            If another content stands there and may not be replaced.
        SourceFileError
            If the folder can't be written to.
        """
        path, sha256 = self.folder / name, hashlib.sha256(content).hexdigest()
        beside = sidecar_path(path)
        if path.is_file() and not self.replace:
            if file_sha256(path) != sha256:
                raise FetchError(
                    f"{path} exists with another content (an earlier edition, or another "
                    "selection). Name another folder, or say that it may be replaced (--replace)."
                )
            if beside.exists():
                notes = (*notes, f"{name} stands there already with this content; left as it is")
                return Fetched(path=path, sidecar=beside, sha256=sha256, notes=notes)
        source = sidecar.source.model_copy(update={"sha256": sha256})
        described = sidecar.model_copy(update={"source": source, "gebietsstand": self.gebietsstand})
        put_files(((path, content), (beside, dump_sidecar(described))))
        return Fetched(path=path, sidecar=beside, sha256=sha256, notes=notes)
