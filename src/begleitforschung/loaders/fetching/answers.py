"""What a server's answer is: data, a web page, or a message in JSON."""

from __future__ import annotations

import json
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import Any

from begleitforschung.errors import FetchError
from begleitforschung.loaders.fetching.client import Answer

BOM = b"\xef\xbb\xbf"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


def head_of(path: Path) -> bytes:
    """Return the first bytes of an answer.

    Parameters
    ----------
    path : pathlib.Path
        The answer.

    Returns
    -------
    bytes
        Up to 4,096, without byte order mark and white space before them.
    """
    with path.open("rb") as stream:
        return stream.read(4096).removeprefix(BOM).lstrip()


def refuse_page(host: str, head: bytes) -> None:
    """Refuse a web page and an empty answer.

    Parameters
    ----------
    host : str
        Name of the server.
    head : bytes
        First bytes of the answer.

    Raises
    ------
    FetchError
        If it is one.
    """
    if not head:
        raise FetchError(f"{host} sent an empty answer; try again later")
    if head.startswith(b"<"):
        raise FetchError(
            f"{host} sent a web page instead of data: it is being maintained, or its address or "
            "your access have changed. Open it in a browser, then try again."
        )


def refuse_status(host: str, status: int) -> None:
    """Refuse an answer whose HTTP status says that it holds no data.

    Parameters
    ----------
    host : str
        Name of the server.
    status : int
        HTTP status.

    Raises
    ------
    FetchError
        If it is not 200.
    """
    if status != 200:
        raise FetchError(f"{host} refuses the request (status {status}); check what you ask for")


def refuse_no_data(host: str, answer: Answer) -> None:
    """Refuse a web page, an empty answer, and one whose HTTP status says that it holds no data.

    Parameters
    ----------
    host : str
        Name of the server.
    answer : Answer
        The answer.

    Raises
    ------
    FetchError
        If it is one.
    """
    refuse_page(host, head_of(answer.path))
    refuse_status(host, answer.status)


def read_json(host: str, content: bytes) -> Any:
    """Read JSON; numbers stay as they are written.

    Parameters
    ----------
    host : str
        Name of the server.
    content : bytes
        The answer.

    Returns
    -------
    object
        Its content with numbers as texts; JSON in a string of JSON is read too.

    Raises
    ------
    FetchError
        If it is none.
    """
    refuse_page(host, content[:4096].removeprefix(BOM).lstrip())
    try:
        found = json.loads(content, parse_float=str, parse_int=str)
        if isinstance(found, str):
            found = json.loads(found, parse_float=str, parse_int=str)
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # half characters have no UTF-8
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise FetchError(f"{host} sent an answer that is cut off or not understood")
    return found


def unpacked(path: Path, host: str, *, size: int) -> bytes:
    """Return the one CSV of a ZIP, or an answer that is none as it is.

    Parameters
    ----------
    path : pathlib.Path
        The answer.
    host : str
        Name of the server.
    size : int
        Bytes that the CSV may have.

    Returns
    -------
    bytes
        The CSV as the publisher wrote it.

    Raises
    ------
    FetchError
        If the ZIP is damaged, does not hold one CSV, or too much.
    """
    if not head_of(path).startswith(b"PK\x03\x04"):
        return path.read_bytes()
    try:
        with zipfile.ZipFile(path) as archive:
            tables = [item for item in archive.infolist() if item.filename.endswith(".csv")]
            if len(tables) != 1 or tables[0].file_size > size:
                raise FetchError(f"{host} sent a ZIP that does not hold one CSV of usual size")
            return archive.read(tables[0])
    except _DAMAGED:
        pass
    raise FetchError(f"{host} sent a damaged ZIP; try again")
