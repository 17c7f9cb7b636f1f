"""Forms that other programs read: JSON, ITF, JUnit, SARIF, graphs, Mermaid, TLA+."""
