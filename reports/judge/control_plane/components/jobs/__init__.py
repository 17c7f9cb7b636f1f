"""Why controllers of Jobs write: the one that runs them, and the one that lets them expire."""
