"""action_load.py NAME GOALS ORDER: so many goals at once. One JSON line with the feedback of each that is not complete or
not in order, the outcomes that are not success, and the rate at which feedback came."""
import json
import sys
import time

from action_caller import Caller

name, count, order = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
caller = Caller("action_load")
caller.client(name)
begin = time.monotonic()
goals = [caller.goal(name, order) for _ in range(count)]
outcomes = [goal.finish() for goal in goals]
seconds = time.monotonic() - begin

expected = [outcomes[0]["sequence"][:length] for length in range(3, order + 2)]
received = sum(len(goal.feedback) for goal in goals)
print(json.dumps({
    "statuses": [outcome.get("status") for outcome in outcomes],
    "sequence": outcomes[0]["sequence"],
    "wrong": [goal.feedback for goal in goals if goal.feedback != expected],
    "received": received,
    "per_second": round(received / seconds, 1),
}), flush=True)
