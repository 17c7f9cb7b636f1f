"""Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines they speak about."""
