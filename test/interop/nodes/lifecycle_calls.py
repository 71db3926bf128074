"""lifecycle_calls.py: takes /lc_talker (examples/lifecycle, or ROS 2's own lc_talker) through its states. One JSON line: the
answers, the transition events, and how many messages came in each state."""
import json
import sys
import time

import rclpy
from lifecycle_msgs.msg import Transition, TransitionEvent
from lifecycle_msgs.srv import ChangeState, GetAvailableStates, GetAvailableTransitions, GetState
from std_msgs.msg import String

rclpy.init()
node = rclpy.create_node("lifecycle_calls", start_parameter_services=False)
events, chatter = [], []
node.create_subscription(TransitionEvent, "/lc_talker/transition_event", events.append, 10)
node.create_subscription(String, "/lifecycle_chatter", chatter.append, 10)
report = {"answers": [], "states": [], "chatter": {}}


def call(service, type_, request=None):
    client = node.create_client(type_, f"/lc_talker/{service}")
    if not client.wait_for_service(timeout_sec=30):
        sys.exit(f"no {service} within 30 s")
    future = client.call_async(request or type_.Request())
    rclpy.spin_until_future_complete(node, future, timeout_sec=10)
    if not future.done():
        sys.exit(f"no answer of {service} within 10 s")
    node.destroy_client(client)
    return future.result()


def description(found):
    return [[t.transition.id, t.transition.label, t.start_state.id, t.start_state.label, t.goal_state.id,
             t.goal_state.label] for t in found.available_transitions]


report["all_states"] = [[s.id, s.label] for s in call("get_available_states", GetAvailableStates).available_states]
report["graph"] = description(call("get_transition_graph", GetAvailableTransitions))
deadline = time.monotonic() + 10
while node.count_publishers("/lc_talker/transition_event") < 1 and time.monotonic() < deadline:
    rclpy.spin_once(node, timeout_sec=0.1)
end = time.monotonic() + 1
while time.monotonic() < end:
    rclpy.spin_once(node, timeout_sec=0.1)


def listen(state, seconds, enough):
    chatter.clear()
    end = time.monotonic() + seconds
    while time.monotonic() < end and len(chatter) < enough:
        rclpy.spin_once(node, timeout_sec=0.1)
    report["chatter"][state] = len(chatter)


T = Transition
for id_, label in ((T.TRANSITION_CONFIGURE, ""), (0, "activate"), (T.TRANSITION_DEACTIVATE, ""),
                   (T.TRANSITION_CLEANUP, ""), (0, "nonsense"), (T.TRANSITION_UNCONFIGURED_SHUTDOWN, "")):
    request = ChangeState.Request(transition=Transition(id=id_, label=label))
    report["answers"].append(call("change_state", ChangeState, request).success)
    state = call("get_state", GetState).current_state
    report["states"].append([state.id, state.label])
    if id_ == T.TRANSITION_CONFIGURE:
        listen("inactive", 2.5, 1)
    elif label == "activate":
        listen("active", 20, 2)
report["last_transitions"] = description(call("get_available_transitions", GetAvailableTransitions))
end = time.monotonic() + 5
while len(events) < 10 and time.monotonic() < end:
    rclpy.spin_once(node, timeout_sec=0.1)
report["events"] = [[e.timestamp, e.transition.id, e.transition.label, e.start_state.label, e.goal_state.label]
                    for e in events]
print(json.dumps(report), flush=True)
