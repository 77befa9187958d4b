"""What a session's container may do: system calls, capabilities, limits, mounts. Only data; no engine here.

The seccomp profile is a list of what is allowed. Everything else fails with EPERM, among it ptrace, io_uring,
mount, bpf, keyctl, userfaultfd, perf_event_open, new namespaces, kernel modules, tracing of other processes'
memory and any socket but those of this machine and of the internet.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from axon.errors import ArgErr
from axon.session.options import byte_count, flag

__all__ = ["CALL_DIR", "IO_DIR", "LIB_DIR", "Limits", "container_config", "seccomp_profile", "walls"]

CALL_DIR = "/axon/call"
"""Where the container finds the host's socket."""
LIB_DIR = "/axon/lib"
"""Where the container finds the host's `pylib`, if its image does not have the same."""
IO_DIR = "/io"
_PIDS = 256
_TMP = 256 << 20
_SHM = 64 << 20
_OPEN_FILES = 4096

# Names of system calls by what they are for; the engine skips those that a machine does not have.
_FILES = """
access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64
fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync
ftruncate ftruncate64 futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init
inotify_init1 inotify_rm_watch ioctl lchown lchown32 lgetxattr link linkat listxattr llistxattr _llseek
lremovexattr lseek lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat newfstatat open openat openat2 pread64
preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr rename renameat
renameat2 rmdir sendfile sendfile64 setxattr splice stat stat64 statfs statfs64 statx symlink symlinkat sync
sync_file_range syncfs tee truncate truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes
vmsplice write writev
"""
_MEMORY = """
brk get_mempolicy madvise mbind membarrier memfd_create mincore mlock mlock2 mlockall mmap mmap2 mprotect
mremap msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect set_mempolicy remap_file_pages
"""
_PROCESSES = """
arch_prctl capget capset execve execveat exit exit_group fork get_robust_list get_thread_area getcpu getegid
getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getpgid getpgrp getpid getppid getpriority
getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid gettid getuid getuid32 ioprio_get
ioprio_set kill pause pidfd_open pidfd_send_signal prctl prlimit64 restart_syscall rseq
sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr
sched_setparam sched_setscheduler sched_yield set_robust_list set_thread_area set_tid_address setfsgid
setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setpgid setpriority setregid setregid32
setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setuid setuid32 sysinfo
tgkill times tkill ugetrlimit uname vfork wait4 waitid waitpid landlock_create_ruleset landlock_add_rule
landlock_restrict_self seccomp
"""
_TIME_AND_SIGNALS = """
alarm clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64
epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd
eventfd2 futex futex_time64 futex_waitv getitimer getrandom gettimeofday io_cancel io_destroy io_getevents
io_pgetevents io_setup io_submit nanosleep _newselect pipe pipe2 poll ppoll ppoll_time64 pselect6
pselect6_time64 rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo select setitimer sigaltstack signalfd signalfd4
sigprocmask sigreturn time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime
timerfd_settime64
"""
_TALK = """
accept accept4 bind connect getpeername getsockname getsockopt listen mq_getsetattr mq_notify mq_open
mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd
recv recvfrom recvmmsg recvmmsg_time64 recvmsg semctl semget semop semtimedop semtimedop_time64 send sendmmsg
sendmsg sendto setsockopt shmat shmctl shmdt shmget shutdown socketpair
"""
_NEW_NAMESPACES = 0x7E020080
"""The bits CLONE_NEW… of the flags of `clone`."""
_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16
_ENOSYS = 38
_PERSONALITIES = (0, 8, 0x20000, 0x20008, 0xFFFFFFFF)


@cache
def seccomp_profile(network: bool) -> str:
    """The profile in the engine's JSON; with `network` names can be looked up (netlink)."""
    names = " ".join((_FILES, _MEMORY, _PROCESSES, _TIME_AND_SIGNALS, _TALK)).split()
    families = [_AF_UNIX, _AF_INET, _AF_INET6, *([_AF_NETLINK] if network else [])]
    clone = {"index": 0, "value": _NEW_NAMESPACES, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    rules: list[dict[str, Any]] = [
        {"names": sorted(names), "action": "SCMP_ACT_ALLOW"},
        {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [clone]},
        # Its flags are in memory, where a filter can't see them: the C library falls back to clone.
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": _ENOSYS},
        *(_when("socket", family) for family in families),
        *(_when("personality", value) for value in _PERSONALITIES),
    ]
    return json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": rules}, separators=(",", ":"))


def _when(call: str, value: int) -> dict[str, Any]:
    """Allow a call whose first argument is `value`."""
    argument = {"index": 0, "value": value, "op": "SCMP_CMP_EQ"}
    return {"names": [call], "action": "SCMP_ACT_ALLOW", "args": [argument]}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a container may use: `memory`, `tmp` and `shm` in bytes, `cpus` in processors (0: all)."""

    memory: int
    cpus: float
    pids: int
    tmp: int
    shm: int

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Limits:
        """Read the options `memory`, `cpus`, `pids`, `tmp`.

        Raises:
            ArgErr: a value that an option can't have.
        """
        memory = options.get("memory") or _half_of_the_machine()
        tmp = byte_count("tmp", options["tmp"]) if "tmp" in options else min(_TMP, memory)
        return cls(
            memory=memory,
            cpus=_positive(options, "cpus", 0.0),
            pids=int(_positive(options, "pids", float(_PIDS))),
            tmp=tmp,
            shm=min(_SHM, memory),
        )


def _positive(options: Mapping[str, Any], name: str, default: float) -> float:
    val = options.get(name, default)
    if type(val) not in (int, float) or (name in options and val <= 0):
        raise ArgErr(f"py: the option {name} must be a Number above 0, got {val!r}")
    return float(val)


def _half_of_the_machine() -> int:
    """Bytes: half of the memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def io_mode(options: Mapping[str, Any]) -> str:
    """The option `io`: `rw`, `ro`, or empty for no `io/` in the container.

    Raises:
        ArgErr: another value.
    """
    val = options.get("io", "rw")
    if val in ("rw", "ro") and type(val) is str:
        return str(val)
    if type(val) is str:
        raise ArgErr(f'py: the option io must be "rw", "ro" or false, got {val!r}')
    return "rw" if flag(options, "io") else ""


@dataclass(frozen=True, slots=True)
class Place:
    """How one container is wired: what it runs, as whom, with which mounts `(source, target, read only)`.

    `network` is the name of a Docker network, or empty for none. `publish` is a port of this machine that
    leads to the same port of the container, 0 for none. `stays`: the engine does not remove it at its end; an
    engine that starts ends the containers that it shall remove, also where it restores the others.
    """

    image: str
    entrypoint: Sequence[str] | None
    command: Sequence[str]
    env: Mapping[str, str]
    user: str
    cwd: str
    mounts: Sequence[tuple[str, str, bool]]
    labels: Mapping[str, str]
    network: str = ""
    publish: int = 0
    stays: bool = False


def container_config(place: Place, limits: Limits) -> dict[str, Any]:
    """The body of the engine's create call."""
    config: dict[str, Any] = {
        "Image": place.image,
        "Cmd": list(place.command),
        "Env": [f"{name}={val}" for name, val in place.env.items()],
        "User": place.user,
        "WorkingDir": place.cwd,
        "Labels": dict(place.labels),
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": _host_config(place, limits),
    }
    if place.entrypoint is not None:
        config["Entrypoint"] = list(place.entrypoint)
    if not place.network and not place.publish:
        config["NetworkDisabled"] = True
    if place.publish:
        config["ExposedPorts"] = {f"{place.publish}/tcp": {}}
    return config


def _host_config(place: Place, limits: Limits) -> dict[str, Any]:
    network = place.network or ("bridge" if place.publish else "none")
    found: dict[str, Any] = {
        "NetworkMode": network,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges", f"seccomp={seccomp_profile(network != 'none')}"],
        "ReadonlyRootfs": True,
        "Tmpfs": {"/tmp": f"rw,nosuid,nodev,mode=1777,size={limits.tmp}"},
        "Memory": limits.memory,
        "MemorySwap": limits.memory,
        "NanoCpus": int(limits.cpus * 1e9),
        "PidsLimit": limits.pids,
        "ShmSize": limits.shm,
        "IpcMode": "private",
        "OomScoreAdj": 500,
        "Ulimits": [
            {"Name": "nofile", "Soft": _OPEN_FILES, "Hard": _OPEN_FILES},
            {"Name": "core", "Soft": 0, "Hard": 0},
            {"Name": "msgqueue", "Soft": 0, "Hard": 0},
            {"Name": "memlock", "Soft": 65536, "Hard": 65536},
        ],
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "1"}},
        "Mounts": [
            {
                "Type": "bind",
                "Source": source,
                "Target": target,
                "ReadOnly": read_only,
                "BindOptions": {"Propagation": "rprivate"},
            }
            for source, target, read_only in place.mounts
        ],
        "AutoRemove": not place.stays,
        "RestartPolicy": {"Name": "no"},
    }
    if place.publish:
        found["PortBindings"] = {
            f"{place.publish}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(place.publish)}]
        }
    return found


def walls(place: Place, limits: Limits) -> list[str]:
    """Names of the protections that a container has."""
    io = [read_only for _, target, read_only in place.mounts if target == IO_DIR]
    return [
        "container",
        "no-capabilities",
        "no-new-privileges",
        "seccomp",
        "read-only-root",
        *([] if place.network or place.publish else ["no-network"]),
        *(["io-read-only"] if io == [True] else ["no-io"] if not io else []),
        f"limit-memory-{limits.memory >> 20}m",
        f"limit-pids-{limits.pids}",
        f"limit-tmp-{limits.tmp >> 20}m",
        *([f"limit-cpus-{limits.cpus:g}"] if limits.cpus else []),
    ]
