"""The hash by which Kubernetes tells things apart: FNV-1a of 32, 64 or 128 bits, and FNV-1.

Source: `hash/fnv` of Go.
"""

_PRIMES = {32: 2**24 + 2**8 + 0x93, 64: 2**40 + 2**8 + 0xB3, 128: 2**88 + 2**8 + 0x3B}
_OFFSETS = {
    32: 0x811C9DC5,
    64: 0xCBF29CE484222325,
    128: 0x6C62272E07BB014262B821756295C58D,
}


def hash_fnv1a(data: bytes, bits: int = 32) -> int:
    """Hash to so many bits: 32, 64 or 128."""
    prime, digest = _PRIMES[bits], _OFFSETS[bits]
    for byte in data:
        digest = (digest ^ byte) * prime % 2**bits
    return digest


def hash_fnv1(data: bytes) -> int:
    """Hash to 32 bits by FNV-1, which multiplies before it takes the next byte in."""
    prime, digest = _PRIMES[32], _OFFSETS[32]
    for byte in data:
        digest = digest * prime % 2**32 ^ byte
    return digest
