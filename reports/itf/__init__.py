"""Traces in the Informal Trace Format (Apalache ADR-015): values, writing, reading."""
