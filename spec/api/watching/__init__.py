"""Lists and watches: what the API server answers from its watch cache and from etcd."""
