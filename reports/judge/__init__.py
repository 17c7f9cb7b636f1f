"""Conformance: hold a rule or a model to what a real system answered.

`planespec conform NAME FILE...` reads recordings and compares, case by case, the recorded answer
with ours. It says "agrees" only when at least one case of every file was judged and all agree.

How to add a judge
------------------
1. Write `reports/judge/<module>.py` with one function::

       def judge(path: Path) -> Iterator[Comparison]:
           '''Yield one comparison for each case of the recording at `path`.'''

   It reads the file (`reading.read_records` for JSON lines, plain or gzip; `reading.read_lines`
   for text in a format of its own), calls the rule, and yields
   `compare(kind, where, given, expected, actual)` from `runner`. `kind` is the row of the
   table the case counts in ("quantity"), `where` is "file:line", `given` is what was asked,
   `expected` what the real system answered and `actual` what the rule answers. All three are
   plain JSON values; where an answer has no order, sort both sides first; where an answer is an
   error, make it a value such as {"error": "..."}. Several comparisons for one line are fine.
2. Say what is wrong with a recording by raising `checker.errors.InputError` with `file` and
   `line`; `reading.at(path, line)` turns a ValueError of a rule or reader into one. A rule's
   refusal that the recording expects is an answer, not an InputError. Never skip a case silently
   and never yield a comparison that was not made.
3. Add one line to `judges.JUDGES`: NAME (the stem of the recording), the module, one line of help,
   and the keys (and `kind`s) by which a line is recognised where no name is given.
4. Test it through `runner.run`: every case of the recording agrees, and a tampered copy does not.

Judges yield lazily, one case at a time, so that a long recording shows progress and Ctrl-C gives
the counts so far.
"""
