"""Plain-Python reference of RaftBench.tla (tuples + frozenset, no packing). Usage: raft_ref.py N MaxTerm MaxLog MaxMsgs"""

import sys, time

F, C, L = 0, 1, 2
N, MT, ML, MM = map(int, sys.argv[1:5])
S = range(N)
# node = (term, role, votedFor|-1, votes frozenset, log tuple, commit, next tuple, match tuple); msgs = frozenset of tuples
ONES, ZEROS = (1,) * N, (0,) * N
INIT = (((0, F, -1, frozenset(), (), 0, ONES, ZEROS),) * N, frozenset())
quorum = lambda k: 2 * k > N
lastt = lambda l: l[-1] if l else 0


def rep(t, i, v):
    return t[:i] + (v,) + t[i + 1 :]


def succ(st):
    nodes, msgs = st
    for i in S:
        t, r, vf, vs, log, cm, nx, mt = x = nodes[i]
        if r != L and t < MT:
            yield rep(nodes, i, (t + 1, C, i, frozenset((i,)), log, cm, nx, mt)), msgs
        if r == C:
            for j in S:
                if j not in vs and len(msgs) < MM:
                    m = ("RV", t, i, j, len(log), lastt(log))
                    if m not in msgs:
                        yield nodes, msgs | {m}
            if quorum(len(vs)):
                yield (
                    rep(
                        nodes,
                        i,
                        (
                            t,
                            L,
                            vf,
                            frozenset(),
                            log,
                            cm,
                            tuple(1 if s == i else len(log) + 1 for s in S),
                            mt,
                        ),
                    ),
                    msgs,
                )
        if r == L:
            if len(log) < ML:
                yield rep(nodes, i, (t, r, vf, vs, log + (t,), cm, nx, mt)), msgs
            for j in S:
                if j != i and len(msgs) < MM:
                    n = nx[j]
                    has = n <= len(log)
                    m = (
                        "AE",
                        t,
                        i,
                        j,
                        n - 1,
                        log[n - 2] if n > 1 else 0,
                        log[n - 1] if has else 0,
                        min(cm, n if has else n - 1),
                    )
                    if m not in msgs:
                        yield nodes, msgs | {m}
            for k in range(len(log), cm, -1):
                if quorum(1 + sum(1 for j in S if j != i and mt[j] >= k)):
                    if log[k - 1] == t:
                        yield rep(nodes, i, (t, r, vf, vs, log, k, nx, mt)), msgs
                    break
    for m in msgs:
        rest = msgs - {m}
        yield nodes, rest
        ty, mterm, src, i = m[:4]
        t0, r, vf, vs, log, cm, nx, mt = nodes[i]
        newer = mterm > t0
        t = max(mterm, t0)
        if newer:
            r, vf, vs, nx, mt = F, -1, frozenset(), ONES, ZEROS
        out = None
        if ty == "RV":
            li, lt = m[4:]
            g = (
                mterm == t
                and (lt > lastt(log) or (lt == lastt(log) and li >= len(log)))
                and vf in (-1, src)
            )
            if g:
                vf = src
            out = ("RVR", t, i, src, g)
        elif ty == "RVR":
            if not newer and mterm == t0 and r == C and m[4]:
                vs = vs | {src}
        elif ty == "AE":
            pi, pt, e, c = m[4:]
            ok = False
            last = pi + (1 if e else 0)
            if mterm == t:
                r, vs, nx, mt = F, frozenset(), ONES, ZEROS
                ok = pi == 0 or (pi <= len(log) and log[pi - 1] == pt)
                if ok:
                    if e and not (last <= len(log) and log[last - 1] == e):
                        log = log[:pi] + (e,)
                    cm = max(cm, c)
            out = ("AER", t, i, src, ok, last if ok else 0)
        else:
            if not newer and mterm == t0 and r == L:
                if m[4]:
                    k = max(mt[src], m[5])
                    mt = rep(mt, src, k)
                    nx = rep(nx, src, k + 1)
                else:
                    nx = rep(nx, src, max(nx[src] - 1, 1))
        yield rep(nodes, i, (t, r, vf, vs, log, cm, nx, mt)), (rest | {out} if out else rest)


def ok(st):
    nodes = st[0]
    for i in S:
        for j in S:
            if i != j:
                a, b = nodes[i], nodes[j]
                if a[1] == L == b[1] and a[0] == b[0]:
                    return False
                for k in range(min(len(a[4]), len(b[4]))):
                    if a[4][k] == b[4][k] and a[4][:k] != b[4][:k]:
                        return False
                c = min(a[5], b[5])
                if a[4][:c] != b[4][:c]:
                    return False
                if (
                    a[1] == L
                    and b[0] <= a[0]
                    and (b[5] > len(a[4]) or a[4][: b[5]] != b[4][: b[5]])
                ):
                    return False
    return True


seen = {INIT}
frontier = [INIT]
gen = 1
depth = 0
t0 = time.process_time()
while frontier:
    depth += 1
    nxt = []
    for s in frontier:
        for u in succ(s):
            gen += 1
            if u not in seen:
                seen.add(u)
                assert ok(u)
                nxt.append(u)
    frontier = nxt
dt = time.process_time() - t0
print(
    f"N{N} T{MT} L{ML} M{MM} distinct {len(seen)} generated {gen} depth {depth} cpu {dt:.1f} s {len(seen) / dt:.0f} distinct/s {gen / dt:.0f} gen/s"
)
