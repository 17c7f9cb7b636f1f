--------------------------- MODULE TwoPhaseBench ---------------------------
(***************************************************************************)
(* Two-phase commit, the transition system of Lamport's TwoPhase (TLA+     *)
(* Examples), for side-by-side measurements.  288 distinct states and      *)
(* 1,146 generated for three resource managers; 296,448 and 2,744,706 for  *)
(* seven.                                                                  *)
(***************************************************************************)
CONSTANT RM

VARIABLES rmState, tmState, tmPrepared, msgs

vars == <<rmState, tmState, tmPrepared, msgs>>

Init == /\ rmState    = [r \in RM |-> "working"]
        /\ tmState    = "init"
        /\ tmPrepared = {}
        /\ msgs       = {}

ReceivePrepared(r) == /\ tmState = "init"
                      /\ [type |-> "Prepared", rm |-> r] \in msgs
                      /\ tmPrepared' = tmPrepared \cup {r}
                      /\ UNCHANGED <<rmState, tmState, msgs>>

Decide(state, message) == /\ tmState = "init"
                          /\ tmState' = state
                          /\ msgs' = msgs \cup {[type |-> message]}
                          /\ UNCHANGED <<rmState, tmPrepared>>

Commit == tmPrepared = RM /\ Decide("committed", "Commit")
Abort  == Decide("aborted", "Abort")

Prepare(r) == /\ rmState[r] = "working"
              /\ rmState' = [rmState EXCEPT ![r] = "prepared"]
              /\ msgs' = msgs \cup {[type |-> "Prepared", rm |-> r]}
              /\ UNCHANGED <<tmState, tmPrepared>>

GiveUp(r) == /\ rmState[r] = "working"
             /\ rmState' = [rmState EXCEPT ![r] = "aborted"]
             /\ UNCHANGED <<tmState, tmPrepared, msgs>>

Obey(r, message, state) == /\ [type |-> message] \in msgs
                           /\ rmState' = [rmState EXCEPT ![r] = state]
                           /\ UNCHANGED <<tmState, tmPrepared, msgs>>

Next == \/ Commit
        \/ Abort
        \/ \E r \in RM : \/ ReceivePrepared(r)
                         \/ Prepare(r)
                         \/ GiveUp(r)
                         \/ Obey(r, "Commit", "committed")
                         \/ Obey(r, "Abort", "aborted")

Spec == Init /\ [][Next]_vars

Consistent == \A a, b \in RM : ~ (rmState[a] = "aborted" /\ rmState[b] = "committed")
=============================================================================
