"""action_scenarios.py SCENARIO…: each prints one JSON line {"scenario", …what was seen}. For the servers of
apps/action_server/app.ts and action_server.py; actions.test.ts knows what is to be seen."""
import json
import sys
import time

from action_caller import Caller, random_id
from builtin_interfaces.msg import Time

caller = Caller("action_scenarios")


def goal():
    """From beginning to end."""
    goal = caller.goal("parallel", 6)
    outcome = goal.finish()
    return {**outcome, "feedback": goal.feedback}


def reject():
    return caller.goal("parallel", -1).finish()


def cancel():
    goal = caller.goal("parallel", 60).after_feedback(2)
    answer = goal.cancel()
    outcome = goal.finish()
    # How far it came is a matter of time, but it is the last thing it told.
    return {**answer, "status": outcome["status"], "kept": outcome["sequence"] == goal.feedback[-1]}


def cancel_refused():
    goal = caller.goal("parallel", 77).after_feedback(1)
    answer = goal.cancel()
    return {**answer, "still_running": goal.outcome is None}


def cancel_ended():
    goal = caller.goal("parallel", 2)
    goal.finish()
    return goal.cancel()


def cancel_unknown():
    answer = caller.cancel("parallel", random_id())
    return {"code": answer.return_code, "canceling": len(answer.goals_canceling)}


def cancel_all():
    goals = [caller.goal("brief", order).after_feedback(1) for order in (61, 62, 63)]
    answer = caller.cancel("brief")
    return {
        "code": answer.return_code,
        "canceling": len(answer.goals_canceling),
        "statuses": [goal.finish()["status"] for goal in goals],
    }


def cancel_before():
    """Those accepted up to a time stamp, and none after it. (The stamps that rclpy answers with are a little older than
    those it compares with: the one just before the last goal's lies between.)"""
    early = [caller.goal("brief", order).after_feedback(1) for order in (60, 61)]
    late = caller.goal("brief", 8).after_feedback(1)
    stamp = late.handle.stamp
    just_before = Time(sec=stamp.sec, nanosec=stamp.nanosec - 1)
    answer = caller.cancel("brief", stamp=just_before)
    return {
        "code": answer.return_code,
        "canceling": len(answer.goals_canceling),
        "statuses": [goal.finish()["status"] for goal in early + [late]],
    }


def abort():
    goal = caller.goal("parallel", 13)
    return {**goal.finish(), "feedback": len(goal.feedback)}


def several():
    goals = [caller.goal("parallel", order) for order in (4, 9, 6, 9)]
    outcomes = [goal.finish() for goal in goals]
    overlap = caller.events.index(("parallel", 9, "feedback")) < caller.events.index(("parallel", 4, "result"))
    return {"outcomes": outcomes, "feedback": [goal.feedback for goal in goals], "overlap": overlap}


def same_id():
    """A goal id that is taken is refused."""
    goal = caller.goal("parallel", 10).after_feedback(1)
    second = caller.goal("parallel", 10, goal.id)
    return {"second": second.accepted, "first": goal.finish()["status"]}


def late_result():
    """The result is there for whoever asks, as often as they ask."""
    goal = caller.goal("parallel", 3)
    goal.finish()
    return {"results": [caller.result("parallel", goal.id) for _ in range(2)]}


def unknown_result():
    return caller.result("parallel", random_id())


def status():
    """A subscription that comes late is told at once."""
    goal = caller.goal("parallel", 3)
    goal.finish()
    found = [status for goal_id, status in caller.statuses("parallel") if goal_id == goal.id]
    return {"found": found}


def expiry():
    """The result goes after its time, not before."""
    goal = caller.goal("brief", 2)
    goal.finish()
    ended = time.monotonic()
    first = caller.result("brief", goal.id)
    caller.until(lambda: caller.result("brief", goal.id)["status"] == 0, "expiry")
    return {"first": first, "in_time": 0.8 < time.monotonic() - ended < 5}


def queue():
    goals = [caller.goal("queue", order) for order in (5, 4)]
    outcomes = [goal.finish() for goal in goals]
    order = [event[1] for event in caller.events if event[::2] == ("queue", "feedback")]
    return {"outcomes": outcomes, "one_after_the_other": order == sorted(order, reverse=True), "feedback": len(order)}


def busy():
    first = caller.goal("single", 20).after_feedback(1)
    second = caller.goal("single", 3).accepted
    code = first.cancel()["code"]
    first.finish()
    return {"second": second, "code": code, "third": caller.goal("single", 3).finish()}


def preempt():
    first = caller.goal("preempt", 60).after_feedback(2)
    second = caller.goal("preempt", 4)
    return {"second": second.finish(), "first": first.finish()["status"]}


def deferred():
    """Accepted, not executed before it is time, then as any other."""
    goal = caller.goal("deferred", 4)
    begin = time.monotonic()
    assert goal.accepted
    at_first = [status for goal_id, status in caller.statuses("deferred") if goal_id == goal.id]
    goal.after_feedback(1)
    waited = time.monotonic() - begin
    return {"at_first": at_first, "waited": waited > 0.3, **goal.finish(), "feedback": goal.feedback}


for name in sys.argv[1:]:
    begin = time.monotonic()
    try:
        seen = globals()[name]()
    except Exception as error:  # the test shows it
        seen = {"error": repr(error)}
    print(json.dumps({"scenario": name, **seen}), flush=True)
    print(f"{name}: {time.monotonic() - begin:.2f} s", file=sys.stderr, flush=True)
