---- MODULE TwoPhase ----
\* The transaction manager commits once all resource managers are prepared.
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS None, manager0, manager1, manager2 \* model values

Manager == {manager0, manager1, manager2}
Phase == {"WORKING", "PREPARED", "COMMITTED", "ABORTED"}
Decision == {"INIT", "COMMITTED", "ABORTED"}

VARIABLES phase, decision, prepared, messages
vars == <<phase, decision, prepared, messages>>
Now == [phase |-> phase, decision |-> decision, prepared |-> prepared, messages |-> messages]
Later == [phase |-> phase', decision |-> decision', prepared |-> prepared', messages |-> messages']
\* A step ends in the state that a record holds.
Become(s_) == phase' = s_.phase /\ decision' = s_.decision /\ prepared' = s_.prepared /\ messages' = s_.messages
Start(s_) == phase = s_.phase /\ decision = s_.decision /\ prepared = s_.prepared /\ messages = s_.messages

------------------------------------------------------------------------------
\* Initial states

Defaults ==
    [phase |-> [k \in Manager |-> "WORKING"],
     decision |-> "INIT",
     prepared |-> {},
     messages |-> {}]

Init == Start(Defaults)

------------------------------------------------------------------------------
\* Actions

\* The transaction manager commits: everybody is prepared.
commit ==
    /\ decision = "INIT"
    /\ Cardinality(prepared) = 3
    /\ Become([Now EXCEPT !.decision = "COMMITTED",
                          !.messages = messages \cup {[tag |-> "Outcome", decision |-> "COMMITTED"]}])

\* The transaction manager aborts of its own accord.
abort ==
    /\ decision = "INIT"
    /\ Become([Now EXCEPT !.decision = "ABORTED",
                          !.messages = messages \cup {[tag |-> "Outcome", decision |-> "ABORTED"]}])

\* The transaction manager notes that a resource manager is prepared.
receive_prepared(m) ==
    /\ decision = "INIT"
    /\ [tag |-> "Prepared", sender |-> m] \in messages
    /\ Become([Now EXCEPT !.prepared = prepared \cup {m}])

\* A working resource manager prepares and says so.
prepare(m) ==
    /\ phase[m] = "WORKING"
    /\ Become([Now EXCEPT !.phase[m] = "PREPARED",
                          !.messages = messages \cup {[tag |-> "Prepared", sender |-> m]}])

\* A working resource manager aborts of its own accord and tells nobody.
choose_to_abort(m) ==
    /\ phase[m] = "WORKING"
    /\ Become([Now EXCEPT !.phase[m] = "ABORTED"])

\* A resource manager is told to commit.
receive_commit(m) ==
    /\ [tag |-> "Outcome", decision |-> "COMMITTED"] \in messages
    /\ Become([Now EXCEPT !.phase[m] = "COMMITTED"])

\* A resource manager is told to abort.
receive_abort(m) ==
    /\ [tag |-> "Outcome", decision |-> "ABORTED"] \in messages
    /\ Become([Now EXCEPT !.phase[m] = "ABORTED"])

Next ==
    \/ commit
    \/ abort
    \/ \E m \in Manager : receive_prepared(m)
    \/ \E m \in Manager : prepare(m)
    \/ \E m \in Manager : choose_to_abort(m)
    \/ \E m \in Manager : receive_commit(m)
    \/ \E m \in Manager : receive_abort(m)

Spec == Init /\ [][Next]_vars

------------------------------------------------------------------------------
\* Properties

IsPrepared(r) == r.sender \in Manager
IsOutcome(r) == r.decision \in Decision

TypeOK ==
    /\ phase \in [Manager -> Phase]
    /\ decision \in Decision
    /\ prepared \in SUBSET (Manager)
    /\ (\A v \in messages : (CASE v.tag = "Prepared" -> IsPrepared(v) [] v.tag = "Outcome" -> IsOutcome(v)))

\* consistent: No two resource managers decide differently.
consistent ==
    ~(\E a \in Manager : (\E b \in Manager : ((phase[a] = "ABORTED") /\ (phase[b] = "COMMITTED"))))
====
