"""Requirements on whole clusters: on a snapshot of objects, and on the steps between events.

A requirement is declared in `cluster_requirements`; the modules beside it find its violations.
Nothing here reads files: `planespec.reports.audit` does.
"""
