"""`planespec admit`: an object and a cluster, and what becomes of the one in the other."""
