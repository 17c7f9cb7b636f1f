"""The language: what a model file imports.

A model is a subclass of `Model` that declares constants, state variables, initial actions, actions
and properties. It runs under CPython as it stands, and the engines compile it.
"""

from planespec.checker.errors import LanguageError, ModelError, NotEnabled
from planespec.checker.ir.system import Fairness
from planespec.checker.lang.choice import choose, choosing, given, require
from planespec.checker.lang.data.containers import Array, Bag
from planespec.checker.lang.data.records import Domain, Sort, record, replace
from planespec.checker.lang.declarations import (
    Integer,
    Nat,
    Range,
    Size,
    abstract,
    action,
    among,
    assumption,
    constant,
    constraint,
    each,
    initial,
    invariant,
    joint,
    lemma,
    mutant,
    reachable,
    sort,
    step_constraint,
    step_invariant,
    table,
    terminal,
)
from planespec.checker.lang.enabling import enabled
from planespec.checker.lang.model import Model, compose
from planespec.checker.lang.named import instance, no_recording, recording
from planespec.checker.lang.presence import only
from planespec.checker.lang.temporal import (
    always_eventually,
    eventually,
    eventually_always,
    leads_to,
)
from planespec.checker.lang.trace_rules import heard, on, stored

__all__ = [
    "Array",
    "Bag",
    "Domain",
    "Fairness",
    "Integer",
    "LanguageError",
    "Model",
    "ModelError",
    "Nat",
    "NotEnabled",
    "Range",
    "Size",
    "Sort",
    "abstract",
    "action",
    "always_eventually",
    "among",
    "assumption",
    "choose",
    "choosing",
    "compose",
    "constant",
    "constraint",
    "each",
    "enabled",
    "eventually",
    "eventually_always",
    "given",
    "heard",
    "initial",
    "instance",
    "invariant",
    "joint",
    "leads_to",
    "lemma",
    "mutant",
    "no_recording",
    "on",
    "only",
    "reachable",
    "record",
    "recording",
    "replace",
    "require",
    "sort",
    "step_constraint",
    "step_invariant",
    "stored",
    "table",
    "terminal",
]
