"""Who makes a request: the authenticators in their order.

Front proxy, client certificate, bearer token; the first that says who it is decides. One that
fails does not stop those after it, but if none says yes its error is the answer, and then nobody
is asked whether the request may be anonymous. So a wrong token is refused where no token passes.

Source: `pkg/kubeapiserver/authenticator/config.go`, `apiserver/pkg/authentication/request/`
`{union,x509,bearertoken,anonymous}`, `authentication/group/authenticated_group_adder.go`, v1.36.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from planespec.spec.api.authorization.access_request import (
    ANONYMOUS,
    AUTHENTICATED,
    UNAUTHENTICATED,
    User,
)

CREDENTIAL_ID = "authentication.kubernetes.io/credential-id"
"""Key of the extra that names the certificate or token itself."""
INVALID_TOKEN = "invalid bearer token"


class AuthenticationError(ValueError):
    """A credential was shown and is no good: the request is answered 401."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A client certificate as the TLS handshake left it."""

    common_name: str
    organizations: tuple[str, ...] = ()
    problem: str = ""
    """Why it does not verify against the client CA for client use; empty when it does."""
    fingerprint: str = ""
    """SHA-256 of the certificate in hex."""
    uid: str = ""
    """The attribute 1.3.6.1.4.1.57683.2 of its subject."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows of itself."""

    path: str
    certificate: Certificate | None = None
    authorization: Sequence[str] = ()
    """Values of the header `Authorization`, in order; only the first counts."""


@dataclass(frozen=True, slots=True)
class AnonymousAccess:
    """Whether requests without a credential pass, and to which paths (empty: to all)."""

    enabled: bool = True
    paths: frozenset[str] = frozenset()


Tokens = Callable[[str], User | None]
"""Who a bearer token is; None for unknown. Raises AuthenticationError."""


def authenticate(shown: Credentials, tokens: Tokens, anonymous: AnonymousAccess) -> User | None:
    """Who makes the request; None when nobody may (401). Raises AuthenticationError (401)."""
    user = _ask_in_turn(
        (
            lambda: _read_certificate(shown.certificate),
            lambda: _read_bearer(shown.authorization, tokens),
        )
    )
    if user is not None:
        return add_group(user)
    if not anonymous.enabled or (anonymous.paths and shown.path not in anonymous.paths):
        return None
    return User(ANONYMOUS, (UNAUTHENTICATED,))


def _ask_in_turn(authenticators: Iterable[Callable[[], User | None]]) -> User | None:
    errors = []
    for ask in authenticators:
        try:
            user = ask()
        except AuthenticationError as error:
            errors.append(str(error))
            continue
        if user is not None:
            return user
    if errors:
        raise AuthenticationError(", ".join(errors))
    return None


def _read_certificate(certificate: Certificate | None) -> User | None:
    """A certificate without a common name is no credential, whoever signed it."""
    if certificate is None:
        return None
    if certificate.problem:
        raise AuthenticationError(certificate.problem)
    if not certificate.common_name:
        return None
    return User(
        certificate.common_name,
        certificate.organizations,
        certificate.uid,
        {CREDENTIAL_ID: (f"X509SHA256={certificate.fingerprint}",)},
    )


def _read_bearer(values: Sequence[str], tokens: Tokens) -> User | None:
    token = read_token(values[0] if values else "")
    if token is None:
        return None
    user = tokens(token)
    if user is None:
        raise AuthenticationError(INVALID_TOKEN)
    return user


def read_token(header: str) -> str | None:
    """The bearer token of an `Authorization` header; None for another scheme or an empty token.

    What follows a second space is passed over.
    """
    parts = header.strip().split(" ", 2)
    if len(parts) < 2 or parts[0].lower() != "bearer" or not parts[1]:
        return None
    return parts[1]


def add_group(user: User) -> User:
    """The user with `system:authenticated`, unless it says of itself whether it is that."""
    if user.name == ANONYMOUS or {AUTHENTICATED, UNAUTHENTICATED} & set(user.groups):
        return user
    return replace(user, groups=(*user.groups, AUTHENTICATED))


def make_static_tokens(users: Mapping[str, User]) -> Tokens:
    """Tokens of a static token file."""
    return users.get
