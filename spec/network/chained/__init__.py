"""Lists of plugins under libcni, the plugins that they chain, and the node that these change."""
