"""add_two_ints_client.py COUNT: calls /add_two_ints COUNT times, one call after the other. One JSON line at the end, times in
milliseconds. It waits with spin_once: with spin_until_future_complete each call of a process takes longer than the one
before, which after some hundred calls is all that would be measured."""
import json
import sys
import time

import rclpy
from example_interfaces.srv import AddTwoInts
from rclpy.executors import SingleThreadedExecutor

count = int(sys.argv[1])
rclpy.init()
node = rclpy.create_node("bench_client")
client = node.create_client(AddTwoInts, "add_two_ints")
executor = SingleThreadedExecutor()
executor.add_node(node)
if not client.wait_for_service(timeout_sec=30):
    sys.exit("no service add_two_ints within 30 s")

lost, wrong, latencies = 0, [], []
for i in range(count):
    begin = time.monotonic()
    future = client.call_async(AddTwoInts.Request(a=i, b=1))
    while not future.done() and time.monotonic() - begin < 10:
        executor.spin_once(timeout_sec=1)
    if not future.done():
        lost += 1
        continue
    latencies.append(1000 * (time.monotonic() - begin))
    if future.result().sum != i + 1:
        wrong.append([i, future.result().sum])

latencies.sort()
print(json.dumps({
    "lost": lost, "wrong": wrong,
    "median_ms": latencies[len(latencies) // 2] if latencies else None,
    "p99_ms": latencies[int(len(latencies) * 0.99)] if latencies else None,
}), flush=True)
