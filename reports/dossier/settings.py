"""What a report runs: engines, budgets, and how large a drawing may be."""

from collections.abc import Callable
from dataclasses import dataclass, field

from planespec.checker.budget import Budget, Progress

Teller = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a report is made; none of it but `workers` and the callbacks changes a page.

    The reference engine repeats instances known to have at most `reference_states` distinct
    states. With `go_on` every requirement's counterexample is looked for where one is broken, and
    the numbers of an instance are those of its whole search. `cell_states` bounds each question
    to a mutant, `graph_states` the drawn state graph, `depth` (steps) the symbolic engine, which
    answers for models with unbounded numbers.
    """

    workers: int = 1
    budget: Budget = field(default_factory=Budget)
    slow: bool = False
    go_on: bool = True
    reference_states: int = 10_000
    cell_states: int = 1_000_000
    graph_states: int = 80
    depth: int = 4
    on_progress: Callable[[Progress], None] | None = None
    tell: Teller = lambda line: None
