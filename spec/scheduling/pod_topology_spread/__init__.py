"""PodTopologySpread: keep the pods that a selector matches even over zones, nodes, any domain.

Source: `pkg/scheduler/framework/plugins/podtopologyspread/`; KEPs 895, 3022 (minDomains), 3094
(inclusion policies), 3243 (matchLabelKeys).
"""

NAME = "PodTopologySpread"
