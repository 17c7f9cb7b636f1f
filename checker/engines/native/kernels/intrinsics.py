"""Names the kernel dialect knows beside Python's own; declared here for type checkers and readers.

None of them runs under CPython: `kernel_expressions` turns each into an instruction. The functions
of the model's generated text are declared here too.
"""

Word = int
Words = list[int]


def words(address: Word) -> Words:
    """A number as a pointer to words."""
    raise NotImplementedError


def address(pointer: Words) -> Word:
    """A pointer as a number."""
    raise NotImplementedError


def at(pointer: Words, index: Word) -> Words:
    """Pointer to `pointer[index]`."""
    raise NotImplementedError


def high_product(a: Word, b: Word) -> Word:
    """Upper 64 bits of the 128-bit product."""
    raise NotImplementedError


def prefetch(pointer: Words, index: Word) -> None:
    """Ask for the cache line of `pointer[index]`."""
    raise NotImplementedError


def read_shared(pointer: Words, index: Word) -> Word:
    """Load a word that another thread may be writing (acquire)."""
    raise NotImplementedError


def fetch_add(pointer: Words, index: Word, amount: Word) -> Word:
    """Add atomically; the value before."""
    raise NotImplementedError


def fetch_or(pointer: Words, index: Word, bits: Word) -> Word:
    """Set bits atomically; the value before."""
    raise NotImplementedError


def swap_if(pointer: Words, index: Word, old: Word, new: Word) -> Word:
    """Store `new` where `old` is (atomically); the value that was there."""
    raise NotImplementedError


def stopped() -> Word:
    """Not zero: leave as soon as possible; nothing that is computed from here on counts."""
    raise NotImplementedError


def stop_all() -> None:
    """Make `stopped` true for all threads."""
    raise NotImplementedError


def stop_word() -> Words:
    """Where `stopped` looks."""
    raise NotImplementedError


def store_short(pointer: Words, index: Word, value: Word) -> None:
    """Store the low 16 bits at the `index`-th place of two bytes."""
    raise NotImplementedError


def lower_short(pointer: Words, index: Word, value: Word) -> None:
    """Make the `index`-th place of two bytes the lesser of itself and `value`, atomically."""
    raise NotImplementedError


def lower_shared(pointer: Words, index: Word, value: Word) -> None:
    """Make a word the lesser of itself and `value`, atomically."""
    raise NotImplementedError


def call_back(function: Word, argument: Words) -> None:
    """Call a host function `void (*)(words)` through its address."""
    raise NotImplementedError


def model_expand(ctx: Words, state: Words) -> None:
    """Emit every successor of `state`, in canonical order."""
    raise NotImplementedError


def model_initial(ctx: Words, scratch: Words) -> None:
    """Emit every initial state."""
    raise NotImplementedError


def model_judge(state: Words) -> Word:
    """Bit 0: a requirement fails; 1: outside a constraint; 3: model error."""
    raise NotImplementedError


def model_terminal(state: Words) -> Word:
    """1 for a state that may have no successor, 0 for others and where that cannot be judged."""
    raise NotImplementedError


def model_reach(state: Words, pending: Word) -> Word:
    """Bits of the pending `reachable` properties that hold; the last bit for a model error."""
    raise NotImplementedError


def model_canon(state: Words) -> Word:
    """Replace a state by the representative of its orbit; 1 where that is too hard."""
    raise NotImplementedError


def rename(target: Words, source: Words, maps: Words) -> None:
    """Write a state with its individuals renamed; `maps` has the new number of each."""
    raise NotImplementedError


def symmetry_keys(state: Words, colours: Words, keys: Words) -> None:
    """A key for each individual from what the state says of it and of the colours of others."""
    raise NotImplementedError
