"""Survey exports: from the files of the survey software to a `Survey` and its codebook."""

from begleitforschung.loaders.surveys.codebook_workbook import write_codebook_workbook
from begleitforschung.loaders.surveys.codebooks import load_codebook
from begleitforschung.loaders.surveys.form import write_form
from begleitforschung.loaders.surveys.personal import list_personal, purge_personal
from begleitforschung.loaders.surveys.reading import read_survey

__all__ = [
    "list_personal",
    "load_codebook",
    "purge_personal",
    "read_survey",
    "write_codebook_workbook",
    "write_form",
]
