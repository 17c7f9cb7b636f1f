"""InterPodAffinity: pods that must, must not, or would rather share a domain with other pods.

Source: `pkg/scheduler/framework/plugins/interpodaffinity/`.
"""

NAME = "InterPodAffinity"
