"""Lines made by the rules at moments drawn at random agree: no possible answer is refused."""

import json
import random

import pytest

from planespec.checker.errors import ExitCode
from planespec.reports.judge.apiserver.watchlist_answers import (
    show_page,
    show_refusal,
    show_watch,
)
from planespec.reports.judge.apiserver.watchlist_judge import judge
from planespec.reports.judge.runner import run
from planespec.spec.api.watching.continue_token import encode_token
from planespec.spec.api.watching.list_options import read_list_options
from planespec.spec.api.watching.list_serving import StorageView, serve_list
from planespec.spec.api.watching.object_history import ObjectHistory, Stored
from planespec.spec.api.watching.refusals_of_reads import ReadRefusedError
from planespec.spec.api.watching.watch_serving import serve_watch

VERSIONS = ["", "0", "1", "abc", "-1"]


class Recorder:
    """An API server that is asked at random, and what is written down of it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.etcd = self.random.choice(["3.5.1", "3.6.13"])
        self.history, self.revision = ObjectHistory(), 100
        self.cache, self.names, self.compacted = 100, {}, 0
        self.writes, self.requests, self.answers, self.tokens = [], [], [], []

    def write(self):
        """Write at random; other writes to etcd come between."""
        pick = self.random
        operation, name = pick.choice(["create", "update", "delete"]), pick.choice("abcd")
        labels = pick.choice([None, {"l": "1"}, {"l": "2"}])
        done = {"op": operation, "name": name, "labels": labels, "value": str(len(self.writes))}
        exists = name in self.names
        code = {"create": 409 if exists else 201}.get(operation, 200 if exists else 404)
        done |= {"code": code, "resourceVersion": None}
        if code < 300:
            self.revision += pick.choice([1, 1, 1, 2, 3])
            self.store(done)
        self.writes.append(done)
        return done

    def store(self, done):
        name = done["name"]
        if done["op"] == "delete":
            self.history.delete(name, self.revision)
            del self.names[name]
        else:
            stored = Stored(name, self.revision, done["labels"] or {}, done["value"])
            self.history.write(stored)
            self.names[name] = done["value"]
            done["resourceVersion"] = str(self.revision)

    def move(self, least=0):
        """The cache catches up, somewhat; etcd may go on with something else."""
        self.revision += self.random.choice([0, 0, 0, 1])
        self.cache = self.random.randint(max(self.cache, min(least, self.last)), self.revision)

    @property
    def last(self):
        changes = self.history.changes
        return changes[-1].revision if changes else 0

    def server(self):
        return StorageView(
            self.history,
            self.revision,
            self.cache,
            compacted=self.compacted or self.early(),
            oldest_snapshot=self.early(),
            oldest_event=self.early(),
            tells_progress=self.etcd != "3.5.1",
        )

    def early(self):
        """How far back something reaches: for ever, or to the first write, or to the cache."""
        return self.random.choice([0, min(self.history.changes[0].revision, self.cache)])

    def query(self):
        pick = self.random
        known = [w["resourceVersion"] for w in self.writes if w["resourceVersion"]]
        made = {"resourceVersion": pick.choice([*VERSIONS, *known, str(self.revision + 1000)])}
        if pick.random() < 0.3:
            made["labelSelector"] = pick.choice(["l", "l=1", "l!=1"])
        return made if pick.random() < 0.8 else {}

    def ask_list(self):
        query, pick = self.query(), self.random
        if pick.random() < 0.4:
            query["resourceVersionMatch"] = pick.choice(["Exact", "NotOlderThan"])
        if pick.random() < 0.5:
            query["limit"] = pick.choice(["0", "1", "2"])
        if pick.random() < 0.2:
            query["fieldSelector"] = pick.choice(["metadata.name=a", "metadata.name!=a"])
        if self.tokens and pick.random() < 0.3:
            query = {"continue": f"token{pick.randrange(len(self.tokens))}"}
        self.requests.append({"list": query})
        self.answers.append(self.answer_list(query))

    def answer_list(self, query):
        resolved = dict(query)
        if "continue" in query:
            resolved["continue"] = encode_token(self.tokens[int(query["continue"][5:])])
        asked = query.get("resourceVersion", "")
        self.move(int(asked) if asked.isdecimal() else self.last if not asked else 0)
        try:
            page = serve_list(read_list_options(resolved), self.server())
        except ReadRefusedError as refusal:
            return show_refusal(refusal.status, is_watch=False)
        if page.token:
            self.tokens.append(page.token)
        return show_page(page, f"token{len(self.tokens) - 1}")

    def ask_watch(self):
        query = {"watch": "1", "timeoutSeconds": "1"} | self.query()
        if self.random.random() < 0.5:
            query["allowWatchBookmarks"] = "true"
        if self.random.random() < 0.4:
            query["sendInitialEvents"] = self.random.choice(["true", "false"])
            query["resourceVersionMatch"] = "NotOlderThan"
        asked = query.get("resourceVersion", "")
        self.move(int(asked) if asked.isdecimal() else 0 if asked else self.last)
        server = self.server()
        during = [self.write() for _ in range(self.random.choice([0, 2]))]
        self.requests.append({"watch": query, "writesDuring": during})
        try:
            ticks = sorted({self.random.randint(server.cache_revision, self.revision)})
            events = serve_watch(read_list_options(query), server, self.last, ticks)
            self.answers.append(show_watch(events))
        except ReadRefusedError as refusal:
            self.answers.append(show_refusal(refusal.status, is_watch=True))

    def ask_write(self):
        self.requests.append({"write": self.write()})
        self.answers.append(None)

    def record(self):
        while not self.history.changes:
            self.write()
        for _ in range(self.random.randint(2, 8)):
            self.write()
        self.move()
        first, before = self.cache, self.revision
        if self.random.random() < 0.3:
            self.compacted = self.random.choice(self.history.changes).revision
        for _ in range(12):
            self.random.choice([self.ask_list, self.ask_list, self.ask_watch, self.ask_write])()
        given = {"etcd": self.etcd, "history": self.writes, "firstListAfterHistory": first}
        given |= {"resourceVersionBeforeRequests": before}
        given |= {"compactedRevision": self.compacted or None}
        given["requests"] = self.requests
        return {"kind": "watchlist", "in": given, "out": {"answers": self.answers}}


def judge_seeds(tmp_path, seeds):
    path = tmp_path / "watchlist.jsonl"
    lines = (json.dumps(Recorder(seed).record()) for seed in seeds)
    path.write_text("\n".join(lines), encoding="utf-8")
    return run(judge, [path])


def test_what_is_answered_at_a_moment_that_can_be_agrees(tmp_path):
    tally = judge_seeds(tmp_path, range(60))
    assert [each.where for each in tally.disagreements] == []
    assert tally.exit_code == ExitCode.HOLDS


@pytest.mark.slow
def test_what_is_answered_at_many_moments_that_can_be_agrees(tmp_path):
    tally = judge_seeds(tmp_path, range(1_000, 2_500))
    assert [each.where for each in tally.disagreements] == []
