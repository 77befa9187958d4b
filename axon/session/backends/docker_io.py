"""The `io/` directory between a host and a container that runs as somebody else: both can read and write.

A container of a plain user runs as that user. A container of root runs as nobody, who is given `io/`, and by
a default access list also what root makes there later: root can use what is nobody's. Symbolic links are not
followed and files with a second name are left alone, so code in a session can't have a file given away that
lies elsewhere.
"""

from __future__ import annotations

import os
import stat
import struct

__all__ = ["NOBODY", "container_user", "give"]

NOBODY = 65534


def container_user() -> tuple[int, int]:
    """Numbers of the user and the group as whom sessions run."""
    uid, gid = os.geteuid(), os.getegid()
    return (uid, gid) if uid != 0 else (NOBODY, NOBODY)


def give(path: str, to_read: bool = False) -> None:
    """Let the container's user own `io/` and what is in it, where we are root; what can't be given stays.

    `to_read`: it is enough that it can be read; what anybody may read keeps its owner.
    """
    if os.geteuid() != 0:
        return
    user, group = container_user()
    _give_entry(path, None, user, group, to_read)
    for _, dirs, files, here in os.fwalk(path, follow_symlinks=False):
        _let_heirs_in(here, user)
        for name in (*dirs, *files):
            _give_entry(name, here, user, group, to_read)


def _give_entry(name: str, here: int | None, user: int, group: int, to_read: bool) -> None:
    try:
        found = os.stat(name, dir_fd=here, follow_symlinks=False)
        if (found.st_uid, found.st_gid) == (user, group):
            return
        needed = 0o005 if stat.S_ISDIR(found.st_mode) else 0o004
        if to_read and found.st_mode & needed == needed:
            return
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
            return
        os.chown(name, user, group, dir_fd=here, follow_symlinks=False)
    except OSError:
        return


_ACL = "system.posix_acl_default"
_ANYBODY = 0xFFFFFFFF
_OWNER, _USER, _GROUP, _MASK, _OTHER = 1, 2, 4, 16, 32


def _let_heirs_in(directory: int, user: int) -> None:
    """Give what will be made in a directory an access list with that user; where file systems have none, not.

    The layout is that of the kernel's extended attribute: version 2, then tag, rights and user each.
    """
    entries = [
        (_OWNER, 7, _ANYBODY),
        (_USER, 7, user),
        (_GROUP, 5, _ANYBODY),
        (_MASK, 7, _ANYBODY),
        (_OTHER, 5, _ANYBODY),
    ]
    wanted = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        if _ACL not in os.listxattr(directory):
            os.setxattr(directory, _ACL, wanted)
    except (OSError, AttributeError):
        return
