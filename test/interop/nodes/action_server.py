"""An rclpy node with the same action servers as apps/action_server/app.ts, behaving in the same way.

/parallel        any number of goals at once
/brief           results are kept for 1 s
/slow_to_answer  takes 2 s to decide about a goal

A goal counts up to `order`, modulo 10,000, with 50 ms between two numbers. Orders below 0 are rejected; 13 is aborted after its third
feedback; 77 does not let itself be canceled.
"""
import time

import rclpy
from example_interfaces.action import Fibonacci
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import MultiThreadedExecutor

PERIOD_S = 0.05
REJECTED_BELOW, ABORTED, UNSTOPPABLE = 0, 13, 77


def decide(goal):
    return GoalResponse.REJECT if goal.order < REJECTED_BELOW else GoalResponse.ACCEPT


def decide_slowly(goal):
    time.sleep(2)
    return decide(goal)


def on_cancel(handle):
    return CancelResponse.REJECT if handle.request.order == UNSTOPPABLE else CancelResponse.ACCEPT


def execute(handle):
    order = handle.request.order
    feedback = Fibonacci.Feedback(sequence=[0, 1])
    while len(feedback.sequence) <= order:
        if handle.is_cancel_requested:
            handle.canceled()
            return Fibonacci.Result(sequence=feedback.sequence)
        if order == ABORTED and len(feedback.sequence) == 5:
            handle.abort()
            return Fibonacci.Result(sequence=feedback.sequence)
        feedback.sequence.append((feedback.sequence[-1] + feedback.sequence[-2]) % 10000)
        handle.publish_feedback(feedback)
        time.sleep(PERIOD_S)
    handle.succeed()
    return Fibonacci.Result(sequence=feedback.sequence)


def main():
    rclpy.init()
    node = rclpy.create_node("action_server")
    servers = [
        ActionServer(
            node,
            Fibonacci,
            name,
            execute,
            goal_callback=goal_callback,
            cancel_callback=on_cancel,
            callback_group=ReentrantCallbackGroup(),
            result_timeout=result_timeout,
        )
        for name, goal_callback, result_timeout in (
            ("parallel", decide, 60),
            ("brief", decide, 1),
            ("slow_to_answer", decide_slowly, 60),
        )
    ]
    print("ready", len(servers), flush=True)
    rclpy.spin(node, MultiThreadedExecutor(16))


main()
