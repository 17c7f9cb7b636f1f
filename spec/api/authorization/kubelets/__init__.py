"""What a kubelet may do: the node authorizer and the admission plugin behind it."""
