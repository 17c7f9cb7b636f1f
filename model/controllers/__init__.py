"""Models of the controllers of kube-controller-manager, over one store and informers.

`owned_pods` is what they share: pods in the store, what a kubelet makes of them, and what
processes have heard. A model of a controller lists it and says what the controller does.
"""
