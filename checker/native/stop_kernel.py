"""How the host program tells compiled code to end, whatever it is doing."""

from planespec.checker.native.intrinsics import Words, stop_word


def kernel_stop_word(ctx: Words) -> Words:
    """Where the word is that is not zero when all code of the module has to leave."""
    return stop_word()
