"""How we find out: language, compiler, engines. Knows nothing of Kubernetes or Raft."""
