"""A pod sets kernel parameters that are allowed, and none of a namespace of the host."""

import pytest

from planespec.spec.node.sysctl_allowlist import (
    SysctlPatternError,
    find_forbidden_sysctl,
    make_allowlist,
    normalize_sysctl,
)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("kernel.sem", "kernel.sem"),
        ("net/ipv4/conf/eno2.100/forwarding", "net.ipv4.conf.eno2/100.forwarding"),
        ("net.ipv4.conf.eno2/100.forwarding", "net.ipv4.conf.eno2/100.forwarding"),
        ("kernel", "kernel"),
        ("", ""),
    ],
)
def test_a_slash_that_comes_first_is_exchanged_with_dots(name: str, written: str) -> None:
    assert normalize_sysctl(name) == written


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("*", 'the sysctls "" are not known to be namespaced'),
        ("net*", 'the sysctls "net" are not known to be namespaced'),
        ("kernel.*", 'the sysctls "kernel." are not known to be namespaced'),
        ("kernel.shmany", 'the sysctls "kernel.shmany" are not known to be namespaced'),
        ("vm/swappiness", 'the sysctls "vm.swappiness" are not known to be namespaced'),
        ("net.*.x", 'sysctl "net.*.x" must have at most 253 characters and match regex '),
        ("Net.x", 'sysctl "Net.x" must have at most 253 characters'),
        ("net." + "a" * 250, "must have at most 253 characters"),
        ("", 'sysctl "" must have'),
    ],
)
def test_a_kubelet_does_not_start_with_such_a_pattern(pattern: str, message: str) -> None:
    with pytest.raises(SysctlPatternError) as error:
        make_allowlist(["kernel.sem", pattern])
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("names", "network", "ipc", "message"),
    [
        (["net/ipv4/tcp_syncookies", "kernel.shmmax"], False, False, ""),
        (["kernel.sem"], True, False, ""),
        (["kernel.sem"], False, True, '"kernel.sem" not allowed with host IPC enabled'),
        (["net/ipv4/a"], True, False, '"net.ipv4.a" not allowed with host Net enabled'),
        (["net.ipv6.a", "vm.x"], False, False, '"net.ipv6.a" not allowlisted'),
        (["kernel.semx"], False, False, '"kernel.semx" not allowlisted'),
        ([], True, True, ""),
    ],
)
def test_the_first_parameter_that_is_forbidden_turns_the_pod_away(
    names: list[str], network: bool, ipc: bool, message: str
) -> None:
    allowlist = make_allowlist(["kernel.sem", "kernel.shm*", "net/ipv4/*"])
    found = find_forbidden_sysctl(allowlist, names, host_network=network, host_ipc=ipc)
    assert found == (f"forbidden sysctl: {message}" if message else "")
