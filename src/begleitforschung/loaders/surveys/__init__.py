"""Survey exports: from the files of the survey software to a `Survey` and its codebook."""

from begleitforschung.loaders.surveys.codebooks import load_codebook
from begleitforschung.loaders.surveys.reading import read_survey

__all__ = ["load_codebook", "read_survey"]
