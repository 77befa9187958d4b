"""`axon task`: run the tasks of a project, and talk to a project that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axon.cli.options import Options, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from axon.engine import Runtime
    from axon.tasks.task import Task

__all__ = ["task_command"]


def task_command(args: list[str]) -> int:
    """Dispatch `axon task VERB …`."""
    if not args:
        from axon.cli.usage import print_help

        print_help("task")
        return 2
    verb, rest = args[0], args[1:]
    if verb == "run":
        return _run(rest)
    from axon.cli.control import VERBS, control_command

    if verb in VERBS:
        return control_command(verb, rest)
    raise UsageError(f"task: no command {verb} (run, {', '.join(VERBS)})")


class RunOptions(Options):
    """Options of `axon task run`."""

    __slots__ = ("send", "to")

    def __init__(self) -> None:
        super().__init__()
        self.send: list[str] = []
        self.to: str | None = None


def _run(args: list[str]) -> int:
    from axon.cli.project import Project

    options = _run_options(args)
    project = Project.open(options.program or ".")
    if not options.send:
        from axon.cli.service import serve

        return serve(project, options)
    if options.state is None and any("durable" in rec for rec in project.task_records()):
        options.state = str(project.make_state())
    with project.runtime(options) as rt:
        project.load(rt)
        task = _choose(rt, options.to)
        return max(_send_once(rt, task, text, options) for text in options.send)


def _run_options(args: list[str]) -> RunOptions:
    from axon.cli.options import parse_into

    options = RunOptions()
    rest: list[str] = []
    values: dict[str, Callable[[str], Any]] = {
        "--send": options.send.append,
        "--to": lambda v: setattr(options, "to", v.removeprefix("@")),
    }
    todo = list(args)
    while todo:
        arg = todo.pop(0)
        name, eq, val = arg.partition("=")
        if name not in values:
            rest.append(arg)
            continue
        if not eq and not todo:
            raise UsageError(f"{name} wants a value")
        values[name](val if eq else todo.pop(0))
    parse_into(options, rest, script=False)
    return options


def _choose(rt: Runtime, to: str | None) -> Task:
    """The task that gets the messages: the named one, or the only one."""
    from axon.errors import UnknownTaskErr

    found = rt.tasks.all()
    names = ", ".join(f"@{t.id.val}" for t in found) or "none"
    if to is not None:
        for task in found:
            if to in (task.id.val, task.name):
                return task
        raise UnknownTaskErr(f"no task {to}; there are: {names}")
    if len(found) != 1:
        raise UsageError(f"--to ID is needed, the tasks are: {names}")
    return found[0]


def _send_once(rt: Runtime, task: Task, text: str, options: RunOptions) -> int:
    from axon.cli.render import show_value
    from axon.cli.report import report
    from axon.cli.run import seconds_of

    limit = None if options.timeout is None else seconds_of(options.timeout)
    try:
        future = task.send(rt.eval(text))
        answer = future.result(limit)
    except Exception as e:
        return report(e, trace=options.trace)
    show_value(answer, as_json=options.json)
    return 0
