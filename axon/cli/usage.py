"""The texts of `--help`."""

from __future__ import annotations

import platform

__all__ = ["print_help", "print_version"]

MAIN = """\
Axon, the language of Project Haystack, with sandboxed Python sessions.

Usage:
  axon                          interactive prompt
  axon SCRIPT.axon [ARG …]      run a script; it sees its arguments as the list `args`
  axon 'EXPRESSION' [-i]        evaluate, show the result; with -i stay at the prompt
  axon -                        run what comes from standard input
  axon COMMAND …

Commands:
  check [PATH …]                find syntax errors
  fmt [--check] [PATH …]        rewrite sources in standard layout
  docs [NAME]                   the function library, or one function
  task run PROJECT|TASKS.trio   run tasks until stopped; `axon task --help` for more
  image build|list|rm           the Docker image of sandboxed sessions
  doctor                        what works on this machine, and how to mend the rest

Options:
  -e, --eval EXPR               the program as an option
  -i, --interactive             prompt after the program, with its variables
      --json                    results as canonical Haystack JSON
      --load FILE               functions (.axon) or records (.trio .zinc .json .csv); may be repeated
      --io DIR                  the directory that io functions see (default: io/ beside the script)
      --tz ZONE                 time zone, such as New_York (default: that of the machine)
      --locale LOCALE           language of formats, such as en or de
      --py BACKEND              where Python sessions run: process, docker or attach
      --timeout DUR             stop the program after a while, such as 30sec
      --state DIR               directory of the journal of durable tasks (default: there are none)
      --full-sync               durable messages survive a loss of power too: each send waits for the disk
      --max-threads N           how many tasks work at a time (default: 50)
      --linger DUR              how long `tasks()` shows a task of taskRun that has finished (default: 10min)
      --show STAGE              do not run; print its tree, names, python or code
      --trace                   on errors show the Python traceback too
  -V, --version                 versions
  -h, --help                    this text, or that of a command

Environment:
  AXON_PY                       as --py
  AXON_IMAGE                    Docker image of sessions (default: that of `axon image build`)
  AXON_ATTACH_KEY               key of the program that --py attach talks to
  AXON_CACHE                    directory of compiled code (default: axon/ in XDG_CACHE_HOME, or in ~/.cache)
  AXON_PURE=1                   leave the compiled modules of axon aside
  XDG_STATE_HOME                its axon/ has the history of the prompt (default: ~/.local/state)
  NO_COLOR=1                    no colours

Exit codes: 0 done, 1 the program failed, 2 wrong usage or a file that can't be read, 3 syntax error,
130 stopped by Ctrl-C, 143 by the signal TERM, 129 by HUP, 141 nobody reads the output, 70 a fault of axon.

Examples:
  axon '[1, 2, 3].map x => x * 2'
  axon 'readAll(site).size' --load samples/sites.trio
  axon 'py().pyEval("sum(range(101))")'
"""

TEXTS = {
    "run": MAIN,
    "check": """\
Find syntax errors without running anything.

Usage: axon check [--json] [PATH …]

PATH is a file or a directory, which is searched for .axon and .trio files (default: the current directory).
Exit code 3 when there is an error.
""",
    "fmt": """\
Rewrite Axon sources in standard layout.

Usage: axon fmt [--check] [PATH …]

PATH is a file, a directory, which is searched for .axon files (default: the current directory), or - for
standard input to standard output. Files are replaced as a whole.
A file with a syntax error is reported and left alone.
  --check      change nothing; exit code 1 when a file would change
""",
    "docs": """\
Show the function library.

Usage: axon docs                 names and summaries, by domain
       axon docs NAME            signature, documentation and examples of one function
       axon docs --search WORD   functions whose documentation has the word
       axon docs --write         rewrite FUNCTIONS.md and index.py (for those who change the library)
       axon docs --check         exit code 1 when these are out of date
""",
    "doctor": """\
Say what works on this machine, and how to mend the rest.

Usage: axon doctor [--json]
""",
    "image": """\
Build and look after the Docker image in which sandboxed sessions run.

Usage: axon image build [--base IMAGE] [--tag TAG] [--with PACKAGE …] [--bare]
       axon image list
       axon image rm TAG

--bare leaves out the packages for data work (numpy, pandas …).
""",
    "task": """\
Run tasks, and talk to tasks that run.

Usage: axon task run PROJECT|TASKS.trio [--send MSG [--to ID]] [OPTIONS]
       axon task list [--watch] [PROJECT]
       axon task send ID MSG [--wait] [--timeout DUR] [PROJECT]
       axon task show ID [PROJECT]
       axon task aside ID [--retry NUMBER|all] [--drop NUMBER|all] [PROJECT]
       axon task log [-f] [ID] [PROJECT]
       axon task cancel|restart|kill ID [PROJECT]
       axon task stop [PROJECT]

PROJECT is a directory with tasks.trio, functions (*.axon), records (*.trio *.zinc *.json *.csv) and io/,
which is made if it is not there. `run` starts its tasks, follows changes of its files, and ends at Ctrl-C,
SIGTERM or SIGHUP after the messages in hand. The others talk to it over PROJECT/.axon/control.sock (default
PROJECT: the current directory).

ID is the id of a task or its name; MSG an Axon expression, or - to read it from standard input. `show` has
the last error with its place and the last messages of a durable task; `aside` lists those that it does not
try any more, because they ended the process; `restart` brings back a task that was killed. Only the user who
started the service can talk to it, and root. Tags of a task: taskExpr, dis, disabled, durable (its messages
survive a crash, also while they wait for their time), queueLimit; for events obsSchedule … or obsCommits …

  --send MSG     send one message (an Axon expression), print the answer, and end
  --to ID        the task that gets it; not needed when there is only one
  --timeout DUR  end each message that takes longer, such as 30sec
  --state DIR    where the journal of durable messages is (default: PROJECT/.axon)
  --full-sync    durable messages survive a loss of power too: each send waits for the disk
  --max-threads N  how many tasks work at a time; one that waits in a message counts (default: 50)
  --linger DUR   how long tasks of taskRun that have finished are listed (default: 10min)
  --json         results as canonical Haystack JSON
""",
}


def print_help(topic: str) -> int:
    """Print the text of a command, or that of all for any other topic."""
    print(TEXTS.get(topic, MAIN), end="")
    return 0


def print_version() -> int:
    """Print our version and Python's, and whether compiled modules are used."""
    from axon import __version__, fast

    compiled = ", compiled modules" if fast.used() else ""
    print(f"axon {__version__} (Python {platform.python_version()}{compiled})")
    return 0
