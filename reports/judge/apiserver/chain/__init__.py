"""Judge of what an API server does around its handlers, by recordings of whole servers.

`chain_judge` takes the lines; `flow_answers`, `chain_answers`, `burst_answers` and
`fairness_answers` answer them, `recorded_*` is what the recorded servers knew and held, and
`open_values` is what no line tells.
"""
