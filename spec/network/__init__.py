"""The network of pods: what CNI plugins answer, and what they keep."""
