---- MODULE ClaimController ----
\* `claims`, `volumes`, and controllers that bind them.
\* makes = 1
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS None, claim0, claim1, volume0, controller0 \* model values

Claim == {claim0, claim1}
Volume == {volume0}
Controller == {controller0}

VARIABLES uid, made, named, is_complete, reserved, reserved_uid, seen_uid, seen_named, seen_complete, seen_reserved, seen_reserved_uid, knows_claim, knows_volume
vars == <<uid, made, named, is_complete, reserved, reserved_uid, seen_uid, seen_named, seen_complete, seen_reserved, seen_reserved_uid, knows_claim, knows_volume>>
Now == [uid |-> uid, made |-> made, named |-> named, is_complete |-> is_complete, reserved |-> reserved, reserved_uid |-> reserved_uid, seen_uid |-> seen_uid, seen_named |-> seen_named, seen_complete |-> seen_complete, seen_reserved |-> seen_reserved, seen_reserved_uid |-> seen_reserved_uid, knows_claim |-> knows_claim, knows_volume |-> knows_volume]
Later == [uid |-> uid', made |-> made', named |-> named', is_complete |-> is_complete', reserved |-> reserved', reserved_uid |-> reserved_uid', seen_uid |-> seen_uid', seen_named |-> seen_named', seen_complete |-> seen_complete', seen_reserved |-> seen_reserved', seen_reserved_uid |-> seen_reserved_uid', knows_claim |-> knows_claim', knows_volume |-> knows_volume']
\* A step ends in the state that a record holds.
Become(s_) == uid' = s_.uid /\ made' = s_.made /\ named' = s_.named /\ is_complete' = s_.is_complete /\ reserved' = s_.reserved /\ reserved_uid' = s_.reserved_uid /\ seen_uid' = s_.seen_uid /\ seen_named' = s_.seen_named /\ seen_complete' = s_.seen_complete /\ seen_reserved' = s_.seen_reserved /\ seen_reserved_uid' = s_.seen_reserved_uid /\ knows_claim' = s_.knows_claim /\ knows_volume' = s_.knows_volume
Start(s_) == uid = s_.uid /\ made = s_.made /\ named = s_.named /\ is_complete = s_.is_complete /\ reserved = s_.reserved /\ reserved_uid = s_.reserved_uid /\ seen_uid = s_.seen_uid /\ seen_named = s_.seen_named /\ seen_complete = s_.seen_complete /\ seen_reserved = s_.seen_reserved /\ seen_reserved_uid = s_.seen_reserved_uid /\ knows_claim = s_.knows_claim /\ knows_volume = s_.knows_volume

------------------------------------------------------------------------------
\* Helpers

note_claim(s, c) ==
    LET RECURSIVE loop(_, _, _)
        loop(rest, s_2, k) == IF rest = <<>>
                              THEN s_2
                              ELSE LET k_2 == Head(rest)
                                       s_3 == [s_2 EXCEPT !.knows_claim[k_2][c] = FALSE]
                                   IN  loop(Tail(rest), s_3, k_2)
    IN  loop(<<controller0>>, s, None)

is_open(s, k, c, v) ==
    LET is_asked == (s.seen_named[k][c] = None) \/ (s.seen_named[k][c] = v)
    IN  (s.seen_uid[k][c] # 0) /\ (~s.seen_complete[k][c]) /\ is_asked

is_for(s, k, c, v) ==
    LET is_uid == s.seen_reserved_uid[k][v] = s.seen_uid[k][c]
    IN  (s.seen_reserved[k][v] = c) /\ (s.seen_uid[k][c] # 0) /\ is_uid

has_volume(s, k, c) == \E v \in Volume : (is_for(s, k, c, v))

write_volume(s, k, v, c, uid_2) ==
    LET s_4 == LET RECURSIVE loop(_, _, _)
                   loop(rest, s_2, other) == IF rest = <<>>
                                             THEN s_2
                                             ELSE LET other_2 == Head(rest)
                                                      s_3 == [s_2 EXCEPT !.knows_volume[other_2][v] = other_2 = k]
                                                  IN  loop(Tail(rest), s_3, other_2)
               IN  loop(<<controller0>>, s, None)
    IN  [s_4 EXCEPT !.reserved[v] = c,
                    !.reserved_uid[v] = uid_2,
                    !.seen_reserved[k][v] = c,
                    !.seen_reserved_uid[k][v] = uid_2]

------------------------------------------------------------------------------
\* Initial states

Defaults ==
    [uid |-> [k \in Claim |-> 0],
     made |-> [k_2 \in Claim |-> 0],
     named |-> [k_3 \in Claim |-> None],
     is_complete |-> [k_4 \in Claim |-> FALSE],
     reserved |-> [k_5 \in Volume |-> None],
     reserved_uid |-> [k_6 \in Volume |-> 0],
     seen_uid |-> [k_7 \in Controller |-> [k_8 \in Claim |-> 0]],
     seen_named |-> [k_9 \in Controller |-> [k_10 \in Claim |-> None]],
     seen_complete |-> [k_11 \in Controller |-> [k_12 \in Claim |-> FALSE]],
     seen_reserved |-> [k_13 \in Controller |-> [k_14 \in Volume |-> None]],
     seen_reserved_uid |-> [k_15 \in Controller |-> [k_16 \in Volume |-> 0]],
     knows_claim |-> [k_17 \in Controller |-> [k_18 \in Claim |-> TRUE]],
     knows_volume |-> [k_19 \in Controller |-> [k_20 \in Volume |-> TRUE]]]

Init == Start(Defaults)

------------------------------------------------------------------------------
\* Actions

\* Somebody makes a claim.
make_claim(c) ==
    /\ uid[c] = 0
    /\ made[c] < 1
    /\ LET s == [Now EXCEPT !.made[c] = made[c] + 1]
           s_2 == [s EXCEPT !.uid[c] = s.made[c]]
       IN  Become(note_claim(s_2, c))

\* Somebody writes into a claim which volume it is to have.
name_volume(c, v) ==
    /\ uid[c] # 0
    /\ named[c] = None
    /\ LET s == [Now EXCEPT !.named[c] = v]
       IN  Become(note_claim(s, c))

\* Somebody deletes a claim.
delete_claim(c) ==
    /\ uid[c] # 0
    /\ LET s == [Now EXCEPT !.uid[c] = 0, !.named[c] = None, !.is_complete[c] = FALSE]
       IN  Become(note_claim(s, c))

\* A controller hears of a claim.
hear_claim(k, c) ==
    /\ ~knows_claim[k][c]
    /\ Become([Now EXCEPT !.seen_uid[k][c] = uid[c],
                          !.seen_named[k][c] = named[c],
                          !.seen_complete[k][c] = is_complete[c],
                          !.knows_claim[k][c] = TRUE])

\* A controller hears of a volume.
hear_volume(k, v) ==
    /\ ~knows_volume[k][v]
    /\ Become([Now EXCEPT !.seen_reserved[k][v] = reserved[v],
                          !.seen_reserved_uid[k][v] = reserved_uid[v],
                          !.knows_volume[k][v] = TRUE])

\* A controller reserves a volume that is free for a claim that has none.
reserve(k, c, v) ==
    /\ is_open(Now, k, c, v) = TRUE
    /\ seen_reserved[k][v] = None
    /\ ~has_volume(Now, k, c)
    /\ knows_volume[k][v] = TRUE
    /\ Become(write_volume(Now, k, v, c, seen_uid[k][c]))

\* A controller writes into a claim the volume that is reserved for it.
complete(k, c, v) ==
    /\ is_open(Now, k, c, v) = TRUE
    /\ is_for(Now, k, c, v) = TRUE
    /\ knows_claim[k][c] = TRUE
    /\ uid[c] # 0
    /\ LET s == note_claim(Now, c)
       IN  Become([s EXCEPT !.named[c] = v,
                            !.is_complete[c] = TRUE,
                            !.seen_named[k][c] = v,
                            !.seen_complete[k][c] = TRUE,
                            !.knows_claim[k][c] = s.uid[c] = s.seen_uid[k][c]])

\* A controller frees a volume whose claim has another one, or asks for another.
give_back(k, c, v) ==
    /\ is_for(Now, k, c, v) = TRUE
    /\ ~(seen_named[k][c] = None)
    /\ seen_named[k][c] # v
    /\ knows_volume[k][v] = TRUE
    /\ Become(write_volume(Now, k, v, None, 0))

\* A volume whose claim is gone is wiped, and free again.
release(k, c, v) ==
    /\ seen_reserved[k][v] = c
    /\ seen_reserved_uid[k][v] # seen_uid[k][c]
    /\ knows_volume[k][v] = TRUE
    /\ knows_claim[k][c] = TRUE
    /\ Become(write_volume(Now, k, v, None, 0))

Next ==
    \/ \E c \in Claim : make_claim(c)
    \/ \E c \in Claim : \E v \in Volume : name_volume(c, v)
    \/ \E c \in Claim : delete_claim(c)
    \/ \E k \in Controller : \E c \in Claim : hear_claim(k, c)
    \/ \E k \in Controller : \E v \in Volume : hear_volume(k, v)
    \/ \E k \in Controller : \E c \in Claim : \E v \in Volume : reserve(k, c, v)
    \/ \E k \in Controller : \E c \in Claim : \E v \in Volume : complete(k, c, v)
    \/ \E k \in Controller : \E c \in Claim : \E v \in Volume : give_back(k, c, v)
    \/ \E k \in Controller : \E c \in Claim : \E v \in Volume : release(k, c, v)

Spec == Init /\ [][Next]_vars
        /\ (\A k \in Controller : \A c \in Claim : WF_vars(hear_claim(k, c)))
        /\ (\A k \in Controller : \A v \in Volume : WF_vars(hear_volume(k, v)))
        /\ (\A k \in Controller : \A c \in Claim : \A v \in Volume : WF_vars(reserve(k, c, v)))
        /\ (\A k \in Controller : \A c \in Claim : \A v \in Volume : WF_vars(complete(k, c, v)))
        /\ (\A k \in Controller : \A c \in Claim : \A v \in Volume : WF_vars(give_back(k, c, v)))
        /\ (\A k \in Controller : \A c \in Claim : \A v \in Volume : WF_vars(release(k, c, v)))

------------------------------------------------------------------------------
\* Properties

TypeOK ==
    /\ uid \in [Claim -> 0..1]
    /\ made \in [Claim -> 0..1]
    /\ named \in [Claim -> ({None} \cup (Volume))]
    /\ is_complete \in [Claim -> BOOLEAN]
    /\ reserved \in [Volume -> ({None} \cup (Claim))]
    /\ reserved_uid \in [Volume -> 0..1]
    /\ seen_uid \in [Controller -> [Claim -> 0..1]]
    /\ seen_named \in [Controller -> [Claim -> ({None} \cup (Volume))]]
    /\ seen_complete \in [Controller -> [Claim -> BOOLEAN]]
    /\ seen_reserved \in [Controller -> [Volume -> ({None} \cup (Claim))]]
    /\ seen_reserved_uid \in [Controller -> [Volume -> 0..1]]
    /\ knows_claim \in [Controller -> [Claim -> BOOLEAN]]
    /\ knows_volume \in [Controller -> [Volume -> BOOLEAN]]

\* CSI-12: No volume is bound to two claims.
volume_of_one_claim ==
    ~(\E c \in Claim : (\E d \in Claim : ((c # d) /\ is_complete[c] /\ is_complete[d] /\ (named[c] = named[d]))))

\* CSI-13: The volume of a claim that is bound is reserved for that claim, by its uid.
bound_to_each_other ==
    \A c \in Claim : (\A v \in Volume : ((~is_complete[c]) \/ (named[c] # v) \/ ((reserved[v] = c) /\ (reserved_uid[v] = uid[c]))))

\* CSI-14: A volume does not stay reserved for a claim that has another one.
reserved_for_none_at_last ==
    ~(\E c \in Claim : (\E v \in Volume : ((reserved[v] = c) /\ is_complete[c] /\ (named[c] # v))))
Holds_reserved_for_none_at_last == []<>(reserved_for_none_at_last)

\* CSI-15: A claim that names no volume is bound at last, or others have all volumes.
served_at_last ==
    ~(\E c \in Claim : (\E v \in Volume : ((uid[c] # 0) /\ (named[c] = None) /\ (~(\E d \in Claim : ((d # c) /\ (reserved[v] = d) /\ (reserved_uid[v] = uid[d])))))))
Holds_served_at_last == []<>(served_at_last)

\* asks_for_what_another_has: A claim names a volume that is reserved for another.
asks_for_what_another_has ==
    \E c \in Claim : (\E d \in Claim : (\E v \in Volume : ((named[c] = v) /\ (reserved[v] = d) /\ (c # d))))
Never_asks_for_what_another_has == ~(asks_for_what_another_has)
====
