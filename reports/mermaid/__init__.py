"""Diagrams in the language of Mermaid, which code hosts draw in Markdown."""
