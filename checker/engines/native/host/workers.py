"""The threads of a native search, and what they ask of the host: chunks and a larger table."""

import ctypes
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from planespec.checker.budget import Spent
from planespec.checker.engines.native.host.context import (
    RECENT_STATES,
    RING,
    Block,
    Mode,
    Shared,
    Worker,
)
from planespec.checker.engines.native.host.state_store import ITEM_STATES, Segment, Store


class Stop:
    """Tells the code of a module to leave; it looks between states and within long loops.

    What such code answers while the word is set means nothing: whoever sets it, or finds it set
    when the code returns, has to say Unknown.
    """

    def __init__(self, functions: dict[str, Any]) -> None:
        """Find the word of the module with these functions, and clear it."""
        self._functions = functions  # the word is gone when they are
        self._word = ctypes.c_uint64.from_address(functions["kernel_stop_word"](None, None))
        self.clear()

    def set(self) -> None:
        """Make all threads leave."""
        self._word.value = 1

    def clear(self) -> None:
        """Let code run again."""
        self._word.value = 0

    @property
    def is_set(self) -> bool:
        """Whether somebody, or the code itself, asked for it."""
        return self._word.value != 0


CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
POLL_SECONDS = 0.05


class Crew:
    """One block, buffer and set of counters for each worker, and the calls that use them."""

    def __init__(self, functions: dict[str, Any], store: Store, actions: int) -> None:
        """`functions` are the compiled kernels; `actions` is how many actions the model has."""
        self.functions, self.store, self.actions = functions, store, actions
        self.parts: list[dict[Worker, Block]] = []
        self.blocks = [self._worker(n) for n in range(store.workers)]
        self.by_address = {b.address: n for n, b in enumerate(self.blocks)}
        self.segments: list[list[Segment]] = [[] for _ in self.blocks]
        self.started = [0] * store.workers
        self.refusal = ""
        self.halt = Stop(functions)
        self.pool: ThreadPoolExecutor | None = None
        self.condition = threading.Condition()
        self.running = self.parked = self.generation = 0
        self.keep = [CALLBACK(self._grow_chunk), CALLBACK(self._grow_table)]
        for place, function in zip((Shared.GROW_CHUNK, Shared.GROW_TABLE), self.keep, strict=True):
            store.shared.array[place] = ctypes.cast(function, ctypes.c_void_p).value or 0

    def _worker(self, number: int) -> Block:
        block = Block(Worker.SIZE)
        width = self.store.width
        parts = {
            Worker.BUFFER: width * RING,
            Worker.RECENT: (width + 1) * RECENT_STATES,
            Worker.ACTIONS: RING,
            Worker.HASHES: RING,
            Worker.SCRATCH: ITEM_STATES,
            Worker.PER_ACTION: max(self.actions, 1),
            Worker.CHANGED: width,
        }
        self.parts.append({p: Block(n) for p, n in parts.items()})
        for place, part in self.parts[number].items():
            block.array[place] = part.address
        block.array[Worker.SHARED] = self.store.shared.address
        block.array[Worker.NUMBER] = number
        return block

    def use(self, functions: dict[str, Any]) -> None:
        """Call other kernels for the same states from now on; who is to leave, still is."""
        before, self.halt = self.halt, Stop(functions)
        self.functions = functions
        if before.is_set:
            self.halt.set()

    def part(self, number: int, place: Worker) -> Block:
        """One of the blocks of a worker."""
        return self.parts[number][place]

    def total(self, place: Worker) -> int:
        """Sum of one counter over all workers."""
        return sum(int(b.array[place]) for b in self.blocks)

    def set_mode(self, mode: Mode) -> None:
        """Tell all workers what becomes of successors."""
        for block in self.blocks:
            block.array[Worker.MODE] = mode

    def begin_level(self) -> None:
        """From here on new states belong to the next level."""
        self.segments = [[] for _ in self.blocks]
        self.started = [int(b.array[Worker.NEXT]) for b in self.blocks]
        ends = [int(b.array[Worker.END]) for b in self.blocks]
        open_ = zip(self.started, ends, strict=True)
        self.store.begin_level([start for start, end in open_ if start != end])

    def level_segments(self) -> list[Segment]:
        """Where the states are that were stored since `begin_level`."""
        found = [s for own in self.segments for s in own]
        for start, block in zip(self.started, self.blocks, strict=True):
            end = int(block.array[Worker.NEXT])
            if end > start:
                found.append((start, end))
        return found

    def run(self, name: str, workers: int) -> None:
        """Call kernel `name` in `workers` threads; one worker runs in the calling thread.

        That must not be the main thread: a signal could be raised into what the kernel calls back.
        """
        self.running, self.parked = workers, 0
        if workers == 1:
            self._call(name, 0)
            return
        if self.pool is None:
            self.pool = ThreadPoolExecutor(len(self.blocks), "planespec")
        futures = [self.pool.submit(self._call, name, n) for n in range(workers)]
        wait(futures)
        for future in futures:
            future.result()

    def _call(self, name: str, number: int) -> None:
        try:
            self.functions[name](self.blocks[number].address, None)
        finally:
            with self.condition:
                self.running -= 1
                if self.parked and self.parked == self.running:
                    self._rebuild()

    def stop(self) -> None:
        """Make every worker leave, also one that is about to call other kernels."""
        halt = self.halt
        halt.set()
        if self.halt is not halt:
            self.halt.set()

    def _refuse(self, error: BaseException) -> None:
        """Nothing may be raised into native code: what was to be stored is lost, so all ends."""
        text = str(error) if isinstance(error, Spent) else f"a state was lost: {error!r}"
        self.refusal = self.refusal or text
        self.stop()

    def close(self) -> None:
        """End the threads; the next `run` starts new ones."""
        if self.pool is not None:
            self.pool.shutdown(wait=True)
            self.pool = None

    def _grow_chunk(self, address: int) -> None:
        number = self.by_address[address]
        array = self.blocks[number].array
        with self.condition:
            try:
                first, end = self.store.new_chunk()
            except BaseException as error:  # see _refuse
                self._refuse(error)
                return
            if int(array[Worker.END]) > self.started[number]:
                self.segments[number].append((self.started[number], int(array[Worker.END])))
            self.started[number] = first
            array[Worker.NEXT], array[Worker.END] = first, end
            array[Worker.CHUNK] = self.store.address(first)
            array[Worker.ACTION] = self.store.actions[-1].address

    def _grow_table(self, address: int) -> None:
        """Park until every running worker is parked; the last one makes the table larger."""
        with self.condition:
            if self.store.shared.array[Shared.INSERTED] <= self.store.shared.array[Shared.LIMIT]:
                return
            self.parked += 1
            if self.parked == self.running:
                self._rebuild()
                return
            generation = self.generation
            while generation == self.generation:
                if self.halt.is_set:
                    self.parked -= 1
                    return
                self.condition.wait(POLL_SECONDS)

    def _rebuild(self) -> None:
        shared = self.store.shared.array
        try:
            if not self.halt.is_set:
                self._enlarge(shared)
        except BaseException as error:  # see _refuse
            self._refuse(error)
        self.parked = 0
        self.generation += 1
        self.condition.notify_all()

    def _enlarge(self, shared: Any) -> None:
        self.store.larger_table()
        cursor, items, work = (int(shared[p]) for p in _WORK)
        kept = self.store.set_work(self._stored())
        self._rehash()
        del kept
        for place, value in zip(_WORK, (cursor, items, work), strict=True):
            shared[place] = value

    def _rehash(self) -> None:
        """All workers wait, so their blocks are free for as many threads."""
        rehash = self.functions["kernel_rehash"]
        helpers = [
            threading.Thread(target=rehash, args=(b.address, None)) for b in self.blocks[1:]
        ]
        for helper in helpers:
            helper.start()
        rehash(self.blocks[0].address, None)
        for helper in helpers:
            helper.join()

    def _stored(self) -> list[Segment]:
        """Everything stored so far, whichever level it belongs to."""
        bits = self.store.bits
        ends = {int(b.array[Worker.END]): int(b.array[Worker.NEXT]) for b in self.blocks}
        full = [(n << bits, (n + 1) << bits) for n in range(1, len(self.store.chunks))]
        return [(start, ends.get(end, end)) for start, end in full]


_WORK = (Shared.CURSOR, Shared.ITEMS, Shared.WORK)
