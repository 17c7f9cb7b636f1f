---- MODULE Constructs ----
\* Walks, breaks and chooses.
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS None \* model values

Node == 0..1
Level == {"LOW", "HIGH"}

VARIABLES load, level, queue, bag, seen, last, ended
vars == <<load, level, queue, bag, seen, last, ended>>
Now == [load |-> load, level |-> level, queue |-> queue, bag |-> bag, seen |-> seen, last |-> last, ended |-> ended]
Later == [load |-> load', level |-> level', queue |-> queue', bag |-> bag', seen |-> seen', last |-> last', ended |-> ended']
\* A step ends in the state that a record holds.
Become(s_) == load' = s_.load /\ level' = s_.level /\ queue' = s_.queue /\ bag' = s_.bag /\ seen' = s_.seen /\ last' = s_.last /\ ended' = s_.ended
Start(s_) == load = s_.load /\ level = s_.level /\ queue = s_.queue /\ bag = s_.bag /\ seen = s_.seen /\ last = s_.last /\ ended = s_.ended

------------------------------------------------------------------------------
\* Operators of every model

\* Elements: the values of a sequence or function
Elements(f_) == {f_[i_] : i_ \in DOMAIN f_}
\* Interval: the sequence of the numbers a_..b_
Interval(a_, b_) == [i_ \in 1..(b_ - a_ + 1) |-> a_ + i_ - 1]
\* BagWith: a bag and one copy more; the empty bag is [x \in {} |-> 0]
BagWith(b_, x_) == IF x_ \in DOMAIN b_ THEN [b_ EXCEPT ![x_] = @ + 1] ELSE b_ @@ (x_ :> 1)
\* BagWithout: a bag and one copy less
BagWithout(b_, x_) == IF x_ \notin DOMAIN b_ THEN b_
                      ELSE IF b_[x_] > 1 THEN [b_ EXCEPT ![x_] = @ - 1]
                      ELSE [y_ \in DOMAIN b_ \ {x_} |-> b_[y_]]
\* BagOf: the bag of the elements of a sequence
BagOf(xs_) == [x_ \in Elements(xs_) |-> Cardinality({i_ \in DOMAIN xs_ : xs_[i_] = x_})]
\* BagCount: copies of an element
BagCount(b_, x_) == IF x_ \in DOMAIN b_ THEN b_[x_] ELSE 0
\* SeqOfBag: the members of a bag in some order, copies as often as they are there
RECURSIVE SeqOfBag(_)
SeqOfBag(b_) == IF DOMAIN b_ = {} THEN <<>>
                ELSE LET x_ == CHOOSE y_ \in DOMAIN b_ : TRUE
                     IN <<x_>> \o SeqOfBag(BagWithout(b_, x_))
\* SumOf: the sum of f_ over a sequence
SumOf(xs_, f_(_)) ==
    LET g_[i_ \in 0..Len(xs_)] == IF i_ = 0 THEN 0 ELSE g_[i_ - 1] + f_(xs_[i_])
    IN  g_[Len(xs_)]
\* MinOf: the least number of a set
MinOf(S_) == CHOOSE x_ \in S_ : \A y_ \in S_ : x_ <= y_
\* MaxOf: the greatest number of a set
MaxOf(S_) == CHOOSE x_ \in S_ : \A y_ \in S_ : x_ >= y_
\* FloorDiv: division that floors, for divisors of either sign
FloorDiv(a_, b_) == IF b_ > 0 THEN a_ \div b_ ELSE (-a_) \div (-b_)
\* Mod: the remainder with the sign of the divisor
Mod(a_, b_) == IF b_ > 0 THEN a_ % b_ ELSE -((-a_) % (-b_))
\* Clamp: an end of a slice, from 0, or from the end of the sequence where it is negative
Clamp(n_, i_) == IF i_ > n_ THEN n_ ELSE IF i_ >= 0 THEN i_
                 ELSE IF n_ + i_ < 0 THEN 0 ELSE n_ + i_
\* Slice: the elements from index a_ up to, not including, b_; indices from 0
Slice(xs_, a_, b_) == SubSeq(xs_, Clamp(Len(xs_), a_) + 1, Clamp(Len(xs_), b_))

------------------------------------------------------------------------------
\* Helpers

first_above(s, bound) ==
    LET RECURSIVE loop(_, _)
        loop(rest, x) == IF rest = <<>>
                         THEN LET found == DOMAIN s.bag IN IF found = {} THEN 0 ELSE MinOf(found)
                         ELSE LET x_2 == Head(rest)
                              IN  IF x_2 > bound
                                  THEN x_2
                                  ELSE loop(Tail(rest), x_2)
    IN  loop(s.queue, None)

------------------------------------------------------------------------------
\* Initial states

Defaults ==
    [load |-> [k \in Node |-> 0],
     level |-> [k_2 \in Node |-> "LOW"],
     queue |-> <<1, 2>>,
     bag |-> BagOf(<<1>>),
     seen |-> {},
     last |-> None,
     ended |-> FALSE]


\* A node has load, and another may.
start(n) ==
    LET s == [Defaults EXCEPT !.load[n] = 1]
        RECURSIVE loop(_, _, _, _, _)
        loop(rest, s_2, load_2, load_chosen, other) == IF rest = <<>>
                                                       THEN Start(s_2)
                                                       ELSE LET other_2 == Head(rest)
                                                            IN  IF other_2 # n
                                                                THEN \E load_chosen_2 \in 0..1 :
                                                                       LET load_3 == load_chosen_2
                                                                           s_3 == [s_2 EXCEPT !.load[other_2] = load_3]
                                                                       IN  loop(Tail(rest), s_3, load_3, load_chosen_2, other_2)
                                                                ELSE loop(Tail(rest), s_2, load_2, load_chosen, other_2)
    IN  loop(Interval(0, 1), s, None, None, None)

Init ==
    \/ \E n \in Node : start(n)

------------------------------------------------------------------------------
\* Actions

\* Records that differ in kind meet in one set.
note ==
    /\ ~ended
    /\ Cardinality(seen) < 2
    /\ LET number == [tag |-> "Number", value_Number |-> Cardinality(seen)]
       IN  \E which_chosen \in 0..1 :
             LET which == which_chosen
                 s_3 == IF which = 0
                        THEN [Now EXCEPT !.seen = seen \cup {number}]
                        ELSE [Now EXCEPT !.seen = seen \cup {[tag |-> "Name", value_Name |-> "HIGH"]}]
             IN  Become([s_3 EXCEPT !.last = number])

\* Equal places of a list are separate instances; a slot is written from the end.
shift(n, x) ==
    /\ ~ended
    /\ ((level[n] # "HIGH") \/ (x > 1)) = TRUE
    /\ Assert((IF (-1) < 0 THEN Len(queue) + (-1) + 1 ELSE (-1) + 1) \in DOMAIN queue, "an index beyond the end")
    /\ LET s == [Now EXCEPT !.queue[IF (-1) < 0 THEN Len(queue) + (-1) + 1 ELSE (-1) + 1] = Mod(x - 5, -2) + 1]
       IN  /\ Assert((1) \in DOMAIN s.queue, "an index beyond the end")
           /\ LET s_2 == [s EXCEPT !.queue[1] = FloorDiv(x - 4, -2)]
              IN  Become([s_2 EXCEPT !.load[n] = SumOf(s_2.queue, LAMBDA y : IF (y > 0) THEN (y) ELSE 0) % 2])

\* A loop that chooses, is left early and goes on.
climb ==
    /\ ~ended
    /\ LET risen == 0
           then(s, risen_2) == /\ risen_2 > 0
                               /\ Become(s)
           RECURSIVE loop(_, _, _, _, _, _)
           loop(rest, s_2, n, risen_3, rises, rises_chosen) == IF rest = <<>>
                                                               THEN then(s_2, risen_3)
                                                               ELSE LET n_2 == Head(rest)
                                                                    IN  IF s_2.level[n_2] = "HIGH"
                                                                        THEN loop(Tail(rest), s_2, n_2, risen_3, rises, rises_chosen)
                                                                        ELSE \E place \in (DOMAIN <<FALSE, TRUE>>) :
                                                                               LET rises_chosen_2 == <<FALSE, TRUE>>[place]
                                                                                   rises_2 == rises_chosen_2
                                                                                   then_2(s_3, risen_4) == /\ s_3.load[n_2] >= 0
                                                                                                           /\ loop(Tail(rest), s_3, n_2, risen_4, rises_2, rises_chosen_2)
                                                                               IN  IF rises_2
                                                                                   THEN LET s_4 == [s_2 EXCEPT !.level[n_2] = "HIGH"]
                                                                                            risen_5 == risen_3 + 1
                                                                                        IN  IF s_4.load[n_2] > 0
                                                                                            THEN then(s_4, risen_5)
                                                                                            ELSE then_2(s_4, risen_5)
                                                                                   ELSE then_2(s_2, risen_3)
       IN  loop(Interval(0, 1), Now, None, risen, None, None)

\* A helper with a choice and several ends gives a value.
fall ==
    /\ ~ended
    /\ LET then(s, result) == LET n == result
                                  s_2 == [s EXCEPT !.level[n] = "LOW"]
                              IN  Become([s_2 EXCEPT !.load[n] = first_above(s_2, 0)])
           RECURSIVE loop(_, _)
           loop(rest, n_2) == IF rest = <<>>
                              THEN \E n_chosen \in Node :
                                     LET n_2_2 == n_chosen
                                     IN  /\ level[n_2_2] = "HIGH"
                                         /\ LET result_3 == n_2_2
                                            IN  then(Now, result_3)
                              ELSE LET n_3 == Head(rest)
                                   IN  IF (level[n_3] = "HIGH") /\ (load[n_3] > 1)
                                       THEN LET result_2 == n_3
                                            IN  then(Now, result_2)
                                       ELSE loop(Tail(rest), n_3)
       IN  loop(Interval(0, 1), None)

\* Bags: each distinct member once; copies count in sums.
trade(x) ==
    /\ ~ended
    /\ Assert(x \in (DOMAIN bag), "remove of an absent member")
    /\ LET s == [Now EXCEPT !.bag = BagWithout(bag, x)]
           s_2 == [s EXCEPT !.bag = BagWith(s.bag, SumOf(SeqOfBag(s.bag), LAMBDA y : (y)) % 2)]
           s_4 == IF (BagCount(s_2.bag, 1) = 0) /\ (Len(SeqOfBag(s_2.bag)) < 3)
                  THEN [s_2 EXCEPT !.bag = BagWith(s_2.bag, 1)]
                  ELSE s_2
       IN  Become(s_4)

\* Slices, sets and a wholesale array.
trim ==
    /\ ~ended
    /\ Len(queue) > 1
    /\ LET odd == {x \in Elements(queue) : ((x % 2) = 1)}
           even == {x_2_2 \in Elements(queue) : (~(x_2_2 \in odd))} \cup {4}
       IN  Become([Now EXCEPT !.queue = Slice(queue, 1, Len(queue)) \o <<Cardinality((odd \ even) \cup (even \ odd))>>,
                              !.load = [n \in Node |-> MaxOf({load[n], Cardinality(even)})]])

\* The end.
end ==
    /\ ((\A n \in Node : (level[n] = "HIGH")) \/ (Cardinality(seen) = 2)) = TRUE
    /\ Become([Now EXCEPT !.ended = TRUE])

Next ==
    \/ note
    \/ \E n \in Node : \E x \in (DOMAIN queue) : shift(n, queue[x])
    \/ climb
    \/ fall
    \/ \E x \in (DOMAIN bag) : trade(x)
    \/ trim
    \/ end

Spec == Init /\ [][Next]_vars

------------------------------------------------------------------------------
\* Properties

IsNumber(r) == r.value_Number \in 0..2
IsName(r) == r.value_Name \in Level

TypeOK ==
    /\ load \in [Node -> -3..6]
    /\ level \in [Node -> Level]
    /\ Len(queue) <= 3 /\ (\A v \in Elements(queue) : v \in -3..6)
    /\ Len(SeqOfBag(bag)) <= 3 /\ (\A v_2 \in DOMAIN bag : v_2 \in -3..6)
    /\ Cardinality(seen) <= 2 /\ (\A v_3 \in seen : (CASE v_3.tag = "Number" -> IsNumber(v_3) [] v_3.tag = "Name" -> IsName(v_3)))
    /\ (IF last = None THEN TRUE ELSE (CASE last.tag = "Number" -> IsNumber(last) [] last.tag = "Name" -> IsName(last)))
    /\ ended \in BOOLEAN

\* has_ended: It has ended.
has_ended == ended

\* queue_is_short: The queue never grows.
queue_is_short ==
    (Len(queue) <= 2) /\ (SumOf(queue, LAMBDA x : IF (x = 6) THEN 1 ELSE 0) <= 2)

\* seen_stays: What was seen stays seen.
seen_stays(s, before) == (before.seen \subseteq s.seen) /\ ((~before.ended) \/ s.ended)
Holds_seen_stays == [][seen_stays(Later, Now)]_vars

\* A state without a successor is one where some terminal property holds.
Terminal == has_ended
NoDeadlock == (ENABLED Next) \/ Terminal
====
