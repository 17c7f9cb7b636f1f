"""Parts to compose models of controllers and API servers from.

- `api_store`: objects under names, with uids, resourceVersions and compare-and-set writes.
- `informers`: what processes have heard of the objects; how consistent that is, is a constant.
- `work_queue`: keys to look at again, once at a time, with back-off.
- `processes`: a clock, and processes that crash and begin anew.
- `lease`: which of several replicas leads.

A part declares what it shares with others under the same name; docs/parts.md composes them.
"""
