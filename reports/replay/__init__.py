"""Running a saved counterexample or an ITF trace again, under CPython."""
