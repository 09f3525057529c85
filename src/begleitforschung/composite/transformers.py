"""Steps of an index, and a whole index, as transformers for scikit-learn.

`fit` on a base year, `transform` another one: every reference value (minimum, mean, rank, bounds of
outliers, weights from data) is that of the rows given to `fit`. All combine with scikit-learn's
pipelines and searches, take arrays and DataFrames, and know ``set_output``.
"""

from begleitforschung.composite.transformer_index import CompositeIndex
from begleitforschung.composite.transformer_steps import (
    Aggregator,
    IndexImputer,
    Normaliser,
    OutlierTreater,
)

__all__ = ["Aggregator", "CompositeIndex", "IndexImputer", "Normaliser", "OutlierTreater"]
