"""Cell suppression: what is unsafe, which other cells protect it, what an attacker still infers.

`cell_table` states a table as cells and equations; rules say what its cells need; `first_pattern`
and `optimal_pattern` protect them; `attack` and
`shortfalls` audit what is published, without knowing any of it.
`fewest_merges` and `controlled_rounding` are the alternatives.
"""

from begleitforschung.stats.suppression.audit import Attack, attack
from begleitforschung.stats.suppression.coarsen import Coarsening, fewest_merges, merge
from begleitforschung.stats.suppression.heuristic import first_pattern
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
    telling_groups,
    too_few,
)
from begleitforschung.stats.suppression.tables import CellTable, add_sums, cell_table, join_tables
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
    "UnprotectableError",
    "add_sums",
    "attack",
    "cell_table",
    "contributions",
    "controlled_rounding",
    "dominance",
    "fewest_merges",
    "first_pattern",
    "insider_needs",
    "join_tables",
    "merge",
    "optimal_pattern",
    "p_percent",
    "problem",
    "shortfalls",
    "telling_groups",
    "too_few",
]
