"""Cell suppression: what is unsafe, which other cells protect it, what an attacker still infers.

`cell_table` states a table as cells and equations; rules say what its cells need; `first_pattern`
and `optimal_pattern` protect them; `attack` and
`shortfalls` audit what is published, without knowing any of it.
`fewest_merges` and `controlled_rounding` are the alternatives. For single records, `group_sizes`,
`distinct_diversity`, `entropy_diversity` and `uniqueness` tell how well they hide.
"""

from begleitforschung.stats.suppression.audit import Attack, attack
from begleitforschung.stats.suppression.coarsen import Coarsening, fewest_merges, merge
from begleitforschung.stats.suppression.heuristic import first_pattern
from begleitforschung.stats.suppression.microdata import (
    Uniqueness,
    distinct_diversity,
    entropy_diversity,
    group_sizes,
    uniqueness,
)
from begleitforschung.stats.suppression.optimal import Pattern, optimal_pattern
from begleitforschung.stats.suppression.problem import (
    Need,
    Problem,
    UnprotectableError,
    insider_needs,
    problem,
)
from begleitforschung.stats.suppression.rounding import Rounded, controlled_rounding
from begleitforschung.stats.suppression.rules import (
    Contributions,
    Risk,
    contributions,
    dominance,
    p_percent,
    quantile_units,
    telling_groups,
    too_few,
)
from begleitforschung.stats.suppression.tables import CellTable, add_sums, cell_table, join_tables
from begleitforschung.stats.suppression.unions import UnsafeUnion, union_needs, unsafe_unions
from begleitforschung.stats.suppression.verification import shortfalls

__all__ = [
    "Attack",
    "CellTable",
    "Coarsening",
    "Contributions",
    "Need",
    "Pattern",
    "Problem",
    "Risk",
    "Rounded",
    "Uniqueness",
    "UnprotectableError",
    "UnsafeUnion",
    "add_sums",
    "attack",
    "cell_table",
    "contributions",
    "controlled_rounding",
    "distinct_diversity",
    "dominance",
    "entropy_diversity",
    "fewest_merges",
    "first_pattern",
    "group_sizes",
    "insider_needs",
    "join_tables",
    "merge",
    "optimal_pattern",
    "p_percent",
    "problem",
    "quantile_units",
    "shortfalls",
    "telling_groups",
    "too_few",
    "union_needs",
    "uniqueness",
    "unsafe_unions",
]
