"""Machine code stays in memory for as long as something may run it."""

import gc

from planespec.checker.engines.native.host import build

SEVEN = "define i64 @seven(ptr %a, ptr %b) {\n  ret i64 7\n}\n"


def test_code_lives_as_long_as_one_of_its_functions() -> None:
    """Work that was left behind holds a function of it, and nothing else."""
    code = build.build(SEVEN, ["seven"])
    function, owners = code.functions["seven"], gc.get_referrers(code.keep)
    assert any(owner is function.__dict__ for owner in owners)
    del code, owners
    gc.collect()
    assert function(None, None) == 7


def test_the_tests_of_this_folder_run_optimised_code() -> None:
    assert (build.LEVEL, build.PATIENCE) == (2, 0)
