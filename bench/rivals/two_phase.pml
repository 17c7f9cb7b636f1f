/* Two-phase commit, the transition system of Lamport's TwoPhase (TLA+ Examples), as one process
   whose every option is one transition. RMS resource managers, at most 8; sets are bit masks.
   A manager is aborted if in `gone`, committed if in `done`, else prepared if in `said`, else
   working; the state of the transaction manager follows from the messages it sent. */
#ifndef RMS
#define RMS 7
#endif
#define ALL ((1<<RMS)-1)

byte seen;         /* tmPrepared: who told the transaction manager that it is prepared */
byte said;         /* the Prepared messages sent */
byte done, gone;   /* the managers that have committed, and those that have aborted */
bit commit, abort; /* the Commit and Abort messages */

#define CONSISTENT assert(done == 0 || gone == 0)
#define ME(i) (1<<(i))
#define IS_WORKING(i) (((said | done | gone) & ME(i)) == 0)
#define MANAGER(i) \
  :: d_step { !commit && !abort && (said & ME(i)) -> seen = seen | ME(i) } \
  :: d_step { IS_WORKING(i) -> said = said | ME(i) } \
  :: d_step { IS_WORKING(i) -> gone = gone | ME(i); CONSISTENT } \
  :: d_step { commit -> done = done | ME(i); gone = gone & (ALL - ME(i)); CONSISTENT } \
  :: d_step { abort -> gone = gone | ME(i); done = done & (ALL - ME(i)); CONSISTENT }

active proctype two_phase() {
  do
  :: d_step { !commit && !abort && seen == ALL -> commit = 1 }
  :: d_step { !commit && !abort -> abort = 1 }
  MANAGER(0)
#if RMS > 1
  MANAGER(1)
#endif
#if RMS > 2
  MANAGER(2)
#endif
#if RMS > 3
  MANAGER(3)
#endif
#if RMS > 4
  MANAGER(4)
#endif
#if RMS > 5
  MANAGER(5)
#endif
#if RMS > 6
  MANAGER(6)
#endif
#if RMS > 7
  MANAGER(7)
#endif
  od
}
