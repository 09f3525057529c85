"""A raw file as bytes: what container it is, unpacked, decoded, and checked for damage."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from begleitforschung.catalogue import Entry, Label, Reference, read_entry, resource
from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text

Kind = Literal["text", "xlsx", "parquet"]
BOM = b"\xef\xbb\xbf"
_ZIP, _PARQUET, _GZIP, _XLS = b"PK\x03\x04", b"PAR1", b"\x1f\x8b", bytes.fromhex("d0cf11e0a1b11ae1")
_LARGEST = 2 << 30
CONVERTED = "converted.json"  # says what a folder of converted files holds
_SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "text": (".csv", ".txt", ".tsv", ".zip", ".gz"),
    "xlsx": (".xlsx", ".xlsm", ".xls"),
    "parquet": (".parquet",),
}


class Format(Entry):
    """A format that is read.

    Parameters
    ----------
    id : str
        Identifier of its reader.
    label : str
        What it is called.
    columns, delimiters : tuple of str
        Columns of the first row and what separates them, where these tell the format.
    shown : str
        How a file of it begins.
    """

    id: str
    label: str
    columns: tuple[str, ...] = ()
    delimiters: tuple[str, ...] = ()
    shown: str


class Elsewhere(Entry):
    """A kind of file that holds no indicators and has a reader of its own.

    Parameters
    ----------
    label : str
        What it is.
    cells : tuple of str
        Regular expressions of cells that stand in one of its first rows.
    verb : str
        What reads it.
    """

    label: str
    cells: tuple[str, ...]
    verb: str


class _Encoding(Entry):
    start: str
    encoding: str


class _Container(Entry):
    start: str
    label: str
    remedy: Label


class Formats(Entry):
    """What files can be, as the resource ``sources/formats.yaml`` lists it."""

    id: str
    reference: Reference
    formats: tuple[Format, ...]
    elsewhere: tuple[Elsewhere, ...] = ()
    containers: tuple[_Container, ...]
    encodings: tuple[_Encoding, ...] = ()

    def format(self, format_id: str) -> Format:
        """Return a format that is read.

        Parameters
        ----------
        format_id : str
            Its identifier.

        Returns
        -------
        Format
            The format.

        Raises
        ------
        KeyError
            If it is not listed.
        """
        return {item.id: item for item in self.formats}[format_id]

    def listed(self) -> str:
        """Return the formats that are read.

        Returns
        -------
        str
            One per line, with the header that it is told by.
        """
        return "\n".join(f"  - {item.label}: {item.shown}" for item in self.formats)


@cache
def known_formats() -> Formats:
    """Return the formats that are recognised.

    Returns
    -------
    Formats
        Those that are read, and those that are known by name only.
    """
    return read_entry(resource("sources", "formats.yaml"), Formats)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFile:
    """The content of a raw file.

    Parameters
    ----------
    name : str
        File name without folder.
    kind : {"text", "xlsx", "parquet"}
        What the content is, whatever the name says.
    data : bytes
        Content, unpacked; text is UTF-8 without byte order mark.
    sha256 : str
        Checksum of the file as it lies on disk.
    findings : tuple of Finding
        What was remarked on opening it.
    path : pathlib.Path, optional
        Where it lies, for descriptions that stand beside it.
    """

    name: str
    kind: Kind
    data: bytes
    sha256: str
    findings: tuple[Finding, ...] = ()
    path: Path | None = None


def open_raw(path: Path, *, encoding: str = "utf-8") -> RawFile:
    """Read a file and say what it is, by its content.

    Parameters
    ----------
    path : pathlib.Path
        CSV, XLSX, XLS or Parquet file, a gzipped CSV, or a ZIP that holds one CSV.
    encoding : str
        Encoding of a text file.

    Returns
    -------
    RawFile
        Its content.

    Raises
    ------
    SourceFileError
        If the file is missing, a folder, empty, of a kind that is not read, or its text is
        damaged; says where and what to do.
    """
    content = _bytes_of(path)
    sha256 = hashlib.sha256(content).hexdigest()
    kind, content = _unpack(content, path.name)
    findings: list[Finding] = []
    if kind == "text":
        content, findings = _clean_text(content, path.name, encoding)
    if path.suffix.lower() not in _SUFFIXES[kind]:
        findings.append(_misnamed(path.name, kind))
    return RawFile(
        name=path.name,
        kind=kind,
        data=content,
        sha256=sha256,
        findings=tuple(findings),
        path=path,
    )


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        if (path / CONVERTED).is_file():
            raise SourceFileError(
                f"{path} is a folder that 'begleitforschung convert' wrote; read a selection of it "
                "with begleitforschung.read_converted(folder, indicators=…, level=…, years=…)"
            )
        raise SourceFileError(f"{path} is a folder; name one file in it")
    try:
        if path.stat().st_size > _LARGEST:
            raise SourceFileError(
                f"{path.name} is too large to be read at once. A long CSV of INKAR: first "
                "'begleitforschung convert FILE --to FOLDER', then read_converted(FOLDER, …); "
                "else split it."
            )
        content = path.read_bytes()
    except FileNotFoundError:
        raise SourceFileError(
            f"{path} does not exist. Check the spelling and the folder (now: {Path.cwd()})"
        ) from None
    except OSError as error:
        raise SourceFileError(
            f"{path} can't be read: {error.strerror}. Close it in other programs and check the "
            "permissions."
        ) from None
    if not content.strip(BOM + b" \t\r\n"):
        raise SourceFileError(f"{path.name} is empty; fetch it again from its source")
    return content


def _unpack(content: bytes, name: str) -> tuple[Kind, bytes]:
    if content.startswith(_PARQUET):
        return "parquet", content
    if content.startswith(_XLS):
        return "xlsx", content
    if content.startswith(_GZIP):
        return "text", _gunzip(content, name)
    if not content.startswith(_ZIP):
        for item in known_formats().containers:
            if content.startswith(bytes.fromhex(item.start)):
                raise SourceFileError(f"{name} is no table but {item.label}. {item.remedy.en}")
        return "text", content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [item for item in archive.namelist() if not item.endswith("/")]
            if "[Content_Types].xml" in members and any(m.startswith("xl/") for m in members):
                return "xlsx", content
            tables = [item for item in members if item.lower().endswith(".csv")]
            if len(tables) != 1:
                raise SourceFileError(
                    f"{name} is a ZIP with {len(tables)} CSV files; unpack it and name one of: "
                    f"{', '.join(members) or 'nothing'}"
                )
            inner = archive.read(tables[0])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise SourceFileError(
            f"{name} is a damaged or encrypted ZIP or XLSX file ({error}); fetch it again"
        ) from None
    if not inner.strip(BOM + b" \t\r\n"):
        raise SourceFileError(f"{name} holds an empty file; fetch it again from its source")
    return "text", inner


def _gunzip(content: bytes, name: str) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceFileError(f"{name} is a damaged gzip file ({error}); fetch it again") from None


def _clean_text(content: bytes, name: str, encoding: str) -> tuple[bytes, list[Finding]]:
    text = content
    while text.startswith(BOM):
        text = text[len(BOM) :]
    nul = text.find(b"\0")
    if nul >= 0:
        raise SourceFileError(
            f"{name}, row {_row_at(text, nul)}: the file holds NUL bytes, so it is damaged or no "
            "text file (or UTF-16 without mark). Fetch it again, or save it as 'CSV UTF-8'."
        )
    findings = []
    known = _encoding_of(text) if encoding == "utf-8" else ""
    if known:
        findings.append(_remark(name, "loader.encoding", *_assumed(known)))
    text = _utf8(text, name, known or encoding)
    if content.startswith(BOM + BOM):
        findings.append(_remark(name, "loader.bom_twice", *_BOM_TWICE, row=1))
    if not text.endswith((b"\n", b"\r")):
        row = _row_at(text, len(text))
        findings.append(_remark(name, "loader.no_final_line_end", *_NO_LINE_END, row=row))
    return text, findings


def _encoding_of(text: bytes) -> str:
    """Return the encoding of a publisher who does not write UTF-8; empty if it is UTF-8."""
    for item in known_formats().encodings:
        if text.startswith(item.start.encode(item.encoding)):
            try:
                text.decode("utf-8")
            except UnicodeDecodeError:
                return item.encoding
    return ""


def _assumed(encoding: str) -> tuple[Text, Text]:
    return (
        Text(
            f"gelesen als {encoding}, wie dieser Herausgeber schreibt",
            f"read as {encoding}, as this publisher writes",
        ),
        Text("Umlaute in den Namen prüfen.", "Check the umlauts in names."),
    )


_BOM_TWICE = (
    Text("Byte Order Mark steht mehrfach am Anfang", "byte order mark stands twice"),
    Text(
        "Die Datei wurde umgespeichert; wenn möglich das Original verwenden.",
        "The file was saved again by some program; use the original if you can.",
    ),
)
_NO_LINE_END = (
    Text(
        "letzte Zeile endet ohne Zeilenumbruch; die Datei kann abgeschnitten sein",
        "the last line has no line end; the file may be cut off",
    ),
    Text(
        "Letzte Zeile und Zeilenzahl mit der Quelle vergleichen.",
        "Compare the last line and the number of lines with the source.",
    ),
)


def _utf8(text: bytes, name: str, encoding: str) -> bytes:
    try:
        decoded = text.decode(encoding)
    except LookupError:
        raise SourceFileError(
            f"encoding={encoding!r} is unknown; usual are 'utf-8' and 'cp1252'"
        ) from None
    except UnicodeDecodeError as error:
        row = _row_at(text, error.start)
        column = error.start - max(text.rfind(b"\n", 0, error.start), 0)
        raise SourceFileError(
            f"{name}, row {row}, byte {column} of the row: not {encoding.upper()}. The file was "
            "probably saved by Excel on Windows: read it with encoding='cp1252' and check the "
            "umlauts, or save it as 'CSV UTF-8'."
        ) from None
    return text if encoding.lower() in ("utf-8", "utf8") else decoded.encode("utf-8")


def _row_at(text: bytes, position: int) -> int:
    return text.count(b"\n", 0, position) + 1


def _misnamed(name: str, kind: Kind) -> Finding:
    what = {"text": "CSV", "xlsx": "XLSX", "parquet": "Parquet"}[kind]
    return _remark(
        name,
        "loader.misnamed",
        Text(f"Inhalt ist {what}, der Name sagt etwas anderes", f"content is {what}, not as named"),
        Text(
            f"Datei umbenennen ({_SUFFIXES[kind][0]}); gelesen wurde sie als {what}.",
            f"Rename the file ({_SUFFIXES[kind][0]}); it was read as {what}.",
        ),
    )


def _remark(name: str, rule: str, text: Text, hint: Text, *, row: int | None = None) -> Finding:
    return Finding(rule=rule, severity="warning", text=text, hint=hint, file=name, row=row)
