"""Is there a behaviour of the specification that explains a trace of etcd-raft?"""
