"""Where figures come from, what was done to them, and who may see them."""

from begleitforschung.provenance.confidentiality import (
    GRADES,
    Confidentiality,
    grade_of,
    hidden_columns,
)
from begleitforschung.provenance.trace import (
    Json,
    Provenance,
    Source,
    file_sha256,
    frame_sha256,
    freeze,
    quoted,
    source_fingerprint,
    thaw,
    with_changes,
)

__all__ = [
    "GRADES",
    "Confidentiality",
    "Json",
    "Provenance",
    "Source",
    "file_sha256",
    "frame_sha256",
    "freeze",
    "grade_of",
    "hidden_columns",
    "quoted",
    "source_fingerprint",
    "thaw",
    "with_changes",
]
