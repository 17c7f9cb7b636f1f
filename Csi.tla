---- MODULE Csi ----
\* One claim, its volume, nodes, and pods that want it; constants bound what goes wrong.
\* mode = AccessMode.RWO
\* waits = True
\* losses = 1
\* failures = 0
\* restarts = 0
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS None, node0, pod0 \* model values

Node == {node0}
Pod == {pod0}
ClaimPhase == {"PENDING", "BOUND", "GONE"}
PodPhase == {"PENDING", "BOUND", "DELETING", "GONE"}
Known == {"NO", "UNCERTAIN", "YES"}
Detach == {"NONE", "SAFE", "FORCED"}
Power == {"UP", "CUT", "OFF"}
Work == {"UNKNOWN", "WANTED", "STOPPED"}
Mount == {"NO", "UNCERTAIN", "YES"}

VARIABLES claim, choice, made, lost, phase, place, attached, known, listed, in_use, detaching, overdue, forced, power, out_of_service, failed, restarted, staged, published, running, work, mount, device, holds, told, has_heard
vars == <<claim, choice, made, lost, phase, place, attached, known, listed, in_use, detaching, overdue, forced, power, out_of_service, failed, restarted, staged, published, running, work, mount, device, holds, told, has_heard>>
Now == [claim |-> claim, choice |-> choice, made |-> made, lost |-> lost, phase |-> phase, place |-> place, attached |-> attached, known |-> known, listed |-> listed, in_use |-> in_use, detaching |-> detaching, overdue |-> overdue, forced |-> forced, power |-> power, out_of_service |-> out_of_service, failed |-> failed, restarted |-> restarted, staged |-> staged, published |-> published, running |-> running, work |-> work, mount |-> mount, device |-> device, holds |-> holds, told |-> told, has_heard |-> has_heard]
Later == [claim |-> claim', choice |-> choice', made |-> made', lost |-> lost', phase |-> phase', place |-> place', attached |-> attached', known |-> known', listed |-> listed', in_use |-> in_use', detaching |-> detaching', overdue |-> overdue', forced |-> forced', power |-> power', out_of_service |-> out_of_service', failed |-> failed', restarted |-> restarted', staged |-> staged', published |-> published', running |-> running', work |-> work', mount |-> mount', device |-> device', holds |-> holds', told |-> told', has_heard |-> has_heard']
\* A step ends in the state that a record holds.
Become(s_) == claim' = s_.claim /\ choice' = s_.choice /\ made' = s_.made /\ lost' = s_.lost /\ phase' = s_.phase /\ place' = s_.place /\ attached' = s_.attached /\ known' = s_.known /\ listed' = s_.listed /\ in_use' = s_.in_use /\ detaching' = s_.detaching /\ overdue' = s_.overdue /\ forced' = s_.forced /\ power' = s_.power /\ out_of_service' = s_.out_of_service /\ failed' = s_.failed /\ restarted' = s_.restarted /\ staged' = s_.staged /\ published' = s_.published /\ running' = s_.running /\ work' = s_.work /\ mount' = s_.mount /\ device' = s_.device /\ holds' = s_.holds /\ told' = s_.told /\ has_heard' = s_.has_heard
Start(s_) == claim = s_.claim /\ choice = s_.choice /\ made = s_.made /\ lost = s_.lost /\ phase = s_.phase /\ place = s_.place /\ attached = s_.attached /\ known = s_.known /\ listed = s_.listed /\ in_use = s_.in_use /\ detaching = s_.detaching /\ overdue = s_.overdue /\ forced = s_.forced /\ power = s_.power /\ out_of_service = s_.out_of_service /\ failed = s_.failed /\ restarted = s_.restarted /\ staged = s_.staged /\ published = s_.published /\ running = s_.running /\ work = s_.work /\ mount = s_.mount /\ device = s_.device /\ holds = s_.holds /\ told = s_.told /\ has_heard = s_.has_heard

------------------------------------------------------------------------------
\* Operators of every model

\* Given: a value that must be there: TLC reports an error where it is None
Given(x_) == CASE x_ # None -> x_

------------------------------------------------------------------------------
\* Helpers

is_free(s) == \A n \in Node : ((s.known[n] = "NO") /\ (s.detaching[n] = "NONE"))

takes_pods(s, n) == s.power[n] = "UP"

want_anew(s, n) == [s EXCEPT !.overdue[n] = FALSE]

want_anew_2(s, n) == want_anew(s, n)

is_here(s, p) == (s.phase[p] = "BOUND") \/ (s.phase[p] = "DELETING")

is_wanted(s, n) == \E p \in Pod : ((s.place[p] = n) /\ is_here(s, p))

may_force(s, n) ==
    LET is_ill == s.power[n] # "UP"
    IN  (n \in s.out_of_service) \/ (s.overdue[n] /\ is_ill)

is_held_back(s, n) ==
    LET is_unchecked == FALSE
    IN  s.in_use[n] /\ (~is_unchecked)

has_left(s, n) == (n \in s.staged) \/ (\E p \in s.published : (s.place[p] = n))

end_attachment(s, n) ==
    LET s_3 == IF ~has_left(s, n)
               THEN [s EXCEPT !.forced = s.forced \ {n}]
               ELSE s
    IN  [s_3 EXCEPT !.attached = s_3.attached \ {n},
                    !.listed[n] = FALSE,
                    !.overdue[n] = FALSE]

settle(s, n) ==
    IF (~has_left(s, n)) /\ (s.detaching[n] # "FORCED")
    THEN [s EXCEPT !.forced = s.forced \ {n}]
    ELSE s

lose_power(s, n) ==
    LET s_5 == LET RECURSIVE loop(_, _, _)
                   loop(rest, s_2, p) == IF rest = <<>>
                                         THEN s_2
                                         ELSE LET p_2 == Head(rest)
                                                  s_4 == IF s_2.place[p_2] = n
                                                         THEN [s_2 EXCEPT !.running[p_2] = FALSE, !.published = s_2.published \ {p_2}]
                                                         ELSE s_2
                                              IN  loop(Tail(rest), s_4, p_2)
               IN  loop(<<pod0>>, s, None)
        s_6 == [s_5 EXCEPT !.staged = s_5.staged \ {n}]
    IN  settle(s_6, n)

lose_power_2(s, n) == lose_power(s, n)

is_off(s, n) ==
    LET is_gone == (s.known[n] = "NO") /\ (s.detaching[n] = "NONE")
    IN  is_gone /\ (~is_wanted(s, n))

may_be_published(s, n) == \E p \in Pod : ((s.place[p] = n) /\ (s.mount[p] # "NO"))

begin_anew(s, n) ==
    LET s_7 == LET RECURSIVE loop(_, _, _)
                   loop(rest, s_2, p) == IF rest = <<>>
                                         THEN s_2
                                         ELSE LET p_2 == Head(rest)
                                                  s_6 == IF s_2.place[p_2] = n
                                                         THEN LET s_3 == [s_2 EXCEPT !.work[p_2] = "UNKNOWN"]
                                                              IN  IF s_3.mount[p_2] # "NO"
                                                                  THEN [s_3 EXCEPT !.mount[p_2] = "UNCERTAIN"]
                                                                  ELSE s_3
                                                         ELSE s_2
                                              IN  loop(Tail(rest), s_6, p_2)
               IN  loop(<<pod0>>, s, None)
        s_9 == IF s_7.device[n] # "NO"
               THEN [s_7 EXCEPT !.device[n] = "UNCERTAIN"]
               ELSE s_7
    IN  [s_9 EXCEPT !.holds[n] = (s_9.device[n] # "NO") \/ may_be_published(s_9, n),
                    !.told[n] = FALSE,
                    !.has_heard[n] = FALSE]

begin_anew_2(s, n) == begin_anew(s, n)

wants(s, n) == \E p \in Pod : ((s.place[p] = n) /\ (s.work[p] = "WANTED"))

is_awake(s, n) == s.power[n] # "OFF"

is_deleted(s) == s.claim = "GONE"

------------------------------------------------------------------------------
\* Initial states

Defaults ==
    [claim |-> "PENDING",
     choice |-> None,
     made |-> {},
     lost |-> 0,
     phase |-> [k \in Pod |-> "PENDING"],
     place |-> [k_2 \in Pod |-> None],
     attached |-> {},
     known |-> [k_3 \in Node |-> "NO"],
     listed |-> [k_4 \in Node |-> FALSE],
     in_use |-> [k_5 \in Node |-> FALSE],
     detaching |-> [k_6 \in Node |-> "NONE"],
     overdue |-> [k_7 \in Node |-> FALSE],
     forced |-> {},
     power |-> [k_8 \in Node |-> "UP"],
     out_of_service |-> {},
     failed |-> 0,
     restarted |-> 0,
     staged |-> {},
     published |-> {},
     running |-> [k_9 \in Pod |-> FALSE],
     work |-> [k_10 \in Pod |-> "UNKNOWN"],
     mount |-> [k_11 \in Pod |-> "NO"],
     device |-> [k_12 \in Node |-> "NO"],
     holds |-> [k_13 \in Node |-> FALSE],
     told |-> [k_14 \in Node |-> FALSE],
     has_heard |-> [k_15 \in Node |-> TRUE]]

Init == Start(Defaults)

------------------------------------------------------------------------------
\* Actions

\* The scheduler chooses a node for a pod, and waits for a volume that is of use there.
choose_node(n) ==
    /\ claim = "PENDING"
    /\ choice = None
    /\ (\E p \in Pod : (phase[p] = "PENDING")) = TRUE
    /\ Become([Now EXCEPT !.choice = n])

\* The driver makes a volume, or has it already; volume and claim are bound.
make(n) ==
    LET n_2 == n
    IN  /\ claim = "PENDING"
        /\ choice = n_2
        /\ Become([Now EXCEPT !.made = made \cup {n}, !.claim = "BOUND"])

\* The driver makes a volume, and nobody hears of it.
make_unanswered(n) ==
    LET n_2 == n
    IN  /\ claim = "PENDING"
        /\ choice = n_2
        /\ lost < 1
        /\ LET s == [Now EXCEPT !.lost = lost + 1]
           IN  Become([s EXCEPT !.made = s.made \cup {n}])

\* The driver cannot make a volume for that node: the scheduler chooses anew.
refuse ==
    /\ claim = "PENDING"
    /\ ~(choice = None)
    /\ Cardinality(made) = 0
    /\ lost < 1
    /\ LET s == [Now EXCEPT !.lost = lost + 1]
       IN  Become([s EXCEPT !.choice = None])

\* The claim goes when no pod uses it (its finalizer pvc-protection).
delete_claim ==
    /\ claim # "GONE"
    /\ (\A p \in Pod : (phase[p] = "GONE")) = TRUE
    /\ Become([Now EXCEPT !.claim = "GONE"])

\* The driver deletes the volume of a claim that is gone, once it is attached nowhere.
delete_volume ==
    /\ claim = "GONE"
    /\ Cardinality(made) > 0
    /\ is_free(Now) = TRUE
    /\ Become([Now EXCEPT !.made = {}])

\* A pod is bound to a node; a volume for one pod is for no second one.
put(p, n) ==
    /\ phase[p] = "PENDING"
    /\ claim = "BOUND"
    /\ takes_pods(Now, n) = TRUE
    /\ LET s == [Now EXCEPT !.phase[p] = "BOUND", !.place[p] = n]
       IN  Become(want_anew_2(s, n))

\* Somebody deletes a pod; one that has no node is gone at once.
delete(p) ==
    IF phase[p] = "PENDING"
    THEN Become([Now EXCEPT !.phase[p] = "GONE"])
    ELSE /\ phase[p] = "BOUND"
         /\ Become([Now EXCEPT !.phase[p] = "DELETING"])

\* Somebody deletes a pod without waiting for its node.
force_delete(p) ==
    /\ is_here(Now, p) = TRUE
    /\ Become([Now EXCEPT !.phase[p] = "GONE"])

\* The volume is attached to the node of a pod.
attach(n) ==
    LET n_2 == n
    IN  /\ is_wanted(Now, n_2) = TRUE
        /\ known[n_2] # "YES"
        /\ detaching[n_2] = "NONE"
        /\ (\A m \in Node : ((m = n_2) \/ (known[m] = "NO"))) = TRUE
        /\ Become([Now EXCEPT !.attached = attached \cup {n}, !.known[n] = "YES"])

\* The volume is attached, and the controller does not hear of it.
attach_unanswered(n) ==
    LET n_2 == n
    IN  /\ is_wanted(Now, n_2) = TRUE
        /\ known[n_2] # "YES"
        /\ detaching[n_2] = "NONE"
        /\ (\A m \in Node : ((m = n_2) \/ (known[m] = "NO"))) = TRUE
        /\ lost < 1
        /\ LET s == [Now EXCEPT !.lost = lost + 1]
           IN  Become([s EXCEPT !.attached = s.attached \cup {n}, !.known[n] = "UNCERTAIN"])

\* The node's status says that the volume is attached.
list_attached(n) ==
    /\ known[n] = "YES"
    /\ detaching[n] = "NONE"
    /\ ~listed[n]
    /\ Become([Now EXCEPT !.listed[n] = TRUE])

\* The node has said for long that it uses what no pod wants there.
wait_six_minutes(n) ==
    /\ known[n] # "NO"
    /\ ~is_wanted(Now, n)
    /\ in_use[n] = TRUE
    /\ ~overdue[n]
    /\ Become([Now EXCEPT !.overdue[n] = TRUE])

\* What no pod wants is taken out of the node's status, to be detached.
begin_detach(n) ==
    /\ known[n] # "NO"
    /\ detaching[n] = "NONE"
    /\ ~is_wanted(Now, n)
    /\ ((~in_use[n]) \/ may_force(Now, n)) = TRUE
    /\ LET s == [Now EXCEPT !.detaching[n] = IF may_force(Now, n) THEN "FORCED" ELSE "SAFE"]
           s_3 == IF s.overdue[n] /\ (s.power[n] # "UP") /\ (~(n \in s.out_of_service))
                  THEN [s EXCEPT !.forced = s.forced \cup {n}]
                  ELSE s
       IN  Become([s_3 EXCEPT !.listed[n] = FALSE])

\* The volume is detached, unless the node has said meanwhile that it uses it.
detach(n) ==
    /\ detaching[n] # "NONE"
    /\ LET s_3 == IF (detaching[n] = "FORCED") \/ (~is_held_back(Now, n))
                  THEN LET s == end_attachment(Now, n)
                       IN  [s EXCEPT !.known[n] = "NO"]
                  ELSE Now
       IN  Become([s_3 EXCEPT !.detaching[n] = "NONE"])

\* The volume is detached, and the controller does not hear of it.
detach_unanswered(n) ==
    /\ detaching[n] # "NONE"
    /\ n \in attached
    /\ ((detaching[n] = "FORCED") \/ (~is_held_back(Now, n))) = TRUE
    /\ lost < 1
    /\ LET s == [Now EXCEPT !.lost = lost + 1]
           s_2 == end_attachment(s, n)
       IN  Become([s_2 EXCEPT !.known[n] = "UNCERTAIN", !.detaching[n] = "NONE"])

\* A node is cut off, or goes off with all that runs and is mounted there.
fail(n) ==
    /\ power[n] = "UP"
    /\ failed < 0
    /\ LET s == [Now EXCEPT !.failed = failed + 1]
       IN  \E choice_2 \in {"CUT", "OFF"} :
             LET s_2 == [s EXCEPT !.power[n] = choice_2]
                 s_4 == IF s_2.power[n] = "OFF"
                        THEN lose_power_2(s_2, n)
                        ELSE s_2
             IN  Become(s_4)

\* A node is healthy again; one that was off may be made anew, with nothing attached.
recover(n) ==
    /\ power[n] # "UP"
    /\ ((~(n \in out_of_service)) \/ is_off(Now, n)) = TRUE
    /\ LET then(s) == Become([s EXCEPT !.out_of_service = s.out_of_service \ {n}, !.power[n] = "UP"])
       IN  IF power[n] = "OFF"
           THEN LET s_3 == begin_anew_2(Now, n)
                IN  \E is_new_chosen \in {FALSE, TRUE} :
                      LET is_new == is_new_chosen
                          s_5 == IF is_new
                                 THEN [s_3 EXCEPT !.listed[n] = FALSE]
                                 ELSE s_3
                      IN  then(s_5)
           ELSE then(Now)

\* Somebody who knows that a node is off says that it is out of service.
taint(n) ==
    /\ power[n] = "OFF"
    /\ ~(n \in out_of_service)
    /\ Become([Now EXCEPT !.out_of_service = out_of_service \cup {n}])

\* The collector of pods deletes those of a node that is out of service.
collect(p) ==
    /\ is_here(Now, p) = TRUE
    /\ ~(place[p] = None)
    /\ Given(place[p]) \in out_of_service
    /\ Become([Now EXCEPT !.phase[p] = "GONE"])

\* The controller begins anew, with the nodes' status and the VolumeAttachments.
restart_controller ==
    /\ restarted < 0
    /\ LET s == [Now EXCEPT !.restarted = restarted + 1]
           s_10 == LET RECURSIVE loop(_, _, _)
                       loop(rest, s_2, n) == IF rest = <<>>
                                             THEN s_2
                                             ELSE LET n_2 == Head(rest)
                                                      s_6 == IF s_2.listed[n_2]
                                                             THEN [s_2 EXCEPT !.known[n_2] = "YES"]
                                                             ELSE IF (s_2.known[n_2] # "NO") \/ (s_2.detaching[n_2] # "NONE")
                                                             THEN [s_2 EXCEPT !.known[n_2] = "UNCERTAIN"]
                                                             ELSE s_2
                                                      s_7 == [s_6 EXCEPT !.detaching[n_2] = "NONE", !.overdue[n_2] = FALSE]
                                                      s_9 == IF n_2 \in s_7.attached
                                                             THEN [s_7 EXCEPT !.forced = s_7.forced \ {n_2}]
                                                             ELSE s_7
                                                  IN  loop(Tail(rest), s_9, n_2)
                   IN  loop(<<node0>>, s, None)
       IN  Become(s_10)

\* The kubelet hears of a pod.
hear(p, n) ==
    /\ place[p] = n
    /\ is_here(Now, p) = TRUE
    /\ work[p] = "UNKNOWN"
    /\ power[n] = "UP"
    /\ Become([Now EXCEPT !.work[p] = "WANTED"])

\* A kubelet that began anew has heard of all its pods.
hear_all(n) ==
    /\ ~has_heard[n]
    /\ power[n] = "UP"
    /\ ~(\E p \in Pod : ((place[p] = n) /\ is_here(Now, p) /\ (work[p] = "UNKNOWN")))
    /\ Become([Now EXCEPT !.has_heard[n] = TRUE])

\* The node's status says whether the volume is in use.
report(n) ==
    /\ power[n] = "UP"
    /\ LET is_used == holds[n] \/ wants(Now, n)
       IN  /\ ((in_use[n] # is_used) \/ (told[n] # wants(Now, n))) = TRUE
           /\ LET s == [Now EXCEPT !.in_use[n] = is_used]
              IN  Become([s EXCEPT !.told[n] = wants(s, n)])

\* The kubelet sees in the node's status that the volume is attached.
verify(n) ==
    /\ wants(Now, n) = TRUE
    /\ ~holds[n]
    /\ told[n] = TRUE
    /\ listed[n] = TRUE
    /\ power[n] = "UP"
    /\ Become([Now EXCEPT !.holds[n] = TRUE])

\* The volume is mounted for the node.
stage(n) ==
    LET n_2 == n
    IN  /\ is_awake(Now, n_2) = TRUE
        /\ holds[n_2] = TRUE
        /\ device[n_2] # "YES"
        /\ wants(Now, n_2) = TRUE
        /\ n_2 \in attached
        /\ Become([Now EXCEPT !.staged = staged \cup {n}, !.device[n] = "YES"])

\* The volume is mounted for the node, and the kubelet does not hear of it.
stage_unanswered(n) ==
    LET n_2 == n
    IN  /\ is_awake(Now, n_2) = TRUE
        /\ holds[n_2] = TRUE
        /\ device[n_2] # "YES"
        /\ wants(Now, n_2) = TRUE
        /\ n_2 \in attached
        /\ lost < 1
        /\ LET s == [Now EXCEPT !.lost = lost + 1]
           IN  Become([s EXCEPT !.staged = s.staged \cup {n}, !.device[n] = "UNCERTAIN"])

\* The volume is mounted for a pod.
publish(p, n) ==
    LET p_2 == p
        n_2 == n
    IN  /\ place[p_2] = n_2
        /\ is_awake(Now, n_2) = TRUE
        /\ n_2 \in staged
        /\ work[p_2] = "WANTED"
        /\ mount[p_2] # "YES"
        /\ device[n_2] = "YES"
        /\ Become([Now EXCEPT !.published = published \cup {p}, !.mount[p] = "YES"])

\* The volume is mounted for a pod, and the kubelet does not hear of it.
publish_unanswered(p, n) ==
    LET p_2 == p
        n_2 == n
    IN  /\ place[p_2] = n_2
        /\ is_awake(Now, n_2) = TRUE
        /\ n_2 \in staged
        /\ work[p_2] = "WANTED"
        /\ mount[p_2] # "YES"
        /\ device[n_2] = "YES"
        /\ lost < 1
        /\ LET s == [Now EXCEPT !.lost = lost + 1]
           IN  Become([s EXCEPT !.published = s.published \cup {p}, !.mount[p] = "UNCERTAIN"])

\* Containers start, unless the kubelet has heard that the pod is to go.
start(p, n) ==
    /\ place[p] = n
    /\ is_awake(Now, n) = TRUE
    /\ ~running[p]
    /\ work[p] = "WANTED"
    /\ mount[p] = "YES"
    /\ ((phase[p] = "BOUND") \/ (power[n] = "CUT")) = TRUE
    /\ Become([Now EXCEPT !.running[p] = TRUE])

\* The kubelet hears that a pod is to go, or does not know it, and stops its containers.
stop(p, n) ==
    /\ place[p] = n
    /\ power[n] = "UP"
    /\ ((phase[p] = "DELETING") \/ (phase[p] = "GONE")) = TRUE
    /\ work[p] # "STOPPED"
    /\ Become([Now EXCEPT !.running[p] = FALSE, !.work[p] = "STOPPED"])

\* The kubelet deletes a pod that has stopped and from which all is unmounted.
finish(p, n) ==
    /\ place[p] = n
    /\ power[n] = "UP"
    /\ phase[p] = "DELETING"
    /\ work[p] = "STOPPED"
    /\ mount[p] = "NO"
    /\ Become([Now EXCEPT !.phase[p] = "GONE"])

\* The volume is unmounted from a pod that is not to run with it.
unpublish(p, n) ==
    /\ place[p] = n
    /\ is_awake(Now, n) = TRUE
    /\ mount[p] # "NO"
    /\ work[p] # "WANTED"
    /\ has_heard[n] = TRUE
    /\ ~running[p]
    /\ Become([Now EXCEPT !.published = published \ {p}, !.mount[p] = "NO"])

\* The volume is unmounted from the node when no pod has it or wants it.
unstage(n) ==
    LET n_2 == n
    IN  /\ is_awake(Now, n_2) = TRUE
        /\ has_heard[n_2] = TRUE
        /\ device[n_2] # "NO"
        /\ ~may_be_published(Now, n_2)
        /\ ~wants(Now, n_2)
        /\ LET s == [Now EXCEPT !.staged = staged \ {n}, !.device[n] = "NO"]
           IN  Become(settle(s, n))

\* The volume is unmounted from the node, and the kubelet does not hear of it.
unstage_unanswered(n) ==
    LET n_2 == n
    IN  /\ is_awake(Now, n_2) = TRUE
        /\ has_heard[n_2] = TRUE
        /\ device[n_2] # "NO"
        /\ ~may_be_published(Now, n_2)
        /\ ~wants(Now, n_2)
        /\ lost < 1
        /\ LET s == [Now EXCEPT !.lost = lost + 1]
           IN  Become([s EXCEPT !.staged = s.staged \ {n}, !.device[n] = "UNCERTAIN"])

\* The kubelet has nothing to do with the volume any more.
let_go(n) ==
    /\ is_awake(Now, n) = TRUE
    /\ has_heard[n] = TRUE
    /\ holds[n] = TRUE
    /\ device[n] = "NO"
    /\ ~may_be_published(Now, n)
    /\ ~wants(Now, n)
    /\ Become([Now EXCEPT !.holds[n] = FALSE])

\* A kubelet dies and begins anew; containers and mounts stay.
restart_kubelet(n) ==
    /\ is_awake(Now, n) = TRUE
    /\ restarted < 0
    /\ LET s == [Now EXCEPT !.restarted = restarted + 1]
       IN  Become(begin_anew_2(s, n))

Next ==
    \/ \E n \in Node : choose_node(n)
    \/ \E n \in Node : make(n)
    \/ \E n \in Node : make_unanswered(n)
    \/ refuse
    \/ delete_claim
    \/ delete_volume
    \/ \E p \in Pod : \E n \in Node : put(p, n)
    \/ \E p \in Pod : delete(p)
    \/ \E p \in Pod : force_delete(p)
    \/ \E n \in Node : attach(n)
    \/ \E n \in Node : attach_unanswered(n)
    \/ \E n \in Node : list_attached(n)
    \/ \E n \in Node : wait_six_minutes(n)
    \/ \E n \in Node : begin_detach(n)
    \/ \E n \in Node : detach(n)
    \/ \E n \in Node : detach_unanswered(n)
    \/ \E n \in Node : fail(n)
    \/ \E n \in Node : recover(n)
    \/ \E n \in Node : taint(n)
    \/ \E p \in Pod : collect(p)
    \/ restart_controller
    \/ \E p \in Pod : \E n \in Node : hear(p, n)
    \/ \E n \in Node : hear_all(n)
    \/ \E n \in Node : report(n)
    \/ \E n \in Node : verify(n)
    \/ \E n \in Node : stage(n)
    \/ \E n \in Node : stage_unanswered(n)
    \/ \E p \in Pod : \E n \in Node : publish(p, n)
    \/ \E p \in Pod : \E n \in Node : publish_unanswered(p, n)
    \/ \E p \in Pod : \E n \in Node : start(p, n)
    \/ \E p \in Pod : \E n \in Node : stop(p, n)
    \/ \E p \in Pod : \E n \in Node : finish(p, n)
    \/ \E p \in Pod : \E n \in Node : unpublish(p, n)
    \/ \E n \in Node : unstage(n)
    \/ \E n \in Node : unstage_unanswered(n)
    \/ \E n \in Node : let_go(n)
    \/ \E n \in Node : restart_kubelet(n)

Spec == Init /\ [][Next]_vars
        /\ WF_vars(\E n \in Node : choose_node(n))
        /\ WF_vars(\E n \in Node : make(n))
        /\ WF_vars(delete_volume)
        /\ (\A n \in Node : WF_vars(attach(n)))
        /\ (\A n \in Node : WF_vars(list_attached(n)))
        /\ (\A n \in Node : WF_vars(wait_six_minutes(n)))
        /\ (\A n \in Node : WF_vars(begin_detach(n)))
        /\ (\A n \in Node : WF_vars(detach(n)))
        /\ (\A n \in Node : WF_vars(recover(n)))
        /\ (\A p \in Pod : WF_vars(collect(p)))
        /\ (\A p \in Pod : \A n \in Node : WF_vars(hear(p, n)))
        /\ (\A n \in Node : WF_vars(hear_all(n)))
        /\ (\A n \in Node : WF_vars(report(n)))
        /\ (\A n \in Node : WF_vars(verify(n)))
        /\ (\A n \in Node : WF_vars(stage(n)))
        /\ (\A p \in Pod : \A n \in Node : WF_vars(publish(p, n)))
        /\ (\A p \in Pod : \A n \in Node : WF_vars(start(p, n)))
        /\ (\A p \in Pod : \A n \in Node : WF_vars(stop(p, n)))
        /\ (\A p \in Pod : \A n \in Node : WF_vars(finish(p, n)))
        /\ (\A p \in Pod : \A n \in Node : WF_vars(unpublish(p, n)))
        /\ (\A n \in Node : WF_vars(unstage(n)))
        /\ (\A n \in Node : WF_vars(let_go(n)))

------------------------------------------------------------------------------
\* Properties

TypeOK ==
    /\ claim \in ClaimPhase
    /\ choice \in ({None} \cup (Node))
    /\ made \in SUBSET (Node)
    /\ lost \in 0..1
    /\ phase \in [Pod -> PodPhase]
    /\ place \in [Pod -> ({None} \cup (Node))]
    /\ attached \in SUBSET (Node)
    /\ known \in [Node -> Known]
    /\ listed \in [Node -> BOOLEAN]
    /\ in_use \in [Node -> BOOLEAN]
    /\ detaching \in [Node -> Detach]
    /\ overdue \in [Node -> BOOLEAN]
    /\ forced \in SUBSET (Node)
    /\ power \in [Node -> Power]
    /\ out_of_service \in SUBSET (Node)
    /\ failed \in 0..0
    /\ restarted \in 0..0
    /\ staged \in SUBSET (Node)
    /\ published \in SUBSET (Pod)
    /\ running \in [Pod -> BOOLEAN]
    /\ work \in [Pod -> Work]
    /\ mount \in [Pod -> Mount]
    /\ device \in [Node -> Mount]
    /\ holds \in [Node -> BOOLEAN]
    /\ told \in [Node -> BOOLEAN]
    /\ has_heard \in [Node -> BOOLEAN]

\* CSI-1: A volume for one node is written from one node, and one that was forced off at the most.
one_node_writes ==
    \A p \in Pod : (\A q \in Pod : ((~(running[p] /\ running[q])) \/ (place[p] = place[q]) \/ ((~(place[p] = None)) /\ (Given(place[p]) \in forced)) \/ ((~(place[q] = None)) /\ (Given(place[q]) \in forced))))

\* CSI-2: A volume is never unstaged from a node while it is published there.
staged_while_published ==
    \A p \in Pod : ((~(p \in published)) \/ ((~(place[p] = None)) /\ (Given(place[p]) \in staged)))

\* CSI-3: A volume is never detached from a node on which it is staged, but by force.
attached_while_staged ==
    \A n \in Node : ((~(n \in staged)) \/ (n \in attached) \/ (n \in forced))

\* CSI-4: A volume for one pod is published for one pod, and one on a node that was forced off.
one_pod_is_admitted == TRUE

\* CSI-5: A volume is never unmounted from a pod whose containers run.
published_while_running == \A p \in Pod : ((~running[p]) \/ (p \in published))

\* CSI-6: When all pods are gone, the volume is unmounted and detached everywhere at last.
released_at_last ==
    (\E p \in Pod : (phase[p] # "GONE")) \/ ((Cardinality(attached) = 0) /\ (Cardinality(staged) = 0) /\ (Cardinality(published) = 0))
Holds_released_at_last == []<>(released_at_last)

\* CSI-7: With WaitForFirstConsumer no volume is made before a pod has been given a node.
made_for_a_consumer == (Cardinality(made) = 0) \/ (~(choice = None))

\* CSI-8: A volume is never deleted while it is attached.
attached_only_what_exists == (Cardinality(attached) = 0) \/ (Cardinality(made) > 0)

\* CSI-9: A pod with a node to which no other pod holds the volume does not wait for ever.
a_lone_pod_starts ==
    ~(\E p \in Pod : ((phase[p] = "BOUND") /\ (~running[p]) /\ (\A q \in Pod : ((q = p) \/ (phase[q] = "PENDING") \/ (phase[q] = "GONE")))))
Holds_a_lone_pod_starts == []<>(a_lone_pod_starts)

\* CSI-10: A claim never has two volumes.
one_volume_for_a_claim == Cardinality(made) <= 1

\* CSI-11: When a claim is gone, its volume is deleted at last.
deleted_with_its_claim == (~is_deleted(Now)) \/ (Cardinality(made) = 0)
Holds_deleted_with_its_claim == []<>(deleted_with_its_claim)

\* written_and_released: A pod has come and gone, and the claim with its volume after it.
written_and_released ==
    (claim = "GONE") /\ (Cardinality(made) = 0) /\ (\E p \in Pod : (~(place[p] = None)))
Never_written_and_released == ~(written_and_released)

\* is_uncertain: The controller does not know whether the volume is attached.
is_uncertain == \E n \in Node : (known[n] = "UNCERTAIN")
Never_is_uncertain == ~(is_uncertain)
====
