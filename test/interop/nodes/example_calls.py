"""example_calls.py navigate|led: calls the example of that name. One JSON line of what was seen."""
import json
import sys
import time

import rclpy
from navigation_interfaces.action import NavigateToPosition
from rclpy.action import ActionClient
from std_srvs.srv import SetBool

PATIENCE_S = 30.0

rclpy.init()
node = rclpy.create_node("example_calls")


def until(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"nothing happened within {PATIENCE_S:.0f} s")
        rclpy.spin_once(node, timeout_sec=0.05)


def complete(future):
    until(future.done)
    return future.result()


def navigate():
    """A goal that is preempted by another one, which is reached; a third that is canceled."""
    client = ActionClient(node, NavigateToPosition, "navigate_to_position")
    until(client.server_is_ready)

    def send(x, y):
        remaining = []
        goal = NavigateToPosition.Goal(x=x, y=y)
        handle = complete(
            client.send_goal_async(goal, lambda message: remaining.append(message.feedback.distance_remaining))
        )
        return handle, remaining

    first, first_remaining = send(100.0, 0.0)
    until(lambda: len(first_remaining) >= 2)
    second, remaining = send(0.2, 0.3)
    preempted = complete(first.get_result_async())
    reached = complete(second.get_result_async())
    third, third_remaining = send(100.0, 100.0)
    until(lambda: len(third_remaining) >= 2)
    answer = complete(third.cancel_goal_async())
    canceled = complete(third.get_result_async())
    return {
        "preempted": preempted.status,
        "reached": [reached.status, reached.result.x, reached.result.y],
        "closer_and_closer": remaining == sorted(remaining, reverse=True) and remaining[-1] == 0.0,
        "canceled": [len(answer.goals_canceling), canceled.status],
        "moved": canceled.result.distance_travelled > 0,
    }


def led():
    client = node.create_client(SetBool, "led/set")
    until(client.service_is_ready)
    answers = [complete(client.call_async(SetBool.Request(data=on))) for on in (True, False)]
    return {"answers": [[answer.success, answer.message] for answer in answers]}


print(json.dumps({"navigate": navigate, "led": led}[sys.argv[1]]()), flush=True)
