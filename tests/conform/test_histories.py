"""The judge of histories: the forms of Jepsen and Porcupine, verdicts, and what is malformed."""

import random
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.checker.errors import ExitCode, InputError
from planespec.checker.linearizability import SequentialModel, Verdict, check
from planespec.reports.judge.conform_text import render_text
from planespec.reports.judge.history.histories import judge
from planespec.reports.judge.history.history_form import Event, read_events
from planespec.reports.judge.history.history_operations import (
    make_model,
    make_parts,
    pair,
    step_store,
)
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.runner import run

RIGHT = """\
INFO  jepsen.util - 0\t:invoke\t:read\tnil
INFO  jepsen.util - 1\t:invoke\t:write\t2
INFO  jepsen.util - 0\t:ok\t:read\tnil
INFO  jepsen.util - 1\t:ok\t:write\t2
INFO  jepsen.util - 2\t:invoke\t:cas\t[2 4]
INFO  jepsen.util - 0\t:invoke\t:read\tnil
INFO  jepsen.util - 0\t:fail\t:read\t:timed-out
INFO  jepsen.util - 2\t:info\t:cas\t:timed-out
INFO  jepsen.util - 1\t:invoke\t:read\tnil
INFO  jepsen.util - 1\t:ok\t:read\t2
INFO  jepsen.util - 1\t:invoke\t:read\tnil
INFO  jepsen.util - 1\t:ok\t:read\t4
"""
WRONG = RIGHT + RIGHT.splitlines(True)[8] + RIGHT.splitlines(True)[9]


@pytest.fixture
def judge_text(tmp_path):
    def judge_one(text):
        path = tmp_path / "history"
        path.write_text(text, encoding="utf-8")
        return list(judge(path))

    return judge_one


def agrees(comparisons):
    return [comparison.agrees for comparison in comparisons]


def test_a_log_of_jepsen_is_linearizable_when_what_timed_out_took_effect_late(judge_text):
    assert agrees(judge_text(RIGHT)) == [True]


def test_what_took_effect_is_not_undone(judge_text):
    (found,) = judge_text(WRONG)
    assert not found.agrees
    assert found.given == {"operations": 6, "explained": 5}
    assert found.where.endswith(":13")
    assert found.actual == [{"operation": "line 13: process 1 read -> 2", "answer there": "4"}]


def test_log_lines_of_other_loggers_the_nemesis_and_hints_are_passed_over(judge_text):
    others = "INFO  jepsen.core - run\nINFO  jepsen.util - :nemesis :info :start nil\n"
    hinted = RIGHT.replace("\n", " \t:hint 7\n")
    assert agrees(judge_text(others + hinted)) == [True]


def test_lines_of_todays_jepsen_are_read(judge_text):
    prefix = "INFO [2024-01-01 10:00:00,1] jepsen worker 0 - jepsen.util "
    assert agrees(judge_text(RIGHT.replace("INFO  jepsen.util - ", prefix))) == [True]


def test_the_text_form_of_a_history_has_the_same_lines_without_their_head(judge_text):
    assert agrees(judge_text(RIGHT.replace("INFO  jepsen.util - ", ""))) == [True]
    assert agrees(judge_text(WRONG.replace("INFO  jepsen.util - ", ""))) == [False]


def test_a_failed_cas_of_a_log_tells_that_the_comparison_failed(judge_text):
    log = RIGHT + (
        "INFO  jepsen.util - 3\t:invoke\t:cas\t[4 1]\nINFO  jepsen.util - 3\t:fail\t:cas\t[4 1]\n"
    )
    assert agrees(judge_text(log)) == [False]
    assert agrees(judge_text(log.replace("[4 1]", "[3 1]"))) == [True]


def op(process, kind, f, value):
    return f"{{:type {kind}, :f {f}, :process {process}, :value {value}}}\n"


def call(process, f, asked, answered=None, kind=":ok"):
    answered = asked if answered is None else answered
    return op(process, ":invoke", f, asked) + op(process, kind, f, answered)


def test_in_edn_what_failed_did_not_happen_and_tells_nothing_else(judge_text):
    written = call(0, ":write", "1")
    assert agrees(judge_text(written + call(1, ":cas", "[1 2]", kind=":fail"))) == [True]
    failed = written + call(1, ":write", "2", kind=":fail")
    assert agrees(judge_text(failed + call(0, ":read", "nil", "1"))) == [True]
    assert agrees(judge_text(failed + call(0, ":read", "nil", "2"))) == [False]


def test_in_edn_what_has_no_known_outcome_may_have_happened_or_not(judge_text):
    unknown = call(0, ":write", "1") + call(1, ":write", "2", kind=":info")
    for answer in ("1", "2"):
        assert agrees(judge_text(unknown + call(0, ":read", "nil", answer))) == [True]
    back = call(0, ":read", "nil", "2") + call(0, ":read", "nil", "1")
    assert agrees(judge_text(unknown + back)) == [False]
    assert agrees(judge_text(call(0, ":write", "1") + op(1, ":invoke", ":write", "2"))) == [True]


def test_independent_keys_are_judged_one_by_one(judge_text):
    text = call(0, ":write", "[7 1]") + call(0, ":write", '["b" 2]')
    text += call(1, ":cas", "[7 [1 5]]") + call(1, ":read", "[7 nil]", "[7 5]")
    found = judge_text(text + call(1, ":read", '["b" nil]', '["b" 1]'))
    assert [(each.given["key"], each.agrees) for each in found] == [("7", True), ("'b'", False)]


def test_edn_may_be_one_vector_with_tags_comments_and_sets(judge_text):
    text = "; a run\n[" + call(0, ":write", "1").replace("{", "#jepsen.history.Op{:tags #{:a}, ")
    assert agrees(judge_text(text + "#_ {:skipped 1} " + call(0, ":read", "nil", "1") + "]")) == [
        True
    ]


def test_a_register_may_hold_truth_values_and_what_looks_like_them(judge_text):
    one = call(0, ":write", "1") + call(0, ":read", "nil", "true")
    assert agrees(judge_text(one)) == [False]
    assert agrees(judge_text(one.replace("true", "1"))) == [True]
    (found,) = judge_text(one.replace(":value 1}", ':value ":ok"}'))
    assert found.actual == [
        {"operation": "line 3: process 0 read -> true", "answer there": "':ok'"}
    ]


STORE = """\
{:process 4, :type :invoke, :f :append, :key "9", :value "x 4 0 y"}
{:process 1, :type :invoke, :f :get, :key "9", :value nil}
{:process 1, :type :ok, :f :get, :key "9", :value "x 4 0 y"}
{:process 4, :type :ok, :f :append, :key "9", :value "x 4 0 y"}
{:process 1, :type :invoke, :f :put, :key "2", :value "a"}
{:process 1, :type :ok, :f :put, :key "2", :value "a"}
{:process 4, :type :invoke, :f :get, :key "5", :value nil}
{:process 4, :type :ok, :f :get, :key "5", :value ""}
{:process 4, :type :invoke, :f :append, :key "9", :value "x 4 1 y"}
{:process 4, :type :ok, :f :append, :key "9", :value "x 4 1 y"}
{:process 1, :type :invoke, :f :get, :key "9", :value nil}
{:process 1, :type :ok, :f :get, :key "9", :value "x 4 0 yx 4 1 y"}
"""


def test_a_store_of_porcupine_gets_puts_and_appends_by_key(judge_text):
    assert agrees(judge_text(STORE)) == [True, True, True]
    (nine, *_) = judge_text(STORE.replace("x 4 0 yx 4 1 y", "x 4 1 yx 4 0 y"))
    assert (nine.kind, nine.agrees, nine.given["key"]) == ("key-value", False, "'9'")


MALFORMED = [
    (op(0, ":ok", ":read", "1"), 1, "process 0 completes what it has not called"),
    (op(0, ":invoke", ":read", "nil") * 2, 2, "process 0 calls again"),
    (op(0, ":invoke", ":read", "nil") + op(0, ":ok", ":write", "1"), 2, "completes :write"),
    (op(0, ":invoke", ":enqueue", "1"), 1, "unknown function :enqueue"),
    (op(0, ":begin", ":read", "1"), 1, "has :type :begin"),
    ("\n{:type :invoke, :f :read}", 2, "lacks :process"),
    ("\n7", 2, "is no map"),
    (op(0, ":invoke", ":cas", "7"), 1, "[OLD NEW]"),
    ('{:process 0, :type :invoke, :f :put, :key 9, :value "a"}', 1, "string as its :key"),
    ('{:process 0, :type :invoke, :f :put, :key "9", :value 1}', 1, "string as its :value"),
    (op('"a"', ":invoke", ":read", "nil"), 1, "neither a number nor :nemesis"),
    ("{:type :invoke\n", 1, "{ is never closed"),
    ('{:type "invoke}\n', 1, "string that is never closed"),
    ("{:type}", 1, "key and no value"),
    ("[" + op(0, ":invoke", ":read", "nil"), 1, "[ is never closed"),
    ("{:a ]}", 1, "where a form is expected"),
    ("[" * 200_000, 1, "nested too deeply"),
    ("#_" * 200_000, 1, "nested too deeply"),
    ("", None, "holds no operation"),
    (RIGHT + "hello\n", 13, "is no line of a log"),
    (RIGHT + "INFO  jepsen.util - 3 :start\n", 13, "does not hold"),
    (
        call(0, ":read", "nil", "1") + '{:process 0, :type :invoke, :f :get, :key "9"}',
        None,
        "mixes",
    ),
    (call(0, ":write", "[1 2]") + call(0, ":read", "[1 nil]", "[2 2]"), 4, "another key"),
]


@pytest.mark.parametrize(("text", "line", "message"), MALFORMED)
def test_what_is_malformed_is_refused_with_its_line(judge_text, text, line, message):
    with pytest.raises(InputError) as refusal:
        judge_text(text)
    assert message in str(refusal.value)
    assert refusal.value.line == line


def test_a_history_of_etcd_is_judged_as_such(tmp_path):
    path = tmp_path / "operations.json"
    path.write_text('{"ClientId": 0}', encoding="utf-8")
    with pytest.raises(InputError, match="Input: is missing"):
        list(judge(path))


def test_the_command_prints_how_far_an_order_goes(tmp_path):
    path = tmp_path / "history.log"
    path.write_text(WRONG, encoding="utf-8")
    tally = run(load_judge("history"), [path])
    assert tally.exit_code is ExitCode.SAFETY
    text = render_text("history", tally, verbose=True)
    assert "longest order found: 5 of 6 operations; it leaves 4" in text
    assert "line 2: process 1 write 2" in text


VALUES = (None, 1, 2)


@st.composite
def histories(draw):
    """Events of up to three clients, each of which calls and hears in turn."""
    events, busy = [], {}
    for line in range(1, draw(st.integers(2, 9))):
        process = draw(st.integers(0, 2))
        if process in busy:
            f, value = busy.pop(process)
            kind = draw(st.sampled_from([":ok", ":ok", ":ok", ":fail", ":info"]))
            told = draw(st.sampled_from(VALUES)) if f == ":read" else value
            events.append(Event(line, process, kind, f, None, told, False))
        else:
            f = draw(st.sampled_from([":read", ":write", ":cas"]))
            pairs = st.tuples(st.sampled_from(VALUES), st.sampled_from((1, 2)))
            value = {":read": None, ":write": draw(st.sampled_from((1, 2)))}.get(f, draw(pairs))
            busy[process] = f, value
            events.append(Event(line, process, ":invoke", f, None, value, False))
    return events


def explain_by_force(events):
    """Try every order of every choice of what happened, straight from the events."""
    calls = {}
    finished = []
    for place, event in enumerate(events):
        if event.type == ":invoke":
            calls[event.process] = place, event
        else:
            begun, asked = calls.pop(event.process)
            finished.append((begun, place, asked, event))
    finished += [(begun, 99, asked, None) for begun, asked in calls.values()]
    sure = [e for e in finished if e[3] is not None and e[3].type == ":ok"]
    maybe = [
        (begun, 99, asked, None)
        for begun, _, asked, end in finished
        if end is None or end.type == ":info"
    ]
    for chosen in product([False, True], repeat=len(maybe)):
        some = [e for e, is_in in zip(maybe, chosen, strict=True) if is_in]
        if any(map(fits, permutations(sure + some))):
            return True
    return False


def fits(order):
    for n, later in enumerate(order):
        if any(later[1] < earlier[0] for earlier in order[:n]):
            return False
    value = None
    for _, _, asked, end in order:
        if asked.f == ":read" and end is not None and end.value != value:
            return False
        if asked.f == ":write":
            value = asked.value
        if asked.f == ":cas":
            if value == asked.value[0]:
                value = asked.value[1]
            elif end is not None:
                return False
    return True


@given(histories())
def test_verdicts_are_those_of_trying_every_order(tmp_path_factory, events):
    path = tmp_path_factory.getbasetemp()
    kind, paired = pair(path, events)
    parts = make_parts(path, kind, paired)
    verdicts = {check(make_model(kind, part), part).verdict for part in parts.values()}
    assert (verdicts == {Verdict.OK}) is explain_by_force(events)


def tell_store(process, kind, f, value):
    return f'{{:process {process}, :type {kind}, :f {f}, :key "0", :value {value}}}'


def run_store(chance, clients, count, puts=1):
    """A run of a store that is right, with its appends and gets overlapping."""
    state, lines, busy = "", [], {}
    while len(lines) < count or busy:
        process = chance.randrange(clients)
        if process not in busy:
            if len(lines) >= count:
                continue
            f = chance.choice([":get"] * 5 + [":append"] * 10 + [":put"] * puts)
            value = "nil" if f == ":get" else f'"x {process} {len(lines)} y"'
            lines.append(
                f'{{:process {process}, :type :invoke, :f {f}, :key "0", :value {value}}}'
            )
            busy[process] = [f, value, None]
        elif busy[process][2] is None:
            f, value, _ = busy[process]
            if f != ":get":
                state = ("" if f == ":put" else state) + value.strip('"')
            busy[process][2] = f'"{state}"' if f == ":get" else value
        else:
            f, _, answer = busy.pop(process)
            lines.append(tell_store(process, ":ok", f, answer))
    return lines


@given(st.integers(), st.sampled_from([0, 1, 2]))
def test_what_was_read_ends_a_search_early_and_changes_no_verdict(tmp_path_factory, seed, spoiled):
    chance = random.Random(seed)
    lines = run_store(chance, clients=3, count=12)
    gets = [n for n, line in enumerate(lines) if ":ok, :f :get" in line]
    for n in chance.sample(gets, min(spoiled, len(gets))):
        other = chance.choice(gets)
        lines[n] = lines[n].split(":value")[0] + ":value" + lines[other].split(":value")[1]
    path = tmp_path_factory.getbasetemp()
    kind, paired = pair(path, list(read_events(path, list(enumerate(lines, 1)))))
    (part,) = make_parts(path, kind, paired).values()
    plain = check(SequentialModel("", step_store), part).verdict
    assert check(make_model(kind, part), part).verdict is plain


def test_a_long_run_of_a_store_is_explained_and_one_stale_answer_is_not(judge_text):
    lines = run_store(random.Random("store"), clients=8, count=600, puts=0)
    assert agrees(judge_text("\n".join(lines))) == [True]
    gets = [n for n, line in enumerate(lines) if ":type :ok, :f :get" in line]
    lines[gets[-1]] = lines[gets[-1]].split(":value")[0] + ':value ""}'
    assert agrees(judge_text("\n".join(lines))) == [False]


def test_a_long_run_of_a_store_with_puts_is_explained(judge_text):
    lines = run_store(random.Random("puts"), clients=4, count=400)
    assert agrees(judge_text("\n".join(lines))) == [True]
