"""Calls /add_two_ints without a pause and has a goal in flight while the board gets another app: what it saw, as JSON."""
import json
import sys
import threading
import time

import rclpy
from example_interfaces.action import Fibonacci
from example_interfaces.srv import AddTwoInts
from rclpy.action import ActionClient

STATUS = {4: "succeeded", 5: "canceled", 6: "aborted"}


def spin_until(node, condition, limit_s=20.0):
    end = time.monotonic() + limit_s
    while not condition() and time.monotonic() < end:
        rclpy.spin_once(node, timeout_sec=0.05)
    return condition()


def main():
    rclpy.init()
    node = rclpy.create_node("deploy_caller")
    client = node.create_client(AddTwoInts, "add_two_ints")
    action = ActionClient(node, Fibonacci, "fibonacci")
    assert client.wait_for_service(30.0) and action.wait_for_server(30.0)
    sent = action.send_goal_async(Fibonacci.Goal(order=40))
    assert spin_until(node, sent.done) and sent.result().accepted
    result = sent.result().get_result_async()
    print("ready", flush=True)
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    answers, lost, gone = [], 0, 0
    while not stop.is_set():
        future = client.call_async(AddTwoInts.Request(a=1, b=2))
        if not spin_until(node, future.done, 5.0):
            lost += 1
            continue
        if not answers or answers[-1] != future.result().sum:
            answers.append(future.result().sum)
            print(f"answer {answers[-1]}", flush=True)
        gone += not client.service_is_ready()
    ended = spin_until(node, result.done)
    fresh = action.send_goal_async(Fibonacci.Goal(order=3))
    again = spin_until(node, fresh.done) and fresh.result().accepted
    last = fresh.result().get_result_async() if again else None
    done = again and spin_until(node, last.done)
    print(json.dumps({
        "answers": answers, "lost": lost, "gone": gone,
        "goal": STATUS.get(result.result().status) if ended else None,
        "next_goal": list(last.result().result.sequence) if done else None,
        "services": [name for name, _ in node.get_service_names_and_types_by_node("minimal_service", "/")],
        "visible": sorted(name for name in node.get_node_names() if not name.startswith("_")),
    }), flush=True)
    rclpy.shutdown()


main()
