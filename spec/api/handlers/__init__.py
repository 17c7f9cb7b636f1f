"""The filters that a request passes before a handler answers it, in their order.

Deadline (`request_deadlines`), authentication (`authenticators`), audit (`audit_policy`,
`audit_trail`), impersonation, limits (`in_flight`, or priority and fairness), authorization;
`filter_chain` puts them together.

Source: `staging/src/k8s.io/apiserver/pkg/server/config.go` (DefaultBuildHandlerChain), v1.36.
"""
