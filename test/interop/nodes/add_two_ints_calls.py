"""add_two_ints_calls.py COUNT SEED [SERVICE [PAUSE]]: calls a service of type AddTwoInts COUNT times, one after the other, with
random int64 values and the ends of the range first. One JSON line at the end: found_s, calls, lost, wrong, latencies.
After each request it does nothing for PAUSE seconds, as a busy program.
A call without an answer within 10 s counts as lost; the sum is int64 arithmetic that wraps, as the type says."""
import json
import random
import sys
import time

import rclpy
from example_interfaces.srv import AddTwoInts

count, seed = int(sys.argv[1]), int(sys.argv[2])
name = sys.argv[3] if len(sys.argv) > 3 else "add_two_ints"
pause = float(sys.argv[4]) if len(sys.argv) > 4 else 0.0
LOW, HIGH = -(2**63), 2**63 - 1


def wrap(value):
    return (value - LOW) % 2**64 + LOW


rclpy.init()
node = rclpy.create_node("add_two_ints_calls")
client = node.create_client(AddTwoInts, name)
start = time.monotonic()
if not client.wait_for_service(timeout_sec=30):
    sys.exit(f"no service {name} within 30 s")
found = time.monotonic() - start

rng = random.Random(seed)
edges = [(0, 0), (HIGH, 0), (LOW, 0), (HIGH, LOW), (HIGH, 1), (LOW, -1), (-1, 1)]
lost, wrong, latencies = 0, [], []
for i in range(count):
    a, b = edges[i] if i < len(edges) else (rng.randint(LOW, HIGH), rng.randint(LOW, HIGH))
    begin = time.monotonic()
    future = client.call_async(AddTwoInts.Request(a=a, b=b))
    time.sleep(pause)
    # Not spin_until_future_complete: each use of it makes the next ones slower.
    while not future.done() and time.monotonic() - begin < 10:
        rclpy.spin_once(node, timeout_sec=1)
    if not future.done():
        lost += 1
        continue
    latencies.append(time.monotonic() - begin)
    if future.result().sum != wrap(a + b):
        wrong.append([a, b, future.result().sum])

latencies.sort()
print(json.dumps({
    "found_s": round(found, 3), "calls": count, "lost": lost, "wrong": wrong,
    "median_ms": round(1000 * latencies[len(latencies) // 2], 3) if latencies else None,
    "p99_ms": round(1000 * latencies[int(len(latencies) * 0.99)], 3) if latencies else None,
    "max_ms": round(1000 * latencies[-1], 3) if latencies else None,
}), flush=True)
