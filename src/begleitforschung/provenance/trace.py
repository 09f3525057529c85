"""Where figures come from and what was done to them.

A `Source` is a file or table of a publisher. A `Provenance` is one operation with its
parameters and inputs; inputs are sources or earlier operations, so that a result holds the
whole way back to the raw files. Fingerprints hold no time stamps and no paths: the same inputs
and parameters give the same fingerprint on every machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from begleitforschung.language import Lang

if TYPE_CHECKING:
    import pandas as pd

Json = None | bool | int | float | str | tuple["Json", ...] | tuple[tuple[str, "Json"], ...]
_COMPUTED: dict[Lang, str] = {"de": "eigene Berechnung", "en": "own calculation"}
_NOT_IN_FINGERPRINT = ("retrieved", "path")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file or table of a publisher, as a sidecar describes it.

    Parameters
    ----------
    publisher : str
        Who publishes the figures.
    title : str
        Title of the table or data set.
    edition : str
        Edition as the publisher names it, or ``"unbekannt"``.
    licence : str
        Name of the licence; empty where unknown.
    licence_url : str
        URI of the licence text.
    attribution : str
        Attribution text that the licence asks for.
    url : str
        Where the publisher offers the data.
    retrieved : str
        Date of retrieval, ISO 8601. Not part of fingerprints.
    sha256 : str
        Checksum of the file or of the content of the table.
    file : str
        File name without folder.
    gebietsstand : str
        Territorial state, ISO date, or ``"unknown"``.
    changes : str
        What was selected or changed against the publisher's file; empty if nothing.
    """

    publisher: str
    title: str
    edition: str = "unbekannt"
    licence: str = ""
    licence_url: str = ""
    attribution: str = ""
    url: str = ""
    retrieved: str = ""
    sha256: str = ""
    file: str = ""
    gebietsstand: str = "unknown"
    changes: str = ""

    def citation(self, lang: Lang = "de", *, computed: bool = False) -> str:
        """Return the source as it stands below a table or figure.

        Parameters
        ----------
        lang : {"de", "en"}
            Language of the added words.
        computed : bool
            Whether what is shown was computed from the figures.

        Returns
        -------
        str
            Attribution (or publisher, title, edition), licence with URI, and "Daten verändert"
            or "eigene Berechnung" where that is so.
        """
        words = {"de": ("Daten verändert", "Ausgabe"), "en": ("data changed", "edition")}[lang]
        what = self.attribution or f"{self.publisher}: {self.title}"
        if self.edition and self.edition not in what:
            unknown = lang == "en" and self.edition == "unbekannt"
            what += f", {words[1]} {'unknown' if unknown else self.edition}"
        address = f" ({self.licence_url})" if self.licence_url else ""
        parts = [what, self.licence + address] if self.licence else [what]
        if self.changes:
            parts.append(words[0])
        if computed:
            parts.append(_COMPUTED[lang])
        return "; ".join(parts)


def quoted(sources: Iterable[Source], lang: Lang = "de", *, computed: bool = False) -> list[str]:
    """Return the parts of the source line below a table or figure.

    Parameters
    ----------
    sources : iterable of Source
        Sources of what is shown; those with equal citations are named once.
    lang : {"de", "en"}
        Language of the added words.
    computed : bool
        Whether what is shown was computed from the figures; said once, at the end.

    Returns
    -------
    list of str
        To be joined by semicolons.
    """
    parts = list(dict.fromkeys(source.citation(lang) for source in sources))
    return parts + [_COMPUTED[lang]] * (computed and bool(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """One operation with its parameters and inputs.

    Parameters
    ----------
    operation : str
        Name of the operation, the public function or method that did it.
    parameters : tuple of (str, value)
        Parameters as frozen JSON values, sorted by name; build with `Provenance.of`.
    inputs : tuple of Source or Provenance
        What the operation worked on.
    """

    operation: str
    parameters: tuple[tuple[str, Json], ...] = ()
    inputs: tuple[Source | Provenance, ...] = ()

    @classmethod
    def of(cls, operation: str, *inputs: Source | Provenance, **parameters: object) -> Provenance:
        """Build a node; parameters may be any nesting of JSON-like values.

        Parameters
        ----------
        operation : str
            Name of the operation.
        *inputs : Source or Provenance
            What it worked on.
        **parameters : object
            Parameters; mappings, sequences, sets, paths (by name only), dataclasses and
            scalars. Values of confidential columns must not be passed.

        Returns
        -------
        Provenance
            The node.

        Raises
        ------
        TypeError
            If a parameter has no JSON form.
        """
        frozen = tuple(sorted((key, freeze(value)) for key, value in parameters.items()))
        return cls(operation=operation, parameters=frozen, inputs=inputs)

    def then(self, operation: str, *others: Provenance, **parameters: object) -> Provenance:
        """Return the node of an operation on this one.

        Parameters
        ----------
        operation : str
            Name of the operation.
        *others : Provenance
            Further inputs.
        **parameters : object
            Parameters of the operation.

        Returns
        -------
        Provenance
            A new node with this one as its first input.
        """
        return Provenance.of(operation, self, *others, **parameters)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over operation, parameters and the fingerprints of all inputs."""
        return _digest(self._canonical())

    def sources(self) -> tuple[Source, ...]:
        """Return all sources below this node.

        Returns
        -------
        tuple of Source
            Each once, in order of first use.
        """
        return tuple(dict.fromkeys(n for n in self._walk() if isinstance(n, Source)))

    def steps(self) -> tuple[Provenance, ...]:
        """Return all operations from the raw files up to this one.

        Returns
        -------
        tuple of Provenance
            Each once, inputs before what was made of them.
        """
        return tuple(dict.fromkeys(n for n in self._walk() if isinstance(n, Provenance)))

    def to_dict(self) -> dict[str, Any]:
        """Return the node and all its inputs as JSON-ready dictionaries.

        Returns
        -------
        dict
            Keys ``operation, parameters, inputs, fingerprint``.
        """
        return {
            "operation": self.operation,
            "parameters": {key: thaw(value) for key, value in self.parameters},
            "inputs": [
                n.to_dict() if isinstance(n, Provenance) else {"source": asdict(n)}
                for n in self.inputs
            ],
            "fingerprint": self.fingerprint,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Provenance:
        """Rebuild a node from `to_dict`.

        Parameters
        ----------
        data : mapping
            What `to_dict` returned.

        Returns
        -------
        Provenance
            An equal node with an equal fingerprint.
        """
        inputs = [
            Source(**item["source"]) if "source" in item else cls.from_dict(item)
            for item in data["inputs"]
        ]
        return cls.of(data["operation"], *inputs, **data["parameters"])

    def _walk(self) -> Iterator[Source | Provenance]:
        for item in self.inputs:
            if isinstance(item, Provenance):
                yield from item._walk()
            else:
                yield item
        yield self

    def _canonical(self) -> list[Any]:
        inputs = [
            n.fingerprint if isinstance(n, Provenance) else source_fingerprint(n)
            for n in self.inputs
        ]
        return [self.operation, [[k, thaw(v)] for k, v in self.parameters], inputs]


def source_fingerprint(source: Source) -> str:
    """Return the fingerprint of a source: its content and description without dates of retrieval.

    Parameters
    ----------
    source : Source
        The source.

    Returns
    -------
    str
        SHA-256 in hexadecimal digits.
    """
    kept = [f.name for f in fields(source) if f.name not in _NOT_IN_FINGERPRINT]
    return _digest({name: getattr(source, name) for name in kept})


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def frame_sha256(frame: pd.DataFrame) -> str:
    """Return a SHA-256 of the content of a DataFrame, equal on every machine.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any table; order of rows and columns counts, the index does not.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    import pandas as pd

    digest = hashlib.sha256(json.dumps([str(c) for c in frame.columns]).encode())
    for name in frame.columns:
        digest.update(pd.util.hash_pandas_object(frame[name], index=False).to_numpy().tobytes())
    return digest.hexdigest()


def freeze(value: object) -> Any:
    """Return a hashable form of a JSON-like value.

    Parameters
    ----------
    value : object
        Mapping, sequence, set, path, dataclass or scalar.

    Returns
    -------
    object
        Scalars as they are; sequences as ``("list", …)``, mappings as
        ``("dict", (key, value), …)``.

    Raises
    ------
    TypeError
        If the value has no JSON form.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return value.name
    if isinstance(value, Mapping):
        return ("dict", *sorted((str(key), freeze(item)) for key, item in value.items()))
    if isinstance(value, set | frozenset):
        return ("list", *sorted((freeze(item) for item in value), key=repr))
    if isinstance(value, Sequence | range):
        return ("list", *(freeze(item) for item in value))
    if hasattr(value, "item"):  # scalars of numpy
        return freeze(value.item())
    if hasattr(value, "__dataclass_fields__"):
        return freeze({name: getattr(value, name) for name in value.__dataclass_fields__})
    raise TypeError(f"{type(value).__name__} has no JSON form and can't be a recorded parameter")


def thaw(value: Any) -> Any:
    """Return the JSON form of what `freeze` returned.

    Parameters
    ----------
    value : object
        A frozen value.

    Returns
    -------
    object
        Scalars, lists and dictionaries.
    """
    if isinstance(value, tuple):
        kind, *items = value
        if kind == "dict":
            return {key: thaw(item) for key, item in items}
        return [thaw(item) for item in items]
    return value


def with_changes(source: Source, changes: str) -> Source:
    """Return the source with a further note of what was changed.

    Parameters
    ----------
    source : Source
        The source.
    changes : str
        What was changed.

    Returns
    -------
    Source
        The source, its ``changes`` extended.
    """
    joined = "; ".join(part for part in (source.changes, changes) if part)
    return replace(source, changes=joined)


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
