"""A property with parameters: it is claimed for every value of them."""

from dataclasses import replace

from planespec.checker.front.build import domain, fold, local
from planespec.checker.front.scope import Helper, Program
from planespec.checker.ir.nodes import Expr, Function, Generator, Op, Reduction, Return
from planespec.checker.ir.types import Bool


def for_every(program: Program, made: Function) -> Function:
    """The predicate that a function holds for all values of its parameters, in their order."""
    full = program.name_for(f"{made.name}_for")
    program.by_name[full] = Helper(replace(made, name=full), frozenset(), frozenset())
    at = made.at
    args = tuple(local(p.name, p.type, at) for p in made.parameters)
    called = Expr(Op.CALL, Bool(), args, at, full)
    walks = tuple(Generator(p.name, p.type, domain(p.type, at)) for p in made.parameters)
    every = fold(Reduction.ALL, Bool(), walks, called, at)
    return Function(made.name, (), Bool(), (Return(at, every),), at)
