"""The stop word of compiled code, as the host program sees it."""

import ctypes
from typing import Any


class Stop:
    """Tells the code of a module to leave; it looks between states and within long loops.

    What such code answers while the word is set means nothing: whoever sets it, or finds it set
    when the code returns, has to say Unknown.
    """

    def __init__(self, functions: dict[str, Any]) -> None:
        """Find the word of the module with these functions, and clear it."""
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
