"""What a session's interpreter does to itself before it runs code that it does not trust.

Used by the `process` backend; a container has its own walls. Each layer is put on where the system has it,
and `apply` tells which are on: nothing is promised that is not there.

* limits: memory, open files, core dumps.
* leash: a pipe that only the host holds open. When the host ends, for whatever reason, the kernel itself
sends
  SIGKILL to the whole process group; no thread or signal of Python is needed for that.
* Landlock: files can be written only below the project's `io/` directory and the session's own temporary
  directory; signals reach only the session's own processes.
* seccomp: no tracing of processes, mounts, namespaces, kernel modules, io_uring and the like; no sockets
unless
  the network is wanted; no way out of the process group, or off the leash.

Linux calls go through `_ctypes`, the C half of `ctypes`: importing all of it would take a third of the start.
Sources: kernel documentation of Landlock and seccomp_filter, the tables of system call numbers.
"""

from __future__ import annotations

import os
import sys
from struct import pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LEASH", "apply"]

LEASH = 3
"""The descriptor of the leash."""


def apply(
    write: Sequence[str] = (),
    *,
    network: bool = False,
    memory: int = 0,
    files: int = 4096,
    sandbox: bool = True,
) -> list[str]:
    """Put on every layer that this system has; the names of those that are on.

    Args:
        write: directories below which files may be written.
        network: whether internet sockets may be opened.
        memory: bytes of private memory, 0 for no limit.
        files: how many open files.
        sandbox: whether to use Landlock and seccomp.
    """
    layers = [*_limits(memory, files), _leash()]
    if sandbox and sys.platform == "linux":
        syscall = _syscaller()
        if syscall is not None and syscall(_prctl_number(), 38, 1, 0, 0, 0) == 0:  # PR_SET_NO_NEW_PRIVS
            layers += ["no-new-privileges", *_landlock(syscall, write), *_seccomp(syscall, network)]
    return [layer for layer in layers if layer]


def _limits(memory: int, files: int) -> list[str]:
    import resource

    def lower(what: int, limit: int) -> bool:
        hard = resource.getrlimit(what)[1]
        if hard != resource.RLIM_INFINITY and hard < limit:
            limit = hard
        try:
            resource.setrlimit(what, (limit, limit))
        except (ValueError, OSError):
            return False
        return True

    out = ["limit-core"] if lower(resource.RLIMIT_CORE, 0) else []
    if lower(resource.RLIMIT_NOFILE, files):
        out.append("limit-files")
    if memory and lower(resource.RLIMIT_DATA, memory):
        out.append("limit-memory")
    return out


def _leash() -> str:
    """Have the kernel kill the process group when the other end of the pipe closes."""
    import fcntl

    try:
        os.fstat(LEASH)
    except OSError:
        return ""
    set_signal = getattr(fcntl, "F_SETSIG", 10)
    if sys.platform == "linux":
        fcntl.fcntl(LEASH, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(LEASH, set_signal, 9)
        fcntl.fcntl(LEASH, fcntl.F_SETFL, fcntl.fcntl(LEASH, fcntl.F_GETFL) | os.O_ASYNC)
        os.set_inheritable(LEASH, False)
        import select

        if select.select([LEASH], [], [], 0)[0]:  # the host ended before the leash was on
            os.killpg(0, 9)
        return "leash"
    from _thread import start_new_thread

    def watch() -> None:
        os.read(LEASH, 1)
        os.killpg(0, 9)

    start_new_thread(watch, ())
    return "leash-thread"


# ---- calls into the kernel


def _syscaller() -> Callable[..., int] | None:
    """`syscall(number, *args)` of the C library; a failed call gives a negative number."""
    try:
        import _ctypes

        class Long(_ctypes._SimpleCData):  # type: ignore[type-arg]
            _type_ = "l"

        class Function(_ctypes.CFuncPtr):
            _flags_ = _ctypes.FUNCFLAG_CDECL
            _restype_ = Long

        program = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]
        call = Function(_ctypes.dlsym(program, "syscall"))
    except (ImportError, AttributeError, OSError, TypeError):
        return None

    def syscall(number: int, *args: object) -> int:
        got = call(Long(number), *[Long(a) if isinstance(a, int) else a for a in args])
        return int(getattr(got, "value", got))

    return syscall


_MACHINE = os.uname().machine if hasattr(os, "uname") else ""
_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}.get(_MACHINE, 0)


def _prctl_number() -> int:
    return 157 if _MACHINE == "x86_64" else 167


# ---- Landlock

_WRITE_FILE, _TRUNCATE, _REFER = 1 << 1, 1 << 14, 1 << 13
_MAKE_CHAR, _MAKE_SOCK, _MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 11
_TREE = 0b1_1111_1111_0010
"""WRITE_FILE, REMOVE_DIR, REMOVE_FILE and all the MAKE rights (bits 1, 4 to 12)."""
_ALWAYS = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def _landlock(syscall: Callable[..., int], write: Sequence[str]) -> list[str]:
    """Allow writing below the given directories only; needs Linux 5.13, signals are scoped from 6.12 on."""
    if not _ARCH:
        return []
    abi = syscall(444, 0, 0, 1)
    if abi < 1:
        return []
    handled = _TREE | (_REFER if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0)
    scoped = 0b11 if abi >= 6 else 0
    attributes = pack("<QQQ", handled, 0, scoped)[: 24 if abi >= 6 else 8]
    ruleset = syscall(444, attributes, len(attributes), 0)
    if ruleset < 0:
        return []
    on_file = handled & (_WRITE_FILE | _TRUNCATE)
    below = handled & ~(_MAKE_CHAR | _MAKE_BLOCK)
    try:
        for path, rights in [*((p, below) for p in write), *((p, on_file) for p in _ALWAYS)]:
            try:
                fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue
            try:
                if syscall(445, ruleset, 1, pack("<Qi", rights, fd), 0) < 0:
                    return []
            finally:
                os.close(fd)
        if syscall(446, ruleset, 0) < 0:
            return []
    finally:
        os.close(ruleset)
    return [f"landlock-{abi}"]


# ---- seccomp

# Number on x86_64, number on aarch64; -1 where the machine does not have the call.
_REFUSED: dict[str, tuple[int, int]] = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "move_mount": (429, 429),
    "open_tree": (428, 428), "mount_setattr": (442, 442), "unshare": (272, 97), "setns": (308, 268),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "quotactl": (179, 60), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "syslog": (103, 116), "vhangup": (153, 58), "fanotify_init": (300, 262), "lookup_dcookie": (212, 18),
    "ioperm": (173, -1), "iopl": (172, -1), "modify_ldt": (154, -1), "uselib": (134, -1),
    "ustat": (136, -1),
}  # fmt: skip
_CLONE = (56, 220)
_CLONE3 = (435, 435)
_CLOSE_RANGE = (436, 436)
_SETSID = (112, 157)
_SETPGID = (109, 154)
_SOCKET = (41, 198)
_CLOSE = (3, 57)
_FCNTL = (72, 25)
_IOCTL = (16, 29)
_DUP2 = (33, -1)
_DUP3 = (292, 24)
_NEW_NAMESPACES = 0x7E020080
"""CLONE_NEW…: namespaces of users, processes, network, mounts, names, clocks, groups."""

_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_ERRNO = 0x00050000
_EPERM, _EACCES, _ENOSYS = 1, 13, 38


def _seccomp(syscall: Callable[..., int], network: bool) -> list[str]:
    """Install the filter for this machine on all threads."""
    if not _ARCH:
        return []
    program = _program(network)
    length = len(program) // 8
    # struct sock_fprog { unsigned short len; struct sock_filter *filter; }: the pointer needs an address.
    address = _address_of(program)
    if address is None:
        return []
    holder, at = address
    if syscall(317 if _MACHINE == "x86_64" else 277, 1, 1, pack("<HxxxxxxQ", length, at)) != 0:
        return []
    del holder
    return ["seccomp", *([] if network else ["no-network"])]


def _address_of(data: bytes) -> tuple[object, int] | None:
    try:
        import _ctypes

        class Byte(_ctypes._SimpleCData):  # type: ignore[type-arg]
            _type_ = "c"

        class Block(_ctypes.Array):  # type: ignore[type-arg]
            _type_ = Byte
            _length_ = len(data)

        block = Block.from_buffer_copy(data)
        return block, int(_ctypes.addressof(block))
    except (ImportError, AttributeError, TypeError):
        return None


def _program(network: bool) -> bytes:
    """The filter in classic BPF. Each rule is a jump over its own verdict, so none depends on another."""
    column = 0 if _MACHINE == "x86_64" else 1
    out: list[bytes] = []

    def op(code: int, k: int, yes: int = 0, no: int = 0) -> None:
        out.append(pack("<HBBI", code, yes, no, k & 0xFFFFFFFF))

    def load(offset: int) -> None:
        op(0x20, offset)

    def verdict(k: int) -> None:
        op(0x06, k)

    def when_call(number: int, k: int) -> None:
        if number >= 0:
            op(0x15, number, 0, 1)
            verdict(k)

    def when_argument(number: int, argument: int, test: int, value: int, k: int) -> None:
        """A verdict where the call matches and its argument passes `test` (0x15 equal, 0x45 any bit set)."""
        if number >= 0:
            op(0x15, number, 0, 4)
            load(16 + 8 * argument)
            op(test, value, 0, 1)
            verdict(k)
            load(0)

    load(4)
    op(0x15, _ARCH, 1, 0)
    verdict(_KILL)
    load(0)
    if column == 0:
        op(0x35, 0x40000000, 0, 1)  # the x32 calls have other numbers
        verdict(_ERRNO | _ENOSYS)
    for numbers in _REFUSED.values():
        when_call(numbers[column], _ERRNO | _EPERM)
    when_call(_CLONE3[column], _ERRNO | _ENOSYS)  # its flags can't be seen; the C library falls back to clone
    when_argument(_CLONE[column], 0, 0x45, _NEW_NAMESPACES, _ERRNO | _EPERM)
    when_call(_SETSID[column], _ERRNO)  # "done" without doing it: the group stays whole and can be killed
    when_call(_SETPGID[column], _ERRNO)
    when_call(_CLOSE_RANGE[column], _ERRNO | _ENOSYS)
    when_argument(_CLOSE[column], 0, 0x15, LEASH, _ERRNO)
    when_argument(_FCNTL[column], 0, 0x15, LEASH, _ERRNO | _EPERM)
    when_argument(_IOCTL[column], 0, 0x15, LEASH, _ERRNO | _EPERM)
    when_argument(_DUP2[column], 1, 0x15, LEASH, _ERRNO | _EPERM)
    when_argument(_DUP3[column], 1, 0x15, LEASH, _ERRNO | _EPERM)
    if network:
        _allow_families(op, load, verdict, _SOCKET[column])
    else:
        when_call(_SOCKET[column], _ERRNO | _EACCES)
    verdict(_ALLOW)
    return b"".join(out)


def _allow_families(
    op: Callable[..., None], load: Callable[[int], None], verdict: Callable[[int], None], number: int
) -> None:
    """Sockets of the internet and of name look-up (netlink), none to services of this machine."""
    op(0x15, number, 0, 6)
    load(16)
    op(0x15, 2, 3, 0)
    op(0x15, 10, 2, 0)
    op(0x15, 16, 1, 0)
    verdict(_ERRNO | _EACCES)
    load(0)
