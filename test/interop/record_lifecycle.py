"""record_lifecycle.py: what an rclpy LifecycleNode answers. One JSON line for each call, to standard output: the service,
its request and response, and the transition events published meanwhile; values as in cdr_values.py. What a callback
returns is the next letter of the `plan` the line has: s(uccess), f(ailure) or e(rror); test/assembly/apps/lifecycle.as.ts
does the same. A last line has the QoS of the transition events."""
import json
import threading
import time

import rclpy
from cdr_values import message_to_json
from lifecycle_msgs.msg import Transition, TransitionEvent
from lifecycle_msgs.srv import ChangeState, GetAvailableStates, GetAvailableTransitions, GetState
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn

RETURNS = {"s": TransitionCallbackReturn.SUCCESS, "f": TransitionCallbackReturn.FAILURE,
           "e": TransitionCallbackReturn.ERROR}
plan = []


class Planned(LifecycleNode):
    def planned(self, _state):
        return RETURNS[plan.pop(0)]

    on_configure = on_cleanup = on_shutdown = on_activate = on_deactivate = on_error = planned


rclpy.init()
probe = rclpy.create_node("probe", namespace="lab", start_parameter_services=False)
events = []
probe.create_subscription(TransitionEvent, "/lab/managed/transition_event", events.append, 10)
probes = rclpy.executors.SingleThreadedExecutor()
probes.add_node(probe)
threading.Thread(target=probes.spin, daemon=True).start()
executors = []


def spin(executor):
    while True:
        try:
            executor.spin()
            return
        except Exception:  # a transition that is not allowed is raised out of spin: go on without an answer
            continue


def start():
    node = Planned("managed", namespace="lab")
    executor = rclpy.executors.SingleThreadedExecutor()
    executor.add_node(node)
    threading.Thread(target=spin, args=(executor,), daemon=True).start()
    while node._state_machine is None or probe.count_publishers("/lab/managed/transition_event") < 1:
        time.sleep(0.01)
    executors.append(executor)
    time.sleep(1)
    return node


def call(service, type_, request, returns="", expected_events=0):
    client = probe.create_client(type_, f"/lab/managed/{service}")
    assert client.wait_for_service(timeout_sec=20)
    events.clear()
    plan[:] = list(returns)
    future = client.call_async(request)
    begin = time.monotonic()
    while not future.done() and time.monotonic() < begin + 1.5:
        time.sleep(0.002)
    while len(events) < expected_events and time.monotonic() < begin + 5:
        time.sleep(0.002)
    response = message_to_json(future.result()) if future.done() else None
    shown = [message_to_json(event) for event in events]
    for event in shown:
        assert int(event["timestamp"]) >= 0
    print(json.dumps({"service": service, "request": message_to_json(request), "plan": returns, "response": response,
                      "events": shown}), flush=True)
    probe.destroy_client(client)


def look():
    call("get_state", GetState, GetState.Request())
    call("get_available_transitions", GetAvailableTransitions, GetAvailableTransitions.Request())


def change(id_, returns="s", label="", events=2):
    call("change_state", ChangeState, ChangeState.Request(transition=Transition(id=id_, label=label)), returns, events)


node = start()
look()
call("get_available_states", GetAvailableStates, GetAvailableStates.Request())
call("get_transition_graph", GetAvailableTransitions, GetAvailableTransitions.Request())
T = Transition
change(T.TRANSITION_CONFIGURE, "f")
look()
change(T.TRANSITION_ACTIVATE, "", events=0)
change(T.TRANSITION_CREATE, "", events=0)
change(T.TRANSITION_ON_CONFIGURE_SUCCESS, "", events=0)
change(0, "", "flying", events=0)
look()
change(T.TRANSITION_CONFIGURE, "s")
look()
change(T.TRANSITION_ACTIVATE, "f")
change(0, "s", "activate")
look()
change(T.TRANSITION_DEACTIVATE, "f")
change(T.TRANSITION_CONFIGURE, "s", "deactivate")
look()
change(T.TRANSITION_CLEANUP, "f")
change(T.TRANSITION_CLEANUP, "s")
change(T.TRANSITION_CONFIGURE, "es", events=3)
look()
change(T.TRANSITION_CONFIGURE, "s")
change(T.TRANSITION_ACTIVATE, "es", events=3)
look()
change(T.TRANSITION_CONFIGURE, "s")
change(T.TRANSITION_CLEANUP, "es", events=3)
change(T.TRANSITION_CONFIGURE, "s")
change(T.TRANSITION_ACTIVATE, "s")
change(T.TRANSITION_DEACTIVATE, "es", events=3)
change(T.TRANSITION_UNCONFIGURED_SHUTDOWN, "f")
look()
change(T.TRANSITION_CONFIGURE, "", events=0)


def again(*steps, shutdown, returns, events):
    """A new node, brought to some state, then shut down."""
    global node
    executors[-1].shutdown(timeout_sec=1)
    node.destroy_node()
    time.sleep(0.5)
    node = start()
    print(json.dumps({"restart": True}), flush=True)
    for step in steps:
        change(step)
    change(shutdown, returns, events=events)
    look()


CONFIGURE, ACTIVATE = T.TRANSITION_CONFIGURE, T.TRANSITION_ACTIVATE
again(shutdown=T.TRANSITION_UNCONFIGURED_SHUTDOWN, returns="s", events=2)
again(CONFIGURE, shutdown=T.TRANSITION_INACTIVE_SHUTDOWN, returns="s", events=2)
again(CONFIGURE, ACTIVATE, shutdown=T.TRANSITION_ACTIVE_SHUTDOWN, returns="s", events=2)
again(CONFIGURE, shutdown=T.TRANSITION_INACTIVE_SHUTDOWN, returns="es", events=3)
again(CONFIGURE, shutdown=T.TRANSITION_INACTIVE_SHUTDOWN, returns="ef", events=3)
again(CONFIGURE, shutdown=T.TRANSITION_INACTIVE_SHUTDOWN, returns="ee", events=3)
again(CONFIGURE, shutdown=0, returns="", events=0)
info = probe.get_publishers_info_by_topic("/lab/managed/transition_event")[0].qos_profile
print(json.dumps({"qos": {"reliability": info.reliability.name, "durability": info.durability.name}}))
